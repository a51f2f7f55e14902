from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading.pdfs import BOMBS, ENCRYPTED, pdf

from watcher.model import FetchError, Reading, Reason
from watcher.reading import passages
from watcher.reading.extraction import DocumentSelector
from watcher.reading.pdf import MAX_PAGES
from watcher.reading.pool import Reader
from watcher.reading.results import Part

URL = "https://city.example/personnel"
LONG = "The commission met on Tuesday and took note of the resignations of the officers who are named below"


def read(body: str | bytes, known: Reading | None = None, within: str = "") -> Part:
    data = body.encode() if isinstance(body, str) else body
    prints = known.memory.fingerprints if known else frozenset()
    extract = DocumentSelector(within=within)
    return passages.read(data, url=URL, content_type="text/html", known=prints, extract=extract)


def titles(body: str | bytes, known: Reading | None = None, within: str = "") -> list[str]:
    return [entry.title for entry in read(body, known, within).reading.entries]


def refusal(body: str | bytes, within: str = "") -> tuple[Reason, str]:
    with pytest.raises(FetchError) as caught:
        read(body, within=within)
    return caught.value.reason, caught.value.detail


def page(*rows: str, around: str = "") -> str:
    table = "".join(f"<tr><td>{row.replace('|', '</td><td>')}</td></tr>" for row in rows)
    return f"<html><title>Personnel</title><body>{around}<main><h1>Separations</h1><table>{table}</table></main></body>"


def test_each_paragraph_and_each_row_is_an_entry() -> None:
    body = "<html><title>Notice</title><p>One.</p><p>Two <b>bold</b>.<br>Three.</p><ul><li>a<li>b</ul><p>17</p></html>"
    reading = read(body).reading
    assert [entry.title for entry in reading.entries] == ["Notice", "One.", "Two bold.", "Three.", "a", "b"]
    assert (reading.title, reading.total) == ("Notice", 6)
    assert {entry.link for entry in reading.entries} == {URL}


def test_a_line_more_is_an_entry_more_wherever_it_stands() -> None:
    before = read(page("Officer A | resigned", "Officer C | retired")).reading
    after = page("Officer A | resigned", "Officer B | resigned", "Officer C | retired")
    assert titles(after, before) == ["Officer B resigned"]
    assert titles(page("Officer C | retired", "Officer A |  resigned"), before) == []


def test_what_stands_twice_is_one_entry() -> None:
    reading = read(page("Officer A | resigned", "Officer A | resigned")).reading
    assert (len(reading.entries), reading.total) == (2, 2)
    assert not any(entry.guid_shared for entry in reading.entries)


def test_what_is_around_the_main_part_is_left_out() -> None:
    around = "<nav>Home</nav><header>City</header><footer>Today is Tuesday</footer><script>x()</script>"
    assert titles(page("Officer A", around=around)) == ["Separations", "Officer A"]
    assert titles(f"<body>{around}<p>One.</p></body>") == ["One."]


def test_a_selector_says_which_part_counts() -> None:
    body = page("Officer A", around="<div id=note>One.</div>")
    assert titles(body, within="table, #note") == ["One.", "Officer A"]
    detail = "within: '.list' finds nothing in an HTML page titled 'Personnel'"
    assert refusal(body, within=".list") == (Reason.SELECTOR, detail)


def test_a_long_passage_is_called_by_how_it_begins() -> None:
    (entry,) = read(f"<p>{LONG} {LONG}</p>").reading.entries
    assert entry.title.startswith("The commission met on Tuesday")
    assert entry.title.endswith(" …")
    assert len(entry.title) <= 152
    assert entry.text == f"{LONG} {LONG}"


def test_passages_of_a_pdf_know_their_page_and_lines_that_go_on_are_one() -> None:
    first = pdf(
        ["Personnel notices", f"{LONG},", "as the law requires.", "Officer A   resigned", "- 1 -"], ["Officer B"]
    )
    reading = read(first).reading
    assert [(entry.title[:20], entry.link) for entry in reading.entries] == [
        ("Personnel notices", f"{URL}#page=1"),
        (LONG[:20], f"{URL}#page=1"),
        ("Officer A resigned", f"{URL}#page=1"),
        ("Officer B", f"{URL}#page=2"),
    ]
    assert "below, as the law requires." in (reading.entries[1].text or reading.entries[1].title)
    assert titles(pdf(["Officer A resigned", "Officer D"], ["Officer B"]), reading) == ["Officer D"]


def test_a_numbered_point_of_an_agenda_goes_on_where_the_next_line_has_no_number() -> None:
    agenda = pdf(
        ["C. MANAGEMENT", "1. Transfer of Two Officers of the Minneapolis Police", "Department to Federal Service",
         "2. Approval of Healthcare Plans and Rates for Calendar", "3. Adjournment", "IV. REPORTS", "Chief"]
    )  # fmt: skip
    assert titles(agenda) == [
        "C. MANAGEMENT",
        "1. Transfer of Two Officers of the Minneapolis Police Department to Federal Service",
        "2. Approval of Healthcare Plans and Rates for Calendar",
        "3. Adjournment",
        "IV. REPORTS",
        "Chief",
    ]


def test_only_the_first_pages_of_a_pdf_without_end_are_read_and_that_is_said() -> None:
    reading = read(pdf(*([f"Officer {number}"] for number in range(MAX_PAGES + 1)))).reading
    assert (reading.total, reading.complete) == (MAX_PAGES, False)
    assert reading.damaged == f"only the first {MAX_PAGES} of {MAX_PAGES + 1} pages were read"


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        (ENCRYPTED, Reason.DAMAGED, "text could not be read: it is encrypted"),
        (pdf([]), Reason.DAMAGED, "text could not be read: there is none, only pictures"),
        (b"", Reason.NOT_A_FEED, "not a page but an empty document"),
        (b"<html><title>Just a moment...</title>", Reason.BLOCKED, "a page that refuses or asks for proof"),
        (b"<html><h2>Portal</h2><input type=password></html>", Reason.BLOCKED, "a form to sign in"),
    ],
)
def test_what_cannot_be_read_is_never_an_empty_document(body: bytes, reason: Reason, detail: str) -> None:
    assert refusal(body) == (reason, detail)


def test_a_field_for_a_password_in_a_corner_is_no_wall() -> None:
    rows = [f"Officer {letter}" for letter in "ABCDEF"]
    assert len(titles(page(*rows).replace("<main>", "<main><input type=password>"))) == 7


@given(st.lists(st.text(st.characters(categories=["L", "Zs"]), min_size=1, max_size=300), max_size=20), st.data())
def test_adding_a_row_adds_at_most_that_row(rows: list[str], data: Any) -> None:
    before = read(page(*rows)).reading
    place = data.draw(st.integers(0, len(rows)))
    added = [*rows[:place], "something entirely new", *rows[place:]]
    assert titles(page(*added), before) == ["something entirely new"]


def test_a_reading_process_gives_the_same(reader: Reader) -> None:
    for body in (page("Officer A").encode(), pdf(["Officer A"], ["Officer B"])):
        there = reader.read_part(
            "document", body, url=URL, content_type="text/html", known=frozenset(), extract=DocumentSelector()
        )
        assert there == read(body)


@pytest.mark.scenario("P9")
@pytest.mark.parametrize("kind", ["huge count", "cut short", "nested arrays"])
def test_a_bomb_is_an_error_and_not_an_empty_document(kind: str, reader: Reader) -> None:
    with pytest.raises(FetchError):
        reader.read_part(
            "document", BOMBS[kind], url=URL, content_type="", known=frozenset(), extract=DocumentSelector()
        )

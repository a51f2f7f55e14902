"""The text of articles, and the pages that stand where an article should be."""

from __future__ import annotations

import contextlib
import gzip
import json
from pathlib import Path

import pytest

from watcher.model import FetchError, Reason
from watcher.reading import article
from watcher.reading.pool import Reader
from watcher.reading.process import Limits
from watcher.reading.results import Article

SENTENCE = "Two officers of the Minneapolis police resigned and were sworn in elsewhere, records show. "
SECOND = "A second paragraph, with the names of both. " * 3
NAVIGATION = "<nav><ul>" + "<li><a href='/x'>Subscribe to read, sign in, cookies</a></li>" * 9 + "</ul></nav>"


def paged(*paragraphs: str, head: str = "<title>Officers leave</title>", around: str = NAVIGATION) -> bytes:
    main = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<!DOCTYPE html><html><head>{head}</head><body>{around}<article>{main}</article></body></html>".encode()


def read(page: bytes, content_type: str = "text/html") -> Article:
    return article.read(page, url="https://paper.example.org/1", content_type=content_type)


def test_the_text_is_the_article_without_what_stands_around_it(reader: Reader) -> None:
    page = paged(SENTENCE * 3, SECOND)
    found = reader.read_article(page, url="https://paper.example.org/1", content_type="text/html")
    assert found.title == "Officers leave"
    assert found.text.split("\n\n") == [(SENTENCE * 3).strip(), SECOND.strip()]
    assert found.blocked == ""


def test_a_page_is_read_in_the_encoding_its_answer_names() -> None:
    page = paged("Größe und Maß der Beamten, die zurücktraten. " * 5).decode().encode("cp1252")
    assert "Größe" in read(page, "text/html; charset=windows-1252").text


def test_comments_of_readers_are_no_part_of_it() -> None:
    comments = "<div id='comments' class='comments'><p>ICE hired them all, my cousin says so.</p></div>"
    page = paged(SENTENCE * 5).replace(b"</body>", comments.encode() + b"</body>")
    assert "cousin" not in read(page).text


ATTACHED = """
<a href="/files/agenda.pdf?v=2#page=2">Agenda <b>packet</b></a> <a href="/files/agenda.pdf?v=2">again</a>
<a href="View.ashx?M=A&amp;ID=1&amp;GUID=x">Agenda</a> <a href="View.ashx?M=IC&amp;ID=1">Calendar</a>
<a href="/AgendaCenter/ViewFile/Agenda/_01202026-3"></a> <a href="/DocumentCenter/View/12/Staff">Staff list</a>
<a href="AgendaViewer.php?view_id=2&amp;event_id=3">Agenda</a> <a href="/x" type="application/pdf">Typed</a>
<a href="/view/6e75bde2" data-file-name="notes.pdf">Notes</a> <a href="/get?f=1">Minutes (PDF)</a>
<a href="/get?f=list.pdf&amp;v=1">List</a> <a href="/about.html">About</a> <a href="javascript:x.pdf">No</a> <a>None</a>
"""


def test_documents_that_a_page_links_to_are_named() -> None:
    page = paged(SENTENCE * 3).replace(b"</article>", f"{ATTACHED}</article><footer>{ATTACHED}?</footer>".encode())
    found = article.read(page, url="https://city.example.org/events/1", content_type="text/html").attached
    assert [(document.name, document.url) for document in found] == [
        ("Agenda packet", "https://city.example.org/files/agenda.pdf?v=2"),
        ("Agenda", "https://city.example.org/events/View.ashx?M=A&ID=1&GUID=x"),
        ("_01202026-3", "https://city.example.org/AgendaCenter/ViewFile/Agenda/_01202026-3"),
        ("Staff list", "https://city.example.org/DocumentCenter/View/12/Staff"),
        ("Agenda", "https://city.example.org/events/AgendaViewer.php?view_id=2&event_id=3"),
        ("Typed", "https://city.example.org/x"),
        ("Notes", "https://city.example.org/view/6e75bde2"),
        ("Minutes (PDF)", "https://city.example.org/get?f=1"),
        ("List", "https://city.example.org/get?f=list.pdf&v=1"),
    ]


def test_documents_that_a_footer_links_to_are_none_of_the_page() -> None:
    page = paged(SENTENCE * 3).replace(b"</article>", b"</article><footer><a href=/privacy.pdf>Privacy</a></footer>")
    assert read(page).attached == ()


def test_a_page_of_which_only_its_documents_say_something_names_them() -> None:
    page = paged(around="").replace(b"</article>", b"<a href=/agenda.pdf></a></article>")
    assert [document.name for document in read(page).attached] == ["agenda.pdf"]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("capture", "names"),
    [
        ("cuya_county_council_detail", ["Agenda", "Minutes", "Legislation"]),
        (
            "cle_transit_meeting",
            ["2024-07-30Board&CmtPackage.pdf", "2024-07-30Presentations.pdf", "2024-07-30CompensationMinutes.pdf"],
        ),
        ("cuya_personnel_review_commission_detail", []),
    ],
)
def test_the_papers_of_real_meetings_are_found(shared_data: Path, capture: str, names: list[str]) -> None:
    page = (shared_data / "city" / "city-scrapers-cle" / f"{capture}.html").read_bytes()
    assert [document.name for document in read(page).attached] == names


OBSTACLES = {
    "a form to consent": paged("We value your privacy. We and our partners store data.", around=""),
    "a page of scripts": paged("Please enable JavaScript to view this page.", around=""),
    "a form to sign in": paged("Sign in", around="<form><input type='password'></form>"),
    "no article": paged(around=""),
    "Cloudflare's challenge": b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>",
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_what_stands_in_the_place_of_an_article_is_named_and_gives_no_text(obstacle: str) -> None:
    found = read(OBSTACLES[obstacle])
    assert (found.blocked, found.text) == (obstacle, "")


PAID = '<script type="application/ld+json">{"isAccessibleForFree": false}</script>'


@pytest.mark.parametrize(
    "page",
    [
        paged(SENTENCE * 2, "Subscribe to continue reading this story.", around=""),
        paged(SENTENCE * 2, "Already a subscriber? Sign in.", around=""),
        paged(SENTENCE * 2, head=PAID),
    ],
)
def test_what_a_paywall_gives_away_is_read_and_said_to_be_a_beginning(page: bytes) -> None:
    found = read(page)
    assert found.blocked == "a paywall"
    assert "officers of the Minneapolis police" in found.text


@pytest.mark.parametrize(
    "page",
    [
        paged(SENTENCE * 3, "The council wants cookies accepted, and enabled JavaScript, at city hall. " * 12),
        paged(*[f"{number}: {SENTENCE * 3}" for number in range(12)], "Subscribe to continue reading.", head=PAID),
        paged(SENTENCE * 3),
    ],
)
def test_an_article_is_no_obstacle_whatever_it_is_about(page: bytes) -> None:
    assert read(page).blocked == ""


@pytest.mark.parametrize("body", [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", b'{"a": 1}', b"", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_page_is_said_to_be_what_it_is(body: bytes) -> None:
    with pytest.raises(FetchError) as refused:
        read(body)
    assert refused.value.reason is Reason.NOT_A_FEED


@pytest.mark.scenario("P2")
@pytest.mark.parametrize(
    "body",
    [b"<div>" * 200_000, b"<p>a" * 300_000, b"<html><table>" + b"<tr><td>" * 50_000, b"<a href=" + b"x" * 2_000_000],
)
def test_a_hostile_page_costs_no_more_than_the_limits_and_the_next_is_read(body: bytes) -> None:
    reader = Reader(1, limits=Limits(seconds=5, cpu=4))
    try:
        with contextlib.suppress(FetchError):
            reader.read_article(b"<html>" + body, url="https://paper.example.org/1", content_type="text/html")
        assert reader.read_article(paged(SENTENCE * 3), url="https://paper.example.org/1", content_type="").text
    finally:
        reader.close()


def test_articles_of_the_benchmark_are_found(shared_data: Path, reader: Reader) -> None:
    folder = shared_data / "articles" / "article-extraction-benchmark"
    truths = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    shares = []
    for name, truth in list(truths.items())[:20]:
        page = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        found = reader.read_article(page, url=truth["url"], content_type="text/html").text.split()
        wanted = truth["articleBody"].split()
        shares.append(len(set(found) & set(wanted)) / len(set(found) | set(wanted)))
    assert sum(shares) / len(shares) > 0.9

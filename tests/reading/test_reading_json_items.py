from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from watcher.model import Entry, FetchError, Reason
from watcher.reading import json_items
from watcher.reading.extraction import JsonExpressions
from watcher.reading.pool import Reader
from watcher.reading.results import Part

URL = "https://api.example/v1/items?page=1"
EXPRESSIONS = {"items": "items", "key": "id", "title": "name"}


def read(document: Any, known: frozenset[bytes] = frozenset(), **expressions: Any) -> Part:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    extract = JsonExpressions(**EXPRESSIONS | expressions)
    return json_items.read(body, url=URL, content_type="application/json", known=known, extract=extract)


def one(item: dict[str, Any], **expressions: Any) -> Entry:
    return read({"items": [{"id": 1, "name": "one"} | item]}, **expressions).reading.entries[0]


def refusal(document: Any, **expressions: Any) -> tuple[Reason, str]:
    with pytest.raises(FetchError) as caught:
        read(document, **expressions)
    return caught.value.reason, caught.value.detail


def test_an_item_is_read_as_the_expressions_say() -> None:
    item = {
        "by": {"name": "Ann"},
        "at": "2026-01-20T12:00:00",
        "says": "<p>One.</p><p>Two &amp; three.</p>",
        "in": ["a", "b"],
    }
    entry = one(item, author="by.name", date="at", text="says", filed_under='"in"', timezone="America/Chicago")
    assert (entry.guid, entry.title, entry.author) == ("1", "one", "Ann")
    assert entry.published == datetime(2026, 1, 20, 18, tzinfo=UTC)
    assert (entry.text, entry.tags) == ("One.\n\nTwo & three.", ("a", "b"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Chief&#39;s &rsquo;memo&rsquo;", "Chief's ’memo’"),
        ("<b>Chief</b>  leaves", "Chief leaves"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        ("a\u0000b\ncd", "ab cd"),
        (17, "17"),
    ],
)
def test_texts_are_plain(written: object, read: str) -> None:
    assert one({"name": written}).title == read


def test_several_texts_are_joined_and_what_says_nothing_is_left_out() -> None:
    item = {"a": "first", "b": None, "c": "", "d": False, "e": ["second", {"x": 1}, "first"]}
    assert one(item, title="[a, b, c, d, e]", text="[a, b, e]").title == "first, second"
    assert one(item, text="[a, b, e]").text == "first\n\nsecond"


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("path", "https://api.example/news/1"),
        ("[bad, path]", "https://api.example/news/1"),
        ("bad", ""),
        ("https://www.example/{kind}/{id}", "https://www.example/a%2Fb%20c/1"),
        ("/{id}", "https://api.example/1"),
        ("https://www.example/{id}/{agenda}", ""),
        ("https://www.example/{missing}", ""),
    ],
)
def test_links_are_found_or_made(link: str, leads_to: str) -> None:
    item = {"path": "/news/1", "bad": "javascript:alert(1)", "kind": "a/b c", "agenda": 0}
    assert one(item, link=[link]).link == leads_to
    assert one(item, link=["bad", link, "/elsewhere"]).link == (leads_to or "https://api.example/elsewhere")


def test_a_day_and_a_time_that_stand_apart_are_one_moment() -> None:
    item = {"day": "2026-07-28T00:00:00", "time": "1:30 PM"}
    entry = one(item, title="[name, when([day, time])]", date="[day, time]", timezone="America/Chicago")
    assert entry.published == datetime(2026, 7, 28, 18, 30, tzinfo=UTC)
    assert entry.title == "one, 2026-07-28 13:30"


def test_a_function_that_cannot_work_with_an_item_finds_nothing_in_it() -> None:
    entries = read({"items": [{"id": 1, "name": "one"}, {"id": 2, "name": 2}]}, text="join(', ', name)").reading.entries
    assert [(entry.title, entry.text) for entry in entries] == [("one", ""), ("2", "")]


def test_what_is_known_is_left_out() -> None:
    first = read({"items": [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}]}).reading
    second = read({"items": [{"id": 1, "name": "one"}, {"id": 2, "name": "TWO"}]}, first.memory.fingerprints).reading
    assert [entry.title for entry in second.entries] == ["TWO"]
    assert (second.total, second.skipped) == (2, frozenset({first.entries[0].fingerprint}))


def test_keys_that_several_items_share_are_marked() -> None:
    entries = read({"items": [{"id": 1, "name": "one"}, {"id": 1, "name": "two"}]}).reading.entries
    assert all(entry.guid_shared for entry in entries)


@pytest.mark.parametrize(("count", "meant"), [(12, 12), ("269000", 269000), ("many", None), (None, None), (-1, None)])
def test_the_count_and_where_it_goes_on_are_told(count: object, meant: int | None) -> None:
    part = read({"items": [], "n": count, "more": "?page=2"}, count="n", next="more")
    assert (part.count, part.next) == (meant, "https://api.example/v1/items?page=2")


@pytest.mark.parametrize("more", [None, "", "javascript:x", 3, {"a": 1}])
def test_what_is_no_address_leads_nowhere(more: object) -> None:
    assert read({"items": [], "more": more}, next="more").next == ""


def test_an_empty_list_is_no_error_here() -> None:
    assert read({"items": []}).reading.total == 0


@pytest.mark.parametrize("document", [{}, {"items": {"a": 1}}, {"data": []}, [], "x", None, 3])
def test_where_there_is_no_list_the_selector_finds_nothing(document: object) -> None:
    reason, detail = refusal(document)
    assert reason is Reason.SELECTOR
    assert detail.startswith("items: 'items' finds no list; there is ")


@pytest.mark.parametrize("gone", ["key", "title"])
def test_what_every_item_should_have_and_none_has_is_said(gone: str) -> None:
    reason, detail = refusal({"items": [{"id": 1, "name": "one"}] * 3}, **{gone: "moved"})
    assert (reason, detail) == (Reason.SELECTOR, f"{gone}: 'moved' finds nothing in any of 3 items")


def test_dates_that_nobody_can_read_are_said_and_cost_nothing() -> None:
    reading = read({"items": [{"id": 1, "name": "one", "at": "soon"}]}, date="at").reading
    assert ([entry.title for entry in reading.entries], reading.damaged) == (
        ["one"],
        "date: 'at' finds no date in any item",
    )


@pytest.mark.scenario("Z12")
@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        (b"", Reason.NOT_A_FEED, "not JSON but an empty document"),
        (b"<html><title>News</title>", Reason.NOT_A_FEED, "not JSON but an HTML page titled 'News'"),
        (b"<html><title>Just a moment...</title>", Reason.BLOCKED, "a page that refuses or asks for proof"),
        (b"%PDF-1.7", Reason.NOT_A_FEED, "not JSON but a PDF document"),
        (b"Please limit requests to one every 5 seconds", Reason.THROTTLED, "it answers: 'Please limit"),
        (b"The specified phrase is too short.", Reason.REFUSED, "it answers: 'The specified phrase is too short.'"),
        (b'{"items": [{"id": 1', Reason.DAMAGED, "JSON that cannot be read: "),
        (b'{"items": ' + b"1" * 5000 + b"}", Reason.DAMAGED, "JSON that cannot be read: "),
        (b'\x00{"items": []}', Reason.REFUSED, "it answers: "),  # taken for UTF-16, which it is not
        (b'{"items": ' + b"[" * 100_000, Reason.HOSTILE, "JSON nested too deeply"),
    ],
)
def test_what_is_no_json_is_said(body: bytes, reason: Reason, detail: str) -> None:
    found, words = refusal(body)
    assert found is reason
    assert words.startswith(detail)


def test_json_that_is_not_utf8_costs_a_character() -> None:
    assert read(b'{"items": [{"id": 1, "name": "caf\xe9"}]}').reading.entries[0].title == "caf�"
    assert read('{"items": [{"id": 1, "name": "café"}]}'.encode("utf-16")).reading.entries[0].title == "café"
    assert read(b"\xef\xbb\xbf" + b'{"items": [{"id": 1, "name": "a"}]}').reading.entries[0].title == "a"


def test_a_reading_process_gives_the_same(reader: Reader) -> None:
    body = json.dumps({"items": [{"id": 1, "name": "one", "at": "August 7, 2026"}], "more": "/2"}).encode()
    extract = JsonExpressions(**EXPRESSIONS, date="at", next="more", timezone="Pacific/Honolulu")
    there = reader.read_part("json", body, url=URL, content_type="", known=frozenset(), extract=extract)
    assert there == json_items.read(body, url=URL, content_type="", known=frozenset(), extract=extract)
    assert there.reading.entries[0].published == datetime(2026, 8, 7, 10, tzinfo=UTC)

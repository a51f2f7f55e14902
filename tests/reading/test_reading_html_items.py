from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from watcher.model import FetchError, Reason
from watcher.reading import attached, html_items
from watcher.reading.extraction import PageSelectors
from watcher.reading.pool import Reader
from watcher.reading.process import Limits
from watcher.reading.results import Part

URL = "https://city.example/news/index.html"
SELECTORS: dict[str, Any] = {
    "item": "li",
    "title": [("a", "")],
    "link": [("a[href]", "")],
    "key": [],
    "date": [],
    "summary": [],
    "next": [],
    "timezone": "America/Chicago",
    "must_find": True,
}


def read(
    markup: str | bytes, content_type: str = "text/html", known: frozenset[bytes] = frozenset(), **selectors: Any
) -> Part:
    body = markup if isinstance(markup, bytes) else markup.encode()
    extract = PageSelectors.from_json(SELECTORS | selectors)
    return html_items.read(body, url=URL, content_type=content_type, known=known, extract=extract)


def refusal(markup: str | bytes, **selectors: Any) -> tuple[Reason, str]:
    with pytest.raises(FetchError) as caught:
        read(markup, **selectors)
    return caught.value.reason, caught.value.detail


def test_items_are_found_with_what_stands_in_them() -> None:
    markup = """
    <title>News of the city</title>
    <ul><li id="n1"><a href="../a?x=1&amp;y=2">Chief <b>leaves</b></a> <time datetime="2026-01-20T12:00">today</time>
        <p>One &amp; two.</p><p>Three.</p></li>
        <li id="n2"><a href="//other.example/b">Second</a> <time>August 7, 2026</time></li></ul>"""
    reading = read(markup, key=[("", "id")], date=[("time", "")], summary=[("p", "")]).reading
    first, second = reading.entries
    assert (first.guid, first.title, first.link) == ("n1", "Chief leaves", "https://city.example/a?x=1&y=2")
    assert (first.summary, first.published) == ("One & two.\n\nThree.", datetime(2026, 1, 20, 18, tzinfo=UTC))
    assert (second.link, second.published) == ("https://other.example/b", datetime(2026, 8, 7, 5, tzinfo=UTC))
    assert (reading.total, reading.title, reading.damaged) == (2, "News of the city", "")


ROWS = """<nav><a href=/all.pdf>All</a></nav><table>
    <tr class=m><td>January 7<td><a href="/docs/agenda.pdf#page=1"> Agenda </a> <a href=docs/agenda.pdf></a>
        <a href="/AgendaCenter/ViewFile/Minutes/_01072026-6"> <img alt="Minutes"></a> <a href=/map>Map</a></tr>
    <tr class=m><td>January 21<td><a href="/docs/packet.PDF?v=2"><img></a></tr>
    <tr class=m><td>February 4<td>No papers yet <a href="javascript:void(0)">agenda.pdf</a></tr></table>"""


def test_an_item_has_the_documents_that_its_own_row_links_to_where_they_are_wanted() -> None:
    selectors: dict[str, Any] = {"item": "tr.m", "title": [("td", "")]}
    rows = [entry.attached for entry in read(ROWS, attached=True, **selectors).reading.entries]
    agenda, minutes = "https://city.example/docs/agenda.pdf", "https://city.example/AgendaCenter/ViewFile/Minutes/"
    assert [[(paper.url, paper.name) for paper in row] for row in rows] == [
        [(agenda, "Agenda"), ("https://city.example/news/docs/agenda.pdf", "agenda.pdf"),
         (f"{minutes}_01072026-6", "Minutes")],
        [("https://city.example/docs/packet.PDF?v=2", "packet.PDF")],
        [],
    ]  # fmt: skip
    assert not any(entry.attached for entry in read(ROWS, **selectors).reading.entries)


def test_an_item_that_is_a_link_to_a_document_has_that_document() -> None:
    (entry,) = read("<a class=m href=/a.pdf>Agenda</a>", item="a.m", title=[("", "")], attached=True).reading.entries
    assert [paper.url for paper in entry.attached] == ["https://city.example/a.pdf"]


def test_of_a_row_without_end_so_many_documents_are_named() -> None:
    links = "".join(f"<a href=/{number}.pdf>{number}</a>" for number in range(100))
    (entry,) = read(f"<li>{links}</li>", attached=True).reading.entries
    assert len(entry.attached) == attached.MAX_ATTACHED


def test_what_a_script_sorts_by_is_not_read_unless_a_selector_names_it() -> None:
    markup = '<li><a href=/1>A</a> <b><span class="key" style="display: none">1772550000</span> March 3, 2026</b></li>'
    assert read(markup, title=[("b", "")]).reading.entries[0].title == "March 3, 2026"
    assert read(markup, title=[("span.key", "")]).reading.entries[0].title == "1772550000"


def test_an_attribute_may_hold_what_is_wanted() -> None:
    markup = '<li data-on="4/9/2026" class="a b"><a href="/1" title="the whole title">the wh…</a></li>'
    entry = read(markup, title=[("a", "title")], date=[("", "data-on")], key=[("", "class")]).reading.entries[0]
    assert (entry.title, entry.guid, entry.published) == ("the whole title", "a b", datetime(2026, 4, 9, 5, tzinfo=UTC))


def test_parts_of_a_title_and_of_a_date_are_put_together() -> None:
    markup = "<table><tr><td>Board</td><td>5/19/2026</td><td>1:30 PM</td></tr></table>"
    parts = [("td:nth-of-type(2)", ""), ("td:nth-of-type(3)", "")]
    entry = read(markup, item="tr", title=[("td", ""), *parts], date=parts, summary=[("", "")]).reading.entries[0]
    assert entry.title == "Board, 5/19/2026, 1:30 PM"
    assert entry.published == datetime(2026, 5, 19, 18, 30, tzinfo=UTC)
    assert entry.summary == "Board 5/19/2026 1:30 PM"


def test_links_are_relative_to_what_the_page_says_and_lead_to_the_web_only() -> None:
    base = '<base href="/archive/"><li><a href="javascript:x">a</a><a href="1.html">b</a></li>'
    assert read(base).reading.entries[0].link == "https://city.example/archive/1.html"


def test_what_nobody_sees_is_not_read() -> None:
    markup = "<li><a>one<script>track()</script><style>p{}</style><!-- two --></a></li>"
    assert read(markup).reading.entries[0].title == "one"


def test_the_next_page_is_told() -> None:
    markup = '<li><a>one</a></li><nav><a class="next" href="?page=2">more</a></nav>'
    assert read(markup, next=[("a.next", "")]).next == "https://city.example/news/index.html?page=2"
    assert read(markup, next=[("a.older", "")]).next == ""


def test_what_is_known_is_left_out() -> None:
    first = read("<li><a>one</a></li><li><a>two</a></li>").reading
    second = read("<li><a>new</a></li><li><a>one</a></li><li><a>two</a></li>", known=first.memory.fingerprints).reading
    assert ([entry.title for entry in second.entries], second.total) == (["new"], 3)


@pytest.mark.parametrize(
    ("markup", "content_type"),
    [
        ("<li><a>café</a></li>".encode("latin-1"), "text/html; charset=iso-8859-1"),
        ("<meta charset='windows-1252'><li><a>café</a></li>".encode("cp1252"), ""),
        ("<li><a>café</a></li>".encode(), "text/html; charset=nonsense"),
        ("<li><a>café</a></li>".encode(), "text/html; charset=us-ascii"),
        ("<li><a>café</a></li>".encode("utf-8-sig"), ""),
        (b"<?xml version='1.0' encoding='utf-8'?><html><li><a>caf\xc3\xa9</a></li></html>", ""),
    ],
)
def test_the_encoding_is_the_one_that_fits(markup: bytes, content_type: str) -> None:
    assert read(markup, content_type).reading.entries[0].title == "café"


def test_a_selector_that_finds_nothing_is_an_error_and_says_what_is_there() -> None:
    detail = "item: 'li' finds nothing in an HTML page titled 'News'"
    assert refusal("<html><title>News</title><p>new design") == (Reason.SELECTOR, detail)
    assert refusal("<li><b>one</b></li>" * 3) == (Reason.SELECTOR, "title: 'a' finds nothing in any of 3 items")
    by_attribute = {"title": [("a", "title"), ("b", "")]}
    assert refusal("<li><a>x</a></li>", **by_attribute)[1] == "title: 'a@title', 'b' finds nothing in any of 1 items"


def test_nothing_is_no_error_where_there_may_be_nothing() -> None:
    assert read("<html><title>News</title>", must_find=False).reading.total == 0


def test_dates_that_nobody_can_read_are_said_and_cost_nothing() -> None:
    reading = read("<li><a>one</a><time>soon</time></li>", date=[("time", "")]).reading
    assert (reading.total, reading.damaged) == (1, "date: 'time' finds no date in any item")


FORM = "<form><input type=password></form>"


@pytest.mark.parametrize("must_find", [True, False])
@pytest.mark.parametrize(
    ("markup", "detail"),
    [
        (f"<html><title>City portal</title>{FORM}", "a form to sign in"),
        (f"<html><title>Log in</title><li><a href=/help>Help</a></li>{FORM}", "a form to sign in"),
        ("<html><head><title>Just a moment...</title></head>", "a page that refuses or asks for proof"),
        ("<html><script>location='/?bm-verify=A'</script></html>", "Akamai's bot wall"),
    ],
)
def test_a_wall_is_no_empty_page(markup: str, detail: str, must_find: bool) -> None:
    assert refusal(markup, must_find=must_find) == (Reason.BLOCKED, detail)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "not a page but an empty document"),
        (b"%PDF-1.7", "not a page but a PDF document"),
        (b'{"items": []}', "not a page but text that begins with '{\"items\": []}'"),
    ],
)
def test_what_is_no_page_is_said(body: bytes, detail: str) -> None:
    assert refusal(body) == (Reason.NOT_A_FEED, detail)


BOMBS = {
    "depth": b"<div>" * 300_000 + b"<li><a>one</a></li>",
    "inline depth": b"<li><a>one" + b"<b>" * 300_000,
    "items": b"<li><a>one</a></li>" * 100_000,
    "attributes": b"<li " + b" ".join(b"a%d=1" % number for number in range(200_000)) + b"><a>one</a></li>",
    "entities": b"<li><a>" + b"&amp;" * 1_000_000 + b"</a></li>",
    "open tags": b"<" * 2_000_000 + b"<li><a>one</a></li>",
    "comments": b"<!--" * 500_000 + b"--><li><a>one</a></li>",
}


@pytest.fixture(scope="module")
def hasty() -> Iterator[Reader]:
    """A reading process with little time."""
    pool = Reader(1, limits=Limits(seconds=2, cpu=1))
    pool.alive()
    yield pool
    pool.close()


@pytest.mark.scenario("P2")
@pytest.mark.parametrize("kind", BOMBS)
def test_a_page_made_to_cost_much_costs_no_more_than_allowed(kind: str, hasty: Reader) -> None:
    began = time.monotonic()
    with contextlib.suppress(FetchError):
        hasty.read_part(
            "page", BOMBS[kind], url=URL, content_type="", known=frozenset(), extract=PageSelectors.from_json(SELECTORS)
        )
    assert time.monotonic() - began < 8
    assert hasty.alive()

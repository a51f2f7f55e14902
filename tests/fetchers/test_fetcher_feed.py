from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from watcher.fetchers import KINDS, FetcherTools
from watcher.fetchers.feed import FeedOptions
from watcher.fetchers.validators import MAX_TTL
from watcher.model import Entry, FetchError, Memory, Reading, Reason, Source
from watcher.reading.pool import Reader
from watcher.reading.results import Part
from watcher.web import Response, Web

SOURCE = Source(id="paper", kind="feed", url="https://paper.example/feed", options=FeedOptions())
ENTRY = Entry(guid="1", title="one", fingerprint=bytes(16))
READING = Reading(entries=(ENTRY,), memory=Memory(fingerprints=frozenset({bytes(16)})), total=1, title="Paper")
KNOWN = Memory(etag=b'"old"', last_modified=b"Mon", body_hash=sha256(b"body").digest(), fingerprints=frozenset({b"f"}))


def response(**fields: Any) -> Response:
    usual: dict[str, Any] = {
        "status": 200,
        "url": SOURCE.url,
        "headers": ((b"Content-Type", b"application/rss+xml"),),
        "body": b"body",
        "etag": None,
        "last_modified": None,
        "hold": None,
        "fetched_at": datetime(2026, 1, 20, 12, tzinfo=UTC),
    }
    return Response(**usual | fields)


@dataclass
class FakeWeb:
    answer: Response
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get(self, url: str, **how: Any) -> Response:
        self.asked.append({"url": url} | how)
        return self.answer


@dataclass
class FakeReader:
    answer: Reading = READING
    given: list[dict[str, Any]] = field(default_factory=list)

    def read_feed(self, body: bytes, **how: Any) -> Reading:
        self.given.append({"body": body} | how)
        return self.answer

    def read_part(self, kind: str, body: bytes, **how: Any) -> Part:
        raise AssertionError("a feed is one document")


def fetch(answer: Response, memory: Memory | None = None, reader: FakeReader | None = None) -> tuple[Reading, FakeWeb]:
    web = FakeWeb(answer)
    fetcher = KINDS["feed"].make(FetcherTools(web=web, reader=reader or FakeReader()))
    return fetcher.fetch(SOURCE, memory or Memory()), web


def test_the_validators_are_echoed_as_they_came() -> None:
    _, web = fetch(response(status=304), KNOWN)
    assert (web.asked[0]["etag"], web.asked[0]["last_modified"]) == (b'"old"', b"Mon")


def test_a_first_visit_brings_entries_and_what_to_remember() -> None:
    reader = FakeReader()
    reading, web = fetch(response(etag=b'W/"caf\xe9"', last_modified=b"Tue"), reader=reader)
    assert (reading.entries, reading.title, reading.total) == ((ENTRY,), "Paper", 1)
    assert reading.memory == Memory(
        etag=b'W/"caf\xe9"',
        last_modified=b"Tue",
        body_hash=sha256(b"body").digest(),
        fingerprints=READING.memory.fingerprints,
    )
    assert (web.asked[0]["etag"], web.asked[0]["last_modified"]) == (None, None)
    assert reader.given == [
        {"body": b"body", "url": SOURCE.url, "content_type": "application/rss+xml", "known": frozenset()}
    ]


def test_a_304_keeps_what_is_known() -> None:
    reading, _ = fetch(response(status=304, body=b"", hold=timedelta(minutes=5)), KNOWN)
    assert reading == Reading(memory=KNOWN, unchanged=True, hold=timedelta(minutes=5))


def test_a_304_renews_the_validators_it_brings() -> None:
    reading, _ = fetch(response(status=304, body=b"", etag=b'"new"'), KNOWN)
    assert reading.memory == replace(KNOWN, etag=b'"new"')


def test_the_same_body_is_not_read_but_its_validators_replace_the_old_ones() -> None:
    reader = FakeReader()
    reading, _ = fetch(response(etag=b'"new"'), KNOWN, reader)
    assert reading == Reading(memory=replace(KNOWN, etag=b'"new"', last_modified=None), unchanged=True)
    assert reader.given == []


def test_what_is_known_is_told_to_the_reader() -> None:
    reader = FakeReader()
    fetch(response(body=b"another"), KNOWN, reader)
    assert reader.given[0]["known"] == KNOWN.fingerprints


def test_relative_links_are_relative_to_where_the_answer_came_from() -> None:
    reader = FakeReader()
    fetch(response(url="https://moved.example/feed"), reader=reader)
    assert reader.given[0]["url"] == "https://moved.example/feed"


NOTHING = FakeReader(Reading(memory=Memory(), total=0))


@pytest.mark.scenario("P6")
def test_a_feed_that_shows_nothing_where_it_showed_something_is_an_error() -> None:
    with pytest.raises(FetchError, match="may_be_empty: true") as caught:
        fetch(response(body=b"empty"), KNOWN, NOTHING)
    assert caught.value.reason is Reason.EMPTY


def test_a_feed_that_never_showed_anything_may_be_empty() -> None:
    assert fetch(response(body=b"empty"), reader=NOTHING)[0].total == 0


def test_the_feed_of_a_search_may_be_empty_if_that_is_written() -> None:
    search = replace(SOURCE, options=FeedOptions(may_be_empty=True))
    reading = (
        KINDS["feed"].make(FetcherTools(web=FakeWeb(response(body=b"empty")), reader=NOTHING)).fetch(search, KNOWN)
    )
    assert reading.memory.body_hash == sha256(b"empty").digest()


def test_a_permanent_redirect_is_passed_on_whether_or_not_there_is_anything_new() -> None:
    there = "https://paper.example/new"
    assert fetch(response(moved_to=there))[0].moved_to == there
    assert fetch(response(status=304, moved_to=there), KNOWN)[0].moved_to == there
    assert fetch(response(moved_to=there), KNOWN)[0].moved_to == there


def test_a_damaged_feed_gives_its_entries_and_is_asked_for_in_full_again() -> None:
    damaged = replace(READING, damaged="line 3: mismatched tag")
    reading, _ = fetch(response(body=b"x", etag=b'"new"', last_modified=b"Tue"), KNOWN, FakeReader(damaged))
    assert (reading.entries, reading.damaged) == ((ENTRY,), "line 3: mismatched tag")
    assert reading.memory == Memory(fingerprints=READING.memory.fingerprints)


@pytest.mark.parametrize(
    ("asked", "ttl", "hold"),
    [
        (None, None, None),
        (timedelta(minutes=5), None, timedelta(minutes=5)),
        (None, timedelta(minutes=30), timedelta(minutes=30)),
        (timedelta(minutes=5), timedelta(minutes=30), timedelta(minutes=30)),
        (timedelta(hours=6), timedelta(minutes=30), timedelta(hours=6)),
        (None, timedelta(days=1), MAX_TTL),
        (timedelta(0), None, None),
    ],
)
def test_the_longer_hold_counts(asked: timedelta | None, ttl: timedelta | None, hold: timedelta | None) -> None:
    reading, _ = fetch(response(hold=asked), reader=FakeReader(replace(READING, hold=ttl)))
    assert reading.hold == hold


@pytest.fixture
def real_tools() -> Iterator[FetcherTools]:
    web = Web(
        user_agent="watcher-test",
        clock=lambda: datetime(2026, 1, 20, tzinfo=UTC),
        allow_private=("127.0.0.1",),
        spacing=timedelta(0),
    )
    reader = Reader(1)
    yield FetcherTools(web=web, reader=reader)
    web.close()
    reader.close()


def test_a_real_feed_over_a_real_network_is_read_once(httpserver: HTTPServer, real_tools: FetcherTools) -> None:
    item = "<item><guid>1</guid><title>one</title><link>/1</link></item>"
    page = "<rss version='2.0'><channel><title>Paper</title>{}</channel></rss>"
    httpserver.expect_request("/feed").respond_with_data(
        page.format(item), content_type="text/xml", headers={"ETag": '"a"'}
    )
    fetcher, source = KINDS["feed"].make(real_tools), replace(SOURCE, url=httpserver.url_for("/feed"))
    first = fetcher.fetch(source, Memory())
    assert [(entry.title, entry.link) for entry in first.entries] == [("one", httpserver.url_for("/1"))]
    assert first.memory.etag == b'"a"'
    assert fetcher.fetch(source, first.memory).unchanged
    assert httpserver.log[-1][0].headers["If-None-Match"] == '"a"'

    httpserver.clear()
    more = item + "<item><guid>2</guid><title>two</title></item>"
    httpserver.expect_request("/feed").respond_with_data(page.format(more), content_type="text/xml")
    second = fetcher.fetch(source, first.memory)
    assert [entry.title for entry in second.entries] == ["two"]
    assert (second.total, second.skipped) == (2, first.memory.fingerprints)


@pytest.mark.scenario("P5")
def test_a_page_where_a_feed_was_changes_nothing(httpserver: HTTPServer, real_tools: FetcherTools) -> None:
    httpserver.expect_request("/feed").respond_with_data("<html><title>Sign in</title>", content_type="text/html")
    source = replace(SOURCE, url=httpserver.url_for("/feed"))
    with pytest.raises(FetchError) as caught:
        KINDS["feed"].make(real_tools).fetch(source, KNOWN)
    assert (caught.value.reason, caught.value.detail) == (Reason.NOT_A_FEED, "an HTML page titled 'Sign in'")

"""How a feed is asked for over a real network, through days of standing time: once in full, then only for changes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from conftest import StandingClock
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from world import CLAIM, FakeFetcher, World

from storage import items, sources
from storage.database import Database, StorageError
from watcher.fetchers.feed import FeedFetcher
from watcher.fetchers.fetcher import FetcherTools
from watcher.model import Memory, Reading, Source
from watcher.pipeline.pools import Pool
from watcher.reading.pool import Reader
from watcher.web import Web

ITEM = "<item><guid>{0}</guid><link>https://paper.example.org/{0}</link><title>{1}</title></item>"


class Feed:
    """A feed that keeps to the rules of conditional requests, and a log of how it was asked."""

    def __init__(self) -> None:
        self.titles = ["Council meets", "Budget passed"]
        self.version = 1
        self.asked: list[tuple[str | None, str | None]] = []
        self.frozen = False
        """Says that nothing changed to whoever has any validator."""
        self.cut = False
        """Breaks off in the middle."""
        self.refusal: Response | None = None
        self.channel = ""
        """What else the feed says of itself."""

    @property
    def validators(self) -> tuple[str, str]:
        return f'W/"v{self.version} ,x"', f"Tue, 20 Jan 2026 12:00:{self.version:02} GMT"

    def answer(self, request: Request) -> Response:
        validators = request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")
        self.asked.append(validators)
        if self.refusal is not None:
            return self.refusal
        etag, modified = self.validators
        headers = {"ETag": etag, "Last-Modified": modified}
        if validators == (etag, modified) or (self.frozen and any(validators)):
            return Response(status=304, headers=headers)
        items = "".join(ITEM.format(title.replace(" ", "-"), title) for title in self.titles)
        body = f"<rss version='2.0'><channel><title>News</title>{self.channel}{items}</channel></rss>"
        return Response(body[: len(body) * 6 // 10] if self.cut else body, headers=headers)


@pytest.fixture
def feed(httpserver: HTTPServer) -> Feed:
    made = Feed()
    httpserver.expect_request("/feed").respond_with_handler(made.answer)
    return made


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    pool = Reader(1)
    yield pool
    pool.close()


@pytest.fixture
def world(database: Database, clock: StandingClock, httpserver: HTTPServer, reader: Reader, feed: Feed) -> World:
    return opened(database, clock, httpserver, reader)


def opened(database: Database, clock: StandingClock, httpserver: HTTPServer, reader: Reader) -> World:
    """A service on this database that reads the feed as the real one does."""
    source = f"{{id: paper, kind: feed, url: '{httpserver.url_for('/feed')}', every: 1h, keeps: all, text_from: feed}}"
    world = World(database, clock, files={"sources.yaml": f"sources:\n  - {source}\n", "claims/ice.yaml": CLAIM})
    web = Web(user_agent="watcher", clock=clock, allow_private=["127.0.0.1"], spacing=timedelta(0))
    world.pipeline.fetchers = {**world.pipeline.fetchers, "feed": FeedFetcher(FetcherTools(web=web, reader=reader))}
    return world


def test_in_two_days_a_feed_is_asked_for_in_full_once_and_its_last_validators_are_echoed(
    world: World, feed: Feed
) -> None:
    given: list[tuple[str, str]] = []
    for number in range(48):
        if number == 10:
            feed.version += 1  # somebody touched the file
        if number == 20:
            feed.titles.append("Officers left for ICE")
            feed.version += 1
        world.step(hours=1.2)
        given.append(feed.validators)
    assert len(feed.asked) == 48
    assert feed.asked[0] == (None, None)
    assert feed.asked[1:] == given[:-1], "the last pair there was, to the letter, also after a change of it alone"
    assert world.kinds() == ["digest", "alert"]


def test_a_restart_asks_for_changes_only(
    world: World, feed: Feed, database: Database, clock: StandingClock, httpserver: HTTPServer, reader: Reader
) -> None:
    world.step()
    opened(database, clock, httpserver, reader).step(hours=1.2)
    assert feed.asked == [(None, None), feed.validators]


def test_what_was_received_and_never_committed_is_asked_for_again_with_the_old_validators(
    world: World, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.step()
    old = feed.validators
    feed.titles.append("Officers left for ICE")
    feed.version += 1

    def power_cut(*_: object) -> None:
        raise StorageError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(sources, "settle_poll", power_cut)
        with pytest.raises(StorageError):
            world.step(hours=1.2)
    world.step(minutes=2)
    assert feed.asked[1:] == [old, old]
    world.step(hours=1.2)
    assert world.kinds() == ["digest", "alert"], "once"


def test_a_document_that_breaks_off_is_no_state_to_go_on_from(world: World, feed: Feed) -> None:
    feed.titles = [f"Officers left for ICE {number}" for number in range(8)]
    world.step()
    old = feed.validators
    feed.cut, feed.version = True, 2
    for _ in range(3):
        world.step(hours=1.2)
    assert old not in feed.asked[2:] or feed.asked[-1] == (None, None)
    assert all(asked != feed.validators for asked in feed.asked), "what belongs to half a document is not kept"
    with world.database.read() as connection:
        kept = items.not_removed(connection, world.source("paper").id)
    assert [row.missing_since for row in kept] == [None] * 8, "nothing was removed, or is about to be"
    feed.cut = False
    for _ in range(2):
        world.step(hours=5)
    assert world.kinds() == ["digest"], "nothing was removed, and nothing is new"


def test_a_server_that_always_says_nothing_changed_is_asked_in_full_within_a_week(world: World, feed: Feed) -> None:
    world.step()
    feed.frozen = True
    feed.titles.append("Officers left for ICE")
    found, began = None, world.clock()
    while found is None and world.clock() - began < timedelta(days=9):
        world.step(hours=6)
        found = world.clock() if "alert" in world.kinds() else None
    assert found is not None
    assert found - began <= timedelta(days=7, hours=6)
    assert feed.asked.count((None, None)) == 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "hours"),
    [
        ("5", 1),
        (timedelta(hours=9), 9),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1),
        ("1000000000000", 24),
        ("soon", 1),
    ],
    ids=["seconds", "date ahead", "date long past", "for ever", "a word"],
)
def test_nobody_is_asked_before_the_time_they_asked_for_not_even_after_a_restart(
    status: int,
    retry_after: str | timedelta,
    hours: int,
    world: World,
    feed: Feed,
    database: Database,
    clock: StandingClock,
    httpserver: HTTPServer,
    reader: Reader,
) -> None:
    if isinstance(retry_after, timedelta):
        retry_after = format_datetime(datetime.now(UTC) + retry_after, usegmt=True)
    world.step()
    feed.refusal = Response(status=status, headers={"Retry-After": retry_after})
    world.step(hours=1.2)
    world = opened(database, clock, httpserver, reader)
    world.step(hours=hours - 0.2)
    assert len(feed.asked) == 2
    world.step(hours=max(2.2, hours / 5))
    assert len(feed.asked) == 3, "and soon after it"


def test_hours_at_which_a_feed_asks_to_be_left_alone_are_remembered_where_nothing_changes(
    world: World, feed: Feed
) -> None:
    feed.channel = f"<skipHours>{''.join(f'<hour>{hour}</hour>' for hour in range(13, 21))}</skipHours>"
    for _ in range(24 * 12):
        world.step(minutes=10)
        if len(feed.asked) > 1 and world.clock().hour in range(13, 21):
            polled_at = world.source("paper").last_poll_at
            assert polled_at is not None
            assert polled_at.hour not in range(13, 21)
    assert len(feed.asked) > 20


# ------------------------------------------------------------------------------------------------ after a long sleep

HERD, HOSTS, THREADS = 500, 100, 8


class Crowd(FakeFetcher):
    """Counts who is there at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self.inside: Counter[str] = Counter()
        self.most, self.most_of_a_host = 0, 0

    def fetch(self, source: Source, memory: Memory) -> Reading:
        host = source.url.split("/")[2]
        with self._lock:
            self.inside[host] += 1
            self.most = max(self.most, self.inside.total())
            self.most_of_a_host = max(self.most_of_a_host, self.inside[host])
        time.sleep(0.001)
        try:
            return super().fetch(source, memory)
        finally:
            with self._lock:
                self.inside[host] -= 1


def test_after_a_long_sleep_every_source_is_polled_once_and_there_is_no_herd(
    database: Database, clock: StandingClock
) -> None:
    lines = "".join(
        f"  - {{id: s{number}, kind: fake, url: 'https://h{number % HOSTS}.example.org/{number}', every: 1h}}\n"
        for number in range(HERD)
    )
    world = World(
        database, clock, files={"sources.yaml": f"sources:\n{lines}", "claims/ice.yaml": CLAIM}, fetcher=Crowd()
    )
    world.pipeline.polls = Pool("poll", THREADS)
    began = clock()
    for _ in range(2_000):
        world.pipeline.tick()
        if len(world.fetcher.visits) >= HERD and not any(pool.in_hand() for pool in world.pipeline.pools):
            break
        clock.advance(seconds=1)
        time.sleep(0.005)
    world.pipeline.polls.close()
    visited = Counter(name for name, _ in world.fetcher.visits)
    assert len(visited) == HERD
    assert set(visited.values()) == {1}
    assert isinstance(world.fetcher, Crowd)
    assert world.fetcher.most_of_a_host == 1
    assert world.fetcher.most <= THREADS
    assert clock() - began < timedelta(minutes=30)
    with database.read() as connection:
        due = [row.next_poll_at for row in sources.polled(connection)]
    assert max(due) - min(due) > timedelta(minutes=5), "they do not stay together"

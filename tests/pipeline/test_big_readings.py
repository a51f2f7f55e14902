"""Readings of more than is stored at once: what happens between their batches."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from conftest import StandingClock
from floods import growth
from sqlalchemy import select
from structlog.testing import capture_logs
from world import CLAIM, World, read_once, story, transfer

from storage import items, leases, outbox
from storage.database import Connection, Database
from storage.fair_lock import FairLock
from storage.leases import SOURCES, StaleLease
from storage.tables import source
from watcher.model import FetchError, Memory, Reading, Reason, Source
from watcher.pipeline.pipeline import LEASE

PORTION = 5
OLD = [story(number) for number in range(2, 42)]
NEWS = [transfer(number) for number in range(100, 120)]
PORTIONS = (len(OLD) + len(NEWS)) // PORTION


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def watched(database: Database, clock: StandingClock) -> World:
    """A paper that has shown many items, stored in batches."""
    world = read_once(database, clock)
    world.pipeline.findings_per_transaction = PORTION
    world.show("paper", *OLD)
    world.step(minutes=12)
    assert world.kinds() == []
    return world


def before_transaction(
    number: int,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    happen: Callable[[], None],
    source_id: str = "paper",
) -> None:
    """Let something happen once, before the so-manyth transaction after a source was fetched."""
    fetch, write = world.fetcher.fetch, world.database.write
    writes = count(1)

    def fetched(source: Source, memory: Memory) -> Reading:
        nonlocal writes
        if source.id == source_id:
            writes = count(1)
            monkeypatch.setattr(world.database, "write", counted)
        return fetch(source, memory)

    def counted() -> AbstractContextManager[Connection]:
        if next(writes) == number:
            monkeypatch.setattr(world.database, "write", write)
            monkeypatch.setattr(world.fetcher, "fetch", fetch)
            happen()
        return write()

    monkeypatch.setattr(world.fetcher, "fetch", fetched)


def announce(world: World) -> None:
    world.digests.announce(world.pipeline.live.rulebook)


def kill() -> None:
    raise Killed


def start_again(world: World) -> None:
    with world.database.write() as connection:
        leases.void_all(connection, now=world.clock())
    world.step(seconds=1)
    hand_over(world)


def waits(world: World) -> bool:
    with world.database.read() as connection:
        return outbox.counts(connection).keys() != {"sent"}


def stored(world: World) -> int:
    with world.database.read() as connection:
        return items.count(connection)


def hand_over(world: World) -> None:
    """Tick until everything is sent; a destination is handed one message at a time."""
    while waits(world):
        world.pipeline.tick()


def times_told(world: World) -> Counter[str]:
    """How often each alert was sent, by its title."""
    assert set(world.kinds()) == {"alert"}
    return Counter(envelope.message.data["data"]["item"]["title"] for envelope in world.sent)


@pytest.mark.scenario("D14", "D5")
@pytest.mark.parametrize("number", [1, 2, PORTIONS - 1, PORTIONS])
def test_a_crash_between_batches_loses_no_alert_and_repeats_none(
    watched: World, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before_transaction(number, watched, monkeypatch, kill)
    watched.show("paper", *NEWS, *OLD)
    with pytest.raises(Killed):
        watched.step(minutes=12)
    start_again(watched)
    assert times_told(watched) == Counter(entry.title for entry in NEWS)
    watched.step(minutes=12)
    assert len(watched.sent) == len(NEWS)


@pytest.mark.scenario("I10")
@pytest.mark.parametrize("numbers", [(2,), (3,), (4,), (3, 2), (2, 2, 2)])
def test_a_flood_that_crashes_interrupt_is_one_digest_still(
    watched: World, monkeypatch: pytest.MonkeyPatch, numbers: Sequence[int]
) -> None:
    watched.show("paper", *NEWS)
    for number in numbers:
        before_transaction(number, watched, monkeypatch, kill)
        with pytest.raises(Killed):
            watched.step(minutes=12)
        watched.clock.advance(minutes=2)  # as long as a lease lasts, and longer
        watched.digests.tell_floods(watched.pipeline.live.rulebook)
    start_again(watched)
    assert watched.kinds() == ["digest"]
    assert f"{len(NEWS)} items matched" in watched.sent[0].message.text


@pytest.mark.scenario("D14")
def test_the_digest_of_a_flood_waits_until_all_of_it_is_stored(watched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before_transaction(3, watched, monkeypatch, lambda: watched.digests.tell_floods(watched.pipeline.live.rulebook))
    watched.show("paper", *NEWS)
    watched.step(minutes=12)
    hand_over(watched)
    assert watched.kinds() == ["digest"]


@pytest.mark.scenario("I1")
def test_a_first_reading_that_is_interrupted_is_one_digest_still(
    database: Database, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(database, clock)
    world.pipeline.findings_per_transaction = PORTION
    before_transaction(3, world, monkeypatch, kill)
    world.show("paper", *NEWS)
    with pytest.raises(Killed):
        world.step()
    start_again(world)
    assert world.kinds() == ["digest"]
    assert f"would have alerted {len(NEWS)} times" in world.sent[0].message.text


def test_what_a_source_had_already_is_told_when_all_of_it_is_stored(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.files["sources.yaml"] += watched.files["sources.yaml"].splitlines()[-1].replace("paper", "late") + "\n"
    watched.go_live(watched.load())
    watched.fetcher.faults["late"] = FetchError(Reason.TIMEOUT, "did not answer")
    watched.step()
    del watched.fetcher.faults["late"]
    watched.show("late", *NEWS)
    before_transaction(3, watched, monkeypatch, lambda: announce(watched), source_id="late")
    watched.step(minutes=30)
    hand_over(watched)
    assert watched.kinds() == ["digest"]


@pytest.mark.scenario("D14")
def test_a_worker_that_loses_the_lease_between_batches_writes_nothing_more(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose() -> None:
        watched.clock.advance(minutes=5)
        now = watched.clock()
        with watched.database.write() as connection:
            assert leases.lease(connection, SOURCES, now=now, until=now, limit=9), "somebody else took it"

    before = stored(watched)
    before_transaction(3, watched, monkeypatch, lose)
    watched.show("paper", *NEWS, *OLD)
    with pytest.raises(StaleLease):
        watched.step(minutes=12)
    assert stored(watched) == before + 2 * PORTION
    start_again(watched)
    assert times_told(watched) == Counter(entry.title for entry in NEWS)


@pytest.mark.scenario("R7")
@pytest.mark.parametrize("number", [1, 2, PORTIONS])
def test_rules_that_go_live_while_a_source_is_read_see_all_of_what_it_brings(
    watched: World, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def add_a_rule() -> None:
        watched.files["claims/ice.yaml"] = CLAIM.replace("unless:", "  hired:\n    when: 'sergeant*'\nunless:")
        watched.go_live(watched.load())

    news = [story(number, title=f"Sergeant {number} hired") for number in range(100, 120)]
    before_transaction(number, watched, monkeypatch, add_a_rule)
    watched.show("paper", *news, *OLD)
    with pytest.raises(StaleLease):
        watched.step(minutes=12)
    watched.step()
    hand_over(watched)
    with watched.database.read() as connection:
        hits = Counter(
            row.id
            for row in items.page(connection, after=0, limit=200)
            for match in items.matches_of(connection, row.id)
        )
    assert len(hits) == len(news)
    assert set(hits.values()) == {1}


def test_a_reading_is_judged_by_the_rules_it_was_begun_with(watched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = watched.fetcher.fetch

    def replace_the_rules_meanwhile(source: Source, memory: Memory) -> Reading:
        monkeypatch.setattr(watched.fetcher, "fetch", fetch)
        watched.files["claims/ice.yaml"] = CLAIM.replace("  transfer:", "  moved:")
        watched.go_live(watched.load())
        return fetch(source, memory)

    watched.show("paper", transfer(100), *OLD[:2])
    monkeypatch.setattr(watched.fetcher, "fetch", replace_the_rules_meanwhile)
    with capture_logs() as logged, pytest.raises(StaleLease):
        watched.step(minutes=12)
    assert "an error in watcher" not in [each["event"] for each in logged]
    watched.step()
    assert times_told(watched) == {transfer(100).title: 1}
    assert watched.source("paper").failures == 0


def test_rules_that_are_saved_again_and_again_keep_no_source_from_being_read(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.show("paper", *NEWS, *OLD)
    for _ in range(leases.QUARANTINE_AFTER + 1):
        before_transaction(1, watched, monkeypatch, lambda: watched.go_live(watched.load()))
        with pytest.raises(StaleLease):
            watched.step(minutes=12)
    watched.step()
    hand_over(watched)
    assert len(watched.sent) == len(NEWS)


@pytest.mark.scenario("D14")
def test_between_batches_what_is_stored_is_delivered(watched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile: list[tuple[int, int]] = []

    def tick() -> None:
        watched.pipeline.tick()
        meanwhile.append((stored(watched) - before, len(watched.sent)))

    before = stored(watched)
    before_transaction(2, watched, monkeypatch, tick)
    watched.show("paper", *NEWS, *OLD)
    watched.step(minutes=12)
    hand_over(watched)
    assert meanwhile == [(PORTION, 1)], "a destination is handed one message at a time"
    assert times_told(watched) == Counter(entry.title for entry in NEWS)


@pytest.mark.scenario("D14")
def test_the_lease_is_held_anew_with_each_batch(watched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    until = []

    def look() -> None:
        with watched.database.read() as connection:
            paper = select(source.c.leased_until).where(source.c.name == "paper")
            until.append(connection.execute(paper).scalar_one())

    before_transaction(3, watched, monkeypatch, look)
    fetch = watched.fetcher.fetch

    def slowly(source: Source, memory: Memory) -> Reading:
        reading = fetch(source, memory)
        watched.clock.advance(seconds=50)
        return reading

    monkeypatch.setattr(watched.fetcher, "fetch", slowly)
    watched.show("paper", *NEWS, *OLD)
    watched.step(minutes=12)
    assert until == [watched.clock() + LEASE]


@pytest.mark.scenario("D14")
def test_nobody_writes_twice_while_somebody_waits() -> None:
    turn, order = FairLock(), []

    def wait_for_a_turn() -> None:
        with turn:
            order.append("who waited")

    other = threading.Thread(target=wait_for_a_turn)
    with turn:
        other.start()
        patience = time.monotonic() + 10
        while not turn._next.locked() and time.monotonic() < patience:
            time.sleep(0.001)
    with turn:
        order.append("who wrote")
    other.join()
    assert order == ["who waited", "who wrote"]


@pytest.mark.slow
@pytest.mark.scenario("D14")
def test_the_alerts_of_a_big_reading_are_not_held_in_memory(tmp_path: Path, own_process: Callable[..., Any]) -> None:
    assert own_process(growth, tmp_path, 600) < 600 * 5_000

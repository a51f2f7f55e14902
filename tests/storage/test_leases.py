"""Leases: work is handed out once, and whoever is late writes nothing."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from conftest import StandingClock

from storage import leases, outbox, sources
from storage.database import Database
from storage.leases import DELIVERIES, SOURCES, Queue, StaleLease
from storage.poll_state import PollState

MINUTE = timedelta(minutes=1)


def want(name: str, host: str = "") -> sources.Wanted:
    host = host or f"{name}.example.org"
    return sources.Wanted(name=name, kind="feed", url=f"https://{host}/{name}", host=host, enabled=True)


@pytest.fixture
def three_sources(database: Database, clock: StandingClock) -> Database:
    with database.write() as connection:
        sources.sync(connection, [want("a"), want("b"), want("c", host="a.example.org")], now=clock())
    return database


def lease(database: Database, clock: StandingClock, limit: int = 10, queue: Queue = SOURCES) -> list[leases.Lease]:
    with database.write() as connection:
        return leases.lease(connection, queue, now=clock(), until=clock() + MINUTE, limit=limit)


def test_due_rows_are_leased_once_and_one_a_host(three_sources: Database, clock: StandingClock) -> None:
    assert len(lease(three_sources, clock)) == 2
    assert lease(three_sources, clock) == []


def test_no_more_rows_than_asked_for_are_leased(three_sources: Database, clock: StandingClock) -> None:
    assert len(lease(three_sources, clock, limit=1)) == 1


@pytest.mark.scenario("D10")
def test_no_road_gets_more_than_its_share_however_many_lanes_it_has(database: Database, clock: StandingClock) -> None:
    crowd = [("mail", f"{number}@example.org") for number in range(6)]
    with database.write() as connection:
        new = outbox.NewMessage(kind="alert", subject="s", text="t", html="h", data={})
        outbox.add(connection, new, [*crowd, ("hook", "x")], now=clock())
    shared: list[list[str]] = []
    for _ in range(3):
        with database.write() as connection:
            held = leases.lease(connection, DELIVERIES, now=clock(), until=clock() + MINUTE, limit=10, share=4)
            shared.append(sorted(outbox.get(connection, one.id).channel for one in held))
            if not shared[1:]:
                outbox.settle_delivery(connection, held[0], {"state": "sent"})
    assert shared == [["hook", "mail", "mail", "mail", "mail"], ["mail"], []]


@pytest.mark.scenario("D9", "D10")
def test_a_destination_that_is_being_sent_to_has_no_second_message_and_others_have_their_first(
    database: Database, clock: StandingClock
) -> None:
    new = outbox.NewMessage(kind="alert", subject="s", text="t", html="h", data={})
    with database.write() as connection:
        for _ in range(3):
            outbox.add(connection, new, [("mail", "a@example.org"), ("mail", "b@example.org")], now=clock())
    first = lease(database, clock, queue=DELIVERIES)
    assert len(first) == 2
    assert lease(database, clock, queue=DELIVERIES) == []
    with database.write() as connection:
        outbox.settle_delivery(connection, first[0], {"state": "sent"})
        settled = outbox.get(connection, first[0].id).destination
    (again,) = lease(database, clock, queue=DELIVERIES)
    with database.read() as connection:
        assert outbox.get(connection, again.id).destination == settled


@pytest.mark.scenario("D9")
def test_after_an_outage_messages_go_out_by_their_age_and_not_by_when_they_were_last_tried(
    database: Database, clock: StandingClock
) -> None:
    new, tried = outbox.NewMessage(kind="alert", subject="s", text="t", html="h", data={}), [7, 3, 9, 5]
    for _ in tried:
        with database.write() as connection:
            outbox.add(connection, new, [("mail", "desk@example.org")], now=clock())
    for minutes in tried:
        (held,) = lease(database, clock, queue=DELIVERIES)
        with database.write() as connection:
            outbox.settle_delivery(connection, held, {"next_attempt_at": clock() + minutes * MINUTE})
    clock.advance(minutes=10)
    order = []
    for _ in tried:
        (held,) = lease(database, clock, queue=DELIVERIES)
        order.append(held.id)
        with database.write() as connection:
            outbox.settle_delivery(connection, held, {"state": "sent"})
    assert order == sorted(order)


def test_a_settled_row_is_not_due_before_its_time(database: Database, clock: StandingClock) -> None:
    with database.write() as connection:
        sources.sync(connection, [want("a")], now=clock())
    (held,) = lease(database, clock)
    with database.write() as connection:
        sources.settle_poll(connection, held, {"next_poll_at": clock() + 15 * MINUTE})
    clock.advance(minutes=14)
    assert lease(database, clock) == []
    clock.advance(minutes=1)
    assert [again.id for again in lease(database, clock)] == [held.id]


def test_a_lease_that_ran_out_goes_to_another_and_the_first_can_write_nothing(
    three_sources: Database, clock: StandingClock
) -> None:
    (late,) = lease(three_sources, clock, limit=1)
    clock.advance(minutes=2)
    again = next(one for one in lease(three_sources, clock) if one.id == late.id)
    assert again.token == late.token + 1
    with pytest.raises(StaleLease), three_sources.write() as connection:
        sources.settle_poll(connection, late, {"state": PollState.OK})
    with three_sources.read() as connection:
        assert sources.get(connection, late.id).state is PollState.NEW


def test_a_renewed_lease_does_not_run_out(three_sources: Database, clock: StandingClock) -> None:
    (held,) = lease(three_sources, clock, limit=1)
    clock.advance(seconds=50)
    with three_sources.write() as connection:
        leases.renew(connection, SOURCES, [held], until=clock() + MINUTE)
    clock.advance(seconds=50)
    assert held.id not in {one.id for one in lease(three_sources, clock)}


@pytest.mark.scenario("D11", "X1")
def test_a_row_that_never_settles_is_left_alone_ever_longer_up_to_an_hour_and_no_longer_once_it_has(
    database: Database, clock: StandingClock
) -> None:
    with database.write() as connection:
        sources.sync(connection, [want("a")], now=clock())
    for _ in range(leases.QUARANTINE_AFTER):
        (held,) = lease_and_crash(database, clock)
    for seconds in (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600):
        clock.advance(seconds=seconds - 1)
        assert lease(database, clock) == []
        clock.advance(seconds=1)
        (held,) = lease_and_crash(database, clock)
    clock.advance(hours=1)
    (held,) = lease(database, clock)
    with database.write() as connection:
        sources.settle_poll(connection, held, {"next_poll_at": clock()})
    assert len(lease(database, clock)) == 1


def lease_and_crash(database: Database, clock: StandingClock) -> list[leases.Lease]:
    held = lease(database, clock)
    with database.write() as connection:
        leases.void_all(connection, now=clock())
    return held


@pytest.mark.scenario("D5", "X1")
def test_a_start_takes_every_lease_back_and_calls_interrupted_sends_unknown(
    three_sources: Database, clock: StandingClock
) -> None:
    with three_sources.write() as connection:
        message = outbox.NewMessage(kind="alert", subject="s", text="t", html="", data={})
        outbox.add(connection, message, [("mail", "desk@example.org")], now=clock())
    (poll, *_), (sending,) = lease(three_sources, clock), lease(three_sources, clock, queue=DELIVERIES)
    with three_sources.write() as connection:
        leases.void_all(connection, now=clock())
    assert poll.id in {one.id for one in lease(three_sources, clock)}
    (again,) = lease(three_sources, clock, queue=DELIVERIES)
    assert again.token > sending.token
    with three_sources.read() as connection:
        assert outbox.get(connection, again.id).state == "unknown"


@pytest.mark.scenario("S12")
def test_two_workers_never_hold_one_row(database: Database, clock: StandingClock) -> None:
    with database.write() as connection:
        sources.sync(connection, [want(f"s{number}") for number in range(40)], now=clock())
    taken: list[leases.Lease] = []

    def work() -> None:
        for _ in range(10):
            taken.extend(lease(database, clock, limit=3))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == 40
    assert len({one.id for one in taken}) == 40

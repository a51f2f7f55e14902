"""What becomes of a message that is due: it is sent, sent again, or dead and told."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from conftest import StandingClock
from sqlalchemy import select
from world import FakeChannel, World, read_once, transfer

from storage import outbox
from storage.database import Database
from storage.tables import delivery, source
from watcher.model import DeliveryError, Reason
from watcher.pipeline.pools import Pool


@pytest.fixture
def watched(database: Database, clock: StandingClock) -> World:
    """Both sources read once; the first digest is out and forgotten."""
    return read_once(database, clock)


@pytest.mark.scenario("D1")
def test_a_receiver_that_asks_for_patience_has_it(watched: World) -> None:
    watched.channels["desk"].faults = [DeliveryError(Reason.THROTTLED, "429", retry_after=timedelta(hours=3))]
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    watched.step(minutes=170)
    assert watched.kinds() == []
    watched.step(minutes=11)
    assert watched.kinds() == ["alert"]


@pytest.mark.scenario("D4", "D6")
def test_what_may_have_arrived_is_unknown_and_goes_again_under_its_own_key(watched: World) -> None:
    desk = watched.channels["desk"]
    desk.faults = [DeliveryError(Reason.CONNECTION, "hung up before it answered", unacknowledged=True)]
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    with watched.database.read() as connection:
        (doubtful,) = outbox.listed(connection, states=("unknown",))
    watched.step(minutes=2)
    watched.step(hours=1)
    assert [(envelope.key, envelope.attempt) for envelope in desk.sent] == [(doubtful.key, 2)]


REFUSED = DeliveryError(Reason.REFUSED, "550 no such user", permanent=True)


def look_after(world: World, times: int = 1) -> None:
    for _ in range(times):
        world.health.check(world.pipeline.live.rulebook)
        world.step()


@pytest.mark.scenario("D2")
def test_a_dead_delivery_is_told_once_and_to_its_own_destination_only_where_there_is_no_other(
    database: Database, clock: StandingClock
) -> None:
    world = World(database, clock, channels={"desk": FakeChannel("desk"), "hook": FakeChannel("hook")})
    world.step()
    desk, hook = world.channels["desk"], world.channels["hook"]
    desk.faults = [REFUSED]
    world.show("paper", transfer(50))
    world.step(minutes=12)
    look_after(world, 3)
    assert [str(envelope.message.kind) for envelope in hook.sent] == ["digest", "alert", "health"]
    assert [str(envelope.message.kind) for envelope in desk.sent] == ["digest"]
    del world.channels["hook"]
    desk.faults = [REFUSED]
    world.show("paper", transfer(50), transfer(51))
    world.step(minutes=12)
    look_after(world, 3)
    assert [str(envelope.message.kind) for envelope in desk.sent] == ["digest", "health"]


@pytest.mark.scenario("D2")
def test_that_a_message_about_a_dead_one_is_dead_is_told_to_nobody(database: Database, clock: StandingClock) -> None:
    world = World(database, clock, channels={"desk": FakeChannel("desk"), "hook": FakeChannel("hook")})
    world.step()
    world.show("paper", transfer(50))
    world.channels["desk"].faults = [REFUSED]
    world.step(minutes=12)
    world.health.check(world.pipeline.live.rulebook)
    world.channels["hook"].faults = [REFUSED]
    look_after(world, 4)
    with database.read() as connection:
        dead = outbox.listed(connection, states=("dead",))
    assert sorted(row.kind for row in dead) == ["alert", "health"]
    assert "health" not in world.kinds()


@pytest.mark.scenario("D2")
def test_what_is_brought_back_has_its_whole_schedule_again_and_is_told_if_it_dies_again(
    database: Database, clock: StandingClock
) -> None:
    world = World(database, clock, channels={"desk": FakeChannel("desk"), "hook": FakeChannel("hook")})
    world.step()
    desk, hook = world.channels["desk"], world.channels["hook"]
    gone = DeliveryError(Reason.GONE, "410", permanent=True)
    desk.faults = [DeliveryError(Reason.CONNECTION, "refused")] * 2 + [gone]
    world.show("paper", transfer(50))
    for _ in range(4):
        world.step(minutes=12)
    look_after(world)
    with database.write() as connection:
        assert outbox.retry(connection, now=clock()) == 1
    desk.faults = [DeliveryError(Reason.CONNECTION, "refused")] * 2 + [gone]
    for _ in range(4):
        world.step(minutes=12)
        assert len(desk.sent) == 1, "only the digest"
    look_after(world)
    said = [envelope.message.data["data"].get("event") for envelope in hook.sent]
    assert said.count("delivery.dead") == 2
    with database.read() as connection:
        (dead,) = outbox.listed(connection, states=("dead",))
    assert dead.attempts == 3


@pytest.mark.scenario("D2")
def test_a_receiver_that_is_gone_is_asked_no_more_until_a_person_wants_it_and_all_is_kept(
    database: Database, clock: StandingClock
) -> None:
    world = World(database, clock, channels={"desk": FakeChannel("desk"), "hook": FakeChannel("hook")})
    world.step()
    desk, hook = world.channels["desk"], world.channels["hook"]
    gone = DeliveryError(Reason.GONE, "410", permanent=True)
    desk.faults = [gone] * 2
    for number in range(50, 53):
        world.show("paper", *(transfer(n) for n in range(50, number + 1)))
        world.step(minutes=12)
        look_after(world)
    assert desk.faults == [gone], "it was asked once"
    assert [str(envelope.message.kind) for envelope in hook.sent].count("alert") == 3
    desk.faults.clear()
    with database.write() as connection:
        first = min(row.id for row in outbox.listed(connection, states=("dead",)))
        assert outbox.retry(connection, now=clock(), delivery_id=first) == 1
    world.step(minutes=1)
    world.show("paper", *(transfer(n) for n in range(50, 54)))
    world.step(minutes=12)
    assert [str(envelope.message.kind) for envelope in desk.sent] == ["digest", "alert", "alert"], "it takes them again"
    with database.write() as connection:
        assert outbox.retry(connection, now=clock()) == 2
    world.step(minutes=1)
    world.step(minutes=1)
    assert len(desk.sent) == 5


@pytest.mark.scenario("D11")
def test_a_message_that_cannot_be_read_back_is_tried_as_any_and_holds_up_no_other(watched: World) -> None:
    poison = outbox.NewMessage(kind="of no kind", subject="", text="", html="", data={})
    with watched.database.write() as connection:
        outbox.add(connection, poison, [("desk", "desk@example.org")], now=watched.clock())
    watched.show("paper", transfer(50))
    for _ in range(5):
        watched.step(minutes=12)
    assert watched.kinds() == ["alert"]
    with watched.database.write() as connection:
        (dead,) = outbox.listed(connection, states=("dead",))
        assert (dead.kind, dead.reason) == ("of no kind", "internal error")
        assert outbox.retry(connection, now=watched.clock(), delivery_id=dead.id) == 1


@pytest.mark.scenario("D11")
def test_what_waits_for_a_channel_that_was_taken_out_of_the_settings_is_dead_and_says_so(watched: World) -> None:
    watched.channels["desk"].faults = [DeliveryError(Reason.CONNECTION, "refused")]
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    del watched.channels["desk"]
    watched.step(minutes=2)
    with watched.database.read() as connection:
        (dead,) = outbox.listed(connection, states=("dead",))
    assert dead.detail == "no channel is called 'desk' any more"


@pytest.mark.scenario("S3")
def test_without_room_no_source_and_no_page_is_read_and_what_waits_goes_out(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.channels["desk"].faults = [DeliveryError(Reason.CONNECTION, "refused")]
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    visits = len(watched.fetcher.visits)
    asked = len(watched.pages.asked)
    with monkeypatch.context() as full:
        full.setattr(Database, "is_short_of_room", lambda _: True)
        watched.step(hours=2)
        assert watched.kinds() == ["alert"]
        assert (len(watched.fetcher.visits), len(watched.pages.asked)) == (visits, asked)
    watched.step(minutes=1)
    assert len(watched.fetcher.visits) > visits
    assert len(watched.pages.asked) > asked


# ------------------------------------------------------------------------------------------------ the end


@pytest.mark.scenario("X2")
def test_at_the_end_polls_that_changed_nothing_are_written_down(watched: World) -> None:
    watched.clock.advance(minutes=12)
    watched.pipeline.tick()
    watched.pipeline.release()
    with watched.database.read() as connection:
        row = connection.execute(select(source).where(source.c.name == "paper")).one()
    assert (row.last_poll_at, row.leased_until) == (watched.clock(), None)


@pytest.mark.scenario("X2", "X1")
@pytest.mark.parametrize("keep", ["tick", "renew_leases"])
def test_what_is_being_sent_is_held_for_as_long_as_it_takes(watched: World, keep: str) -> None:
    goes_on, pool = threading.Event(), Pool("deliver", 2)
    watched.channels["desk"].send = lambda _: goes_on.wait(30)  # type: ignore[assignment,method-assign]
    watched.pipeline.deliveries = pool
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    for _ in range(3):
        watched.clock.advance(seconds=45)
        getattr(watched.pipeline, keep)()
        with watched.database.read() as connection:
            leased_until = connection.execute(
                select(delivery.c.leased_until).where(delivery.c.state == "pending")
            ).scalar_one()
        assert leased_until > watched.clock() + timedelta(seconds=30)
    goes_on.set()
    while pool.in_hand():
        time.sleep(0.01)
    pool.close()

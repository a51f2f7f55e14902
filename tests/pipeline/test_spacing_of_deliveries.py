"""What lies between two messages to one destination, where its service takes no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import StandingClock
from world import FakeChannel, World, story, transfer

from storage.database import Database
from watcher.model import DeliveryError, Reason


@pytest.fixture
def watched(database: Database, clock: StandingClock) -> World:
    """Two rooms of a chat service that takes two messages a minute, and a desk that takes what comes."""
    world = World(database, clock, channels={"chat": FakeChannel("chat", "one", "two"), "desk": FakeChannel("desk")})
    world.show("city", story(1))
    world.show("paper", story(2))
    world.step()
    world.channels["chat"].spacing = timedelta(seconds=30)
    for channel in world.channels.values():
        channel.sent.clear()
    return world


def received(world: World, destination: str) -> int:
    return sum(envelope.destination == destination for channel in world.channels.values() for envelope in channel.sent)


@pytest.mark.scenario("D14")
def test_a_destination_is_sent_one_message_in_the_time_it_asks_for_and_no_other_waits(watched: World) -> None:
    watched.show("paper", *(transfer(number) for number in range(3)), story(2))
    watched.step(minutes=12)
    for _ in range(9):
        watched.pipeline.tick()
        watched.clock.advance(seconds=3)
    assert [received(watched, destination) for destination in ("one", "two", "desk@example.org")] == [1, 1, 3]
    for total in (2, 3, 3):
        watched.clock.advance(seconds=30)
        watched.pipeline.tick()
        watched.pipeline.tick()
        assert [received(watched, "one"), received(watched, "two")] == [total, total]


def test_an_attempt_that_failed_counts_as_well(watched: World) -> None:
    watched.channels["chat"].faults = [DeliveryError(Reason.THROTTLED, "slow down")] * 2
    watched.show("paper", transfer(1), transfer(2), story(2))
    watched.step(minutes=12)
    watched.pipeline.tick()
    assert received(watched, "one") == 0
    watched.step(seconds=31)
    assert received(watched, "one") == 1

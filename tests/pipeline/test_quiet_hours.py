"""Quiet hours of a channel: urgent alerts pass, everything else waits, and nothing is lost meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from conftest import StandingClock
from world import World, story, transfer

from storage import outbox
from storage.database import Database
from watcher.schedule import QuietHours, quiet_until

CHICAGO = ZoneInfo("America/Chicago")
NIGHT = QuietHours(time(22), time(7))
NOON_BREAK = QuietHours(time(12), time(13, 30))


def at(day: int, hour: int, minute: int = 0, month: int = 1) -> datetime:
    """A moment by the clocks of Chicago."""
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("now", "hours", "over"),
    [
        (at(20, 21, 59), NIGHT, None),
        (at(20, 22), NIGHT, at(21, 7)),
        (at(21, 6, 59), NIGHT, at(21, 7)),
        (at(21, 7), NIGHT, None),
        (at(21, 11, 59), NOON_BREAK, None),
        (at(21, 12, 1), NOON_BREAK, at(21, 13, 30)),
        (at(21, 13, 30), NOON_BREAK, None),
        (at(7, 23, month=3), NIGHT, at(8, 7, month=3)),  # an hour is left out in this night
        (at(31, 23, month=10), NIGHT, at(1, 7, month=11)),  # and in this one an hour comes twice
    ],
)
def test_quiet_hours_follow_the_clock_on_the_wall(now: datetime, hours: QuietHours, over: datetime | None) -> None:
    assert quiet_until(now.astimezone(UTC), hours, CHICAGO) == over


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    """At six in the morning, in the quiet hours of its only channel."""
    world = World(database, clock)
    world.channels["desk"].quiet = NIGHT
    return world


@pytest.mark.scenario("D16")
def test_in_quiet_hours_urgent_alerts_pass_and_the_rest_waits_for_their_end(world: World) -> None:
    world.show("paper", story(1))
    world.step()
    world.show("paper", story(1), transfer(40))
    world.step(minutes=12)
    assert world.kinds() == ["alert"]
    world.step(minutes=47)
    assert world.kinds() == ["alert"]
    world.step(minutes=2)
    assert world.kinds() == ["alert", "digest"]


@pytest.mark.scenario("D16")
def test_a_restart_in_quiet_hours_sends_nothing_early_and_loses_nothing(world: World) -> None:
    world.show("paper", story(1))
    world.step()
    again = World(world.database, world.clock, channels=world.channels)
    again.step(minutes=30)
    assert again.kinds() == []
    again.step(minutes=31)
    assert again.kinds() == ["digest"]


@pytest.mark.scenario("D16")
def test_waiting_is_no_attempt_and_is_said(world: World) -> None:
    world.show("paper", story(1))
    world.step()
    with world.database.read() as connection:
        (waiting,) = outbox.listed(connection)
    assert (waiting.state, waiting.attempts) == ("pending", 0)
    assert waiting.detail == "waits for the end of the quiet hours"

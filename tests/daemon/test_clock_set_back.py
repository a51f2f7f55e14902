"""A clock that is set back puts nothing off, and brings nothing forward."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import StandingClock
from running import CLAIM
from world import World, read_once, story, transfer

from storage import reschedule, sources
from storage.database import Database
from watcher import app
from watcher.jobs.digests import Digests
from watcher.model import DeliveryError, FetchError, Reason
from watcher.settings import FetchSettings, RulesSettings, Settings

pytestmark = pytest.mark.scenario("X5")

BACK = timedelta(hours=5)


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    """Both sources read once."""
    return read_once(database, clock)


def set_back(world: World) -> None:
    world.clock.advance(hours=-5)
    with world.database.write() as connection:
        found = reschedule.clock_set_back(connection, now=world.clock())
        reschedule.pull_forward(connection, now=world.clock(), by=found)
    assert found == BACK


def test_sources_are_read_when_they_would_have_been(world: World) -> None:
    set_back(world)
    visits = len(world.fetcher.visits)
    world.step(minutes=5)
    assert len(world.fetcher.visits) == visits, (
        "not at once: their hosts would have more visits than they were promised"
    )
    world.step(minutes=7)
    assert len(world.fetcher.visits) == visits + 2


def test_a_source_that_asked_for_patience_has_it_and_no_more(world: World) -> None:
    asks = FetchError(Reason.THROTTLED, "429", retry_after=timedelta(hours=2))
    world.fetcher.faults["paper"] = asks
    world.step(minutes=12)
    set_back(world)
    visits = len(world.fetcher.visits)
    world.step(minutes=110)
    assert {name for name, _ in world.fetcher.visits[visits:]} == {"city"}
    world.step(minutes=12)
    assert "paper" in {name for name, _ in world.fetcher.visits[visits:]}


def notice(world: World) -> None:
    """What the service does when it finds that the clock was set back."""
    world.clock.advance(hours=-5)
    with world.database.write() as connection:
        reschedule.pull_forward(connection, now=world.clock(), by=BACK)


def test_a_poll_that_changed_nothing_and_is_settled_after_it_is_planned_by_the_new_clock(world: World) -> None:
    world.clock.advance(minutes=12)
    world.pipeline.tick()
    assert world.pipeline._quiet, "what changed nothing waits for the next tick"
    notice(world)
    world.pipeline.tick()
    for name in ("city", "paper"):
        assert timedelta(0) < world.source(name).next_poll_at - world.clock() <= timedelta(minutes=11)


def test_a_poll_that_brings_news_and_is_stored_after_it_is_planned_by_the_new_clock(world: World) -> None:
    notices = iter([notice])
    world.pages.meanwhile = lambda: next(notices, lambda _: None)(world)
    world.show("paper", story(2), transfer(50))
    world.clock.advance(minutes=12)
    world.pipeline.tick()
    assert not list(notices), "the clock was set back while a page was read"
    row = world.source("paper")
    assert timedelta(0) < row.next_poll_at - world.clock() <= timedelta(minutes=11)
    assert row.last_poll_at == world.clock()


def test_messages_that_wait_go_out_when_they_would_have(world: World) -> None:
    world.channels["desk"].faults = [DeliveryError(Reason.CONNECTION, "refused")]
    world.show("paper", story(2), transfer(50))
    world.step(minutes=12)
    assert world.kinds() == []
    set_back(world)
    world.step(minutes=2)
    assert world.kinds() == ["alert"]


def test_a_message_that_nobody_tried_to_send_yet_goes_out_at_once(world: World) -> None:
    world.show("paper", story(2), transfer(50))
    world.clock.advance(minutes=12)
    world.pipeline.tick()  # the alert is written, and not sent
    set_back(world)
    world.pipeline.tick()
    assert world.kinds() == ["alert"]


def test_a_clock_that_was_never_wrong_moves_nothing(world: World) -> None:
    before = world.source("paper").next_poll_at
    with world.database.write() as connection:
        assert reschedule.clock_set_back(connection, now=world.clock()) == timedelta(0)
    assert world.source("paper").next_poll_at == before


def test_a_daily_digest_that_a_wrong_clock_believed_to_be_out_is_sent(world: World) -> None:
    digests: Digests = world.digests
    world.clock.advance(days=365)
    digests.daily(world.pipeline.live)
    world.clock.advance(days=-365)
    world.show("paper", story(2), story(3, title="Vacancies at the city"))
    world.step(minutes=12)
    assert digests.daily(world.pipeline.live) == 1
    assert digests.daily(world.pipeline.live) == 0


def test_a_start_finds_that_the_clock_was_set_back_while_nobody_looked(tmp_path: Path, clock: StandingClock) -> None:
    (tmp_path / "rules/claims").mkdir(parents=True)
    (tmp_path / "rules/sources.yaml").write_text("sources: [{id: paper, kind: feed, url: 'http://127.0.0.1:9/feed'}]\n")
    (tmp_path / "rules/claims/ice.yaml").write_text(CLAIM)
    settings = Settings(
        state=tmp_path / "state", rules=RulesSettings(directory=tmp_path / "rules"), fetch=FetchSettings(workers=1)
    )
    with app.opened(settings, clock=clock) as service:
        service.pipeline.tick()
        service.pipeline.polls.close()
        while service.pipeline.polls.in_hand():
            time.sleep(0.01)
    clock.advance(days=-365 * 50)
    with app.opened(settings, clock=clock) as service, service.database.read() as connection:
        (row,) = sources.polled(connection)
        assert clock() <= row.next_poll_at <= clock() + timedelta(hours=1)

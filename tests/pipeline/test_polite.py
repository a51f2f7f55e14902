"""How often sources and their hosts are visited, over days of standing time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from conftest import StandingClock
from world import CLAIM, World, read_once, story, transfer

from storage import sources
from storage.database import Database
from watcher.model import FetchError, Reason

NEW_HOME = "https://paper.example.net/feed"
OLD_HOME = "https://paper.example.org/feed"


@pytest.fixture
def watched(database: Database, clock: StandingClock) -> World:
    """Both sources read once."""
    return read_once(database, clock)


def events(world: World) -> list[str]:
    world.health.check(world.pipeline.live.rulebook)
    world.pipeline.tick()
    return [each.message.data["data"].get("event", "") for each in world.sent if each.message.data["type"] == "health"]


# ------------------------------------------------------------------------------------------------ hosts


def sharing(*lines: str) -> str:
    """A source file in which all sources have one host, but the last."""
    others = "".join(
        f"  - {{id: {name}, kind: fake, url: 'https://one.example.org/{name}', {keys}}}\n"
        for name, keys in (line.split(" ", 1) for line in lines)
    )
    return f"watch: 1\nsources:\n{others}  - {{id: other, kind: fake, url: 'https://two.example.org/', every: 10m}}\n"


def test_two_sources_of_a_host_are_asked_one_after_the_other_with_its_pause_between(
    database: Database, clock: StandingClock
) -> None:
    files = {"sources.yaml": sharing("a every: 10m, spacing: 5s", "b every: 10m"), "claims/ice.yaml": CLAIM}
    world = World(database, clock, files=files)
    visited = []
    for _ in range(8):
        world.pipeline.tick()
        visited.append([name for name, _ in world.fetcher.visits])
        clock.advance(seconds=1)
    assert visited[0] == ["a", "other"], "one of each host at a time"
    assert visited[4] == ["a", "other"], "the host is left alone for as long as its source wants it"
    assert visited[5] == ["a", "other", "b"]


@pytest.mark.slow
def test_a_host_that_asks_for_patience_rests_and_none_of_its_sources_starves(
    database: Database, clock: StandingClock
) -> None:
    names = [f"s{number}" for number in range(20)]
    files = {"sources.yaml": sharing(*(f"{name} every: 4h" for name in names)), "claims/ice.yaml": CLAIM}
    world = World(database, clock, files=files)
    throttled = FetchError(Reason.THROTTLED, "429 Too Many Requests", retry_after=timedelta(days=1))
    world.fetcher.faults["s0"] = throttled
    started = clock()
    last: dict[str, datetime] = {}
    longest: dict[str, timedelta] = {}
    while clock() - started < timedelta(hours=27):
        before = len(world.fetcher.visits)
        world.pipeline.tick()
        for name, _ in world.fetcher.visits[before:]:
            longest[name] = max(longest.get(name, timedelta(0)), clock() - last.get(name, started))
            last[name] = clock()
        clock.advance(minutes=4)
    assert all(longest[name] < timedelta(hours=5) for name in names[1:])
    assert longest["other"] <= timedelta(minutes=12), "another host has nothing to do with it"
    assert longest["s0"] >= timedelta(days=1)


def test_a_host_that_is_throttled_is_left_alone_by_its_other_sources_too(
    database: Database, clock: StandingClock
) -> None:
    files = {"sources.yaml": sharing("a every: 10m", "b every: 10m"), "claims/ice.yaml": CLAIM}
    world = World(database, clock, files=files)
    world.fetcher.faults["a"] = FetchError(Reason.THROTTLED, "429", retry_after=timedelta(minutes=5))
    world.pipeline.tick()
    clock.advance(minutes=4)
    world.pipeline.tick()
    assert [name for name, _ in world.fetcher.visits] == ["a", "other"]
    clock.advance(minutes=2)
    world.pipeline.tick()
    assert [name for name, _ in world.fetcher.visits] == ["a", "other", "b"]


@pytest.mark.scenario("X5")
def test_a_rest_that_was_planned_by_a_clock_since_set_back_holds_up_nobody(
    database: Database, clock: StandingClock
) -> None:
    world = World(database, clock)
    world.step()
    clock.advance(hours=-5)
    with database.write() as connection:
        sources.poll_now(connection, now=clock())
    visits = len(world.fetcher.visits)
    world.step()
    assert len(world.fetcher.visits) == visits + 2


# ------------------------------------------------------------------------------------------------ moving


def test_an_address_is_adopted_after_five_confirmations_over_a_day_and_told_once(watched: World) -> None:
    watched.fetcher.moves[OLD_HOME] = NEW_HOME
    for _ in range(10):
        watched.step(minutes=12)
    assert watched.source("paper").address == "", "five times are not enough within two hours"
    watched.step(days=1)
    assert watched.source("paper").address == NEW_HOME
    assert watched.source("paper").host == "paper.example.net"
    assert watched.source("paper").url == OLD_HOME, "what a person wrote stays"
    watched.step(minutes=12)
    assert watched.fetcher.addresses[-1] == NEW_HOME or watched.fetcher.addresses[-2] == NEW_HOME
    assert events(watched) == events(watched) == ["source.moved"]
    assert NEW_HOME in watched.sent[0].message.text
    watched.show("paper", story(2), transfer(50))
    watched.step(minutes=12)
    assert watched.kinds() == ["health", "alert"], "what it had shown before is not new at its new address"


def test_a_day_with_fewer_than_five_confirmations_is_not_enough(watched: World) -> None:
    watched.fetcher.moves[OLD_HOME] = NEW_HOME
    for _ in range(4):
        watched.step(days=1)
    assert watched.source("paper").address == ""
    watched.step(days=1)
    assert watched.source("paper").address == NEW_HOME


def test_a_redirect_that_changes_or_ends_begins_anew(watched: World) -> None:
    for there in (NEW_HOME, NEW_HOME, NEW_HOME, NEW_HOME, "https://parked.example/", NEW_HOME, "", NEW_HOME):
        watched.fetcher.moves[OLD_HOME] = there
        watched.step(days=1)
    assert watched.source("paper").address == ""
    assert watched.source("paper").moved_times == 1


def test_a_redirect_to_something_that_cannot_be_read_moves_nothing(watched: World) -> None:
    watched.fetcher.moves[OLD_HOME] = NEW_HOME
    watched.fetcher.faults["paper"] = FetchError(Reason.NOT_A_FEED, "a form to sign in")
    for _ in range(9):
        watched.step(days=2)
    assert watched.source("paper").address == ""


def test_a_reload_keeps_an_adopted_address_and_a_rewritten_one_replaces_it(watched: World) -> None:
    watched.fetcher.moves[OLD_HOME] = NEW_HOME
    for _ in range(6):
        watched.step(days=1)
    watched.go_live(watched.load())
    assert watched.source("paper").address == NEW_HOME
    assert watched.source("paper").host == "paper.example.net"
    watched.files["sources.yaml"] = watched.files["sources.yaml"].replace(OLD_HOME, "https://third.example.org/feed")
    watched.go_live(watched.load())
    assert watched.source("paper").address == ""
    assert watched.source("paper").host == "third.example.org"


# ------------------------------------------------------------------------------------------------ the end


def test_410_ends_polling_for_good_and_is_told_once(watched: World) -> None:
    watched.fetcher.faults["paper"] = FetchError(Reason.GONE, "410 Gone")
    watched.step(minutes=12)
    assert events(watched) == ["source.failing"]
    assert "gone" in watched.sent[0].message.text
    visits = len(watched.fetcher.visits)
    for _ in range(30):
        watched.step(days=1)
    watched.go_live(watched.load())
    watched.step(days=1)
    assert {name for name, _ in watched.fetcher.visits[visits:]} == {"city"}, "not after a restart either"
    assert events(watched) == ["source.failing"]


def test_a_source_that_was_gone_is_polled_again_at_another_address(watched: World) -> None:
    watched.fetcher.faults["paper"] = FetchError(Reason.GONE, "410 Gone")
    watched.step(minutes=12)
    events(watched)
    watched.fetcher.faults.clear()
    watched.files["sources.yaml"] = watched.files["sources.yaml"].replace(OLD_HOME, NEW_HOME)
    watched.go_live(watched.load())
    watched.show("paper", story(2), transfer(50))
    watched.step(minutes=1)
    assert events(watched) == ["source.failing", "source.recovered"]
    assert watched.kinds() == ["health", "alert", "health"]


@pytest.mark.parametrize("answer", ["404 Not Found", "500 Internal Server Error"])
def test_a_source_that_fails_for_a_month_is_asked_once_a_day_and_told_once(watched: World, answer: str) -> None:
    watched.fetcher.faults["paper"] = FetchError(Reason.HTTP_STATUS, answer)
    last, longest = watched.clock(), timedelta(0)
    for _ in range(30 * 24):
        before = len(watched.fetcher.visits)
        watched.step(hours=1)
        watched.health.check(watched.pipeline.live.rulebook)
        if "paper" in [name for name, _ in watched.fetcher.visits[before:]]:
            longest, last = max(longest, watched.clock() - last), watched.clock()
    assert timedelta(hours=24) <= longest <= timedelta(hours=27)
    assert watched.clock() - last <= timedelta(hours=27), "and still is"
    assert events(watched) == ["source.failing"]
    watched.fetcher.faults.clear()
    watched.step(days=2)
    assert events(watched) == ["source.failing", "source.recovered"]


# ------------------------------------------------------------------------------------------------ pace


def test_a_source_of_which_nobody_said_how_often_is_polled_as_it_publishes(
    database: Database, clock: StandingClock
) -> None:
    sources_file = "sources:\n  - {id: paper, kind: fake, url: 'https://paper.example.org/feed'}\n"
    world = World(database, clock, files={"sources.yaml": sources_file, "claims/ice.yaml": CLAIM})
    world.show("paper", *(story(number, published=clock() - timedelta(days=number)) for number in range(1, 12)))
    world.step()
    world.step(hours=1)
    wait = world.source("paper").next_poll_at - clock()
    assert timedelta(hours=1) <= wait <= timedelta(hours=1.1), "once a day is polled once an hour"
    fresh = [story(number, published=clock() - timedelta(minutes=number)) for number in range(100, 112)]
    world.show("paper", *fresh)
    world.step(hours=2)
    world.step(hours=2)
    wait = world.source("paper").next_poll_at - clock()
    assert timedelta(minutes=10) <= wait <= timedelta(minutes=11)


def test_what_a_person_wrote_is_kept_to_however_a_source_publishes(watched: World) -> None:
    now = watched.clock()
    watched.show("paper", *(story(number, published=now - timedelta(days=number)) for number in range(1, 12)))
    watched.step(minutes=12)
    watched.step(minutes=12)
    assert watched.source("paper").next_poll_at - watched.clock() <= timedelta(minutes=11)

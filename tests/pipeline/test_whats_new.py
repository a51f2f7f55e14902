"""What is new, over many polls: floods, removals, restless pages, windows that ran over."""

from __future__ import annotations

import pytest
from conftest import StandingClock
from hypothesis import given, settings
from hypothesis import strategies as st
from world import World, story, transfer

from storage import items
from storage.database import Database, sqlite_url
from watcher.model import Entry
from watcher.pipeline.storing import FLOOD_ITEMS, MAX_EDITS_A_DAY


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    watched = World(database, clock)
    watched.files["sources.yaml"] = watched.files["sources.yaml"].replace("every: 10m}", "every: 10m, keeps: all}", 1)
    watched.go_live(watched.load())
    watched.show("city", story(1), story(2))
    watched.show("paper", story(3))
    watched.step()
    watched.channels["desk"].sent.clear()
    return watched


@pytest.mark.scenario("I9", "I10")
def test_a_reset_feed_is_one_digest_that_leaves_nothing_out(world: World) -> None:
    reset = [transfer(number) for number in range(100, 160)]
    world.show("paper", *reset)
    world.step(minutes=16)
    assert world.kinds() == ["digest"]
    assert "60 items matched" in world.sent[0].message.text
    assert "159 officers" in world.sent[0].message.text
    world.step(minutes=16)
    assert world.kinds() == ["digest"]


@pytest.mark.scenario("I10")
def test_a_few_new_items_beside_old_ones_alert_one_by_one(world: World) -> None:
    world.show("paper", story(3), *(transfer(number) for number in range(100, 100 + FLOOD_ITEMS - 1)))
    world.step(minutes=16)
    assert len(world.alerts()) == FLOOD_ITEMS - 1
    assert set(world.kinds()) == {"alert"}


@pytest.mark.scenario("I10")
def test_many_new_items_in_a_long_document_that_is_known_alert_one_by_one(world: World) -> None:
    known = [story(number) for number in range(3, 3 + 2 * FLOOD_ITEMS)]
    world.show("paper", *known)
    world.step(minutes=16)
    world.show("paper", *known, *(transfer(number) for number in range(100, 100 + FLOOD_ITEMS)))
    world.step(minutes=16)
    assert len(world.alerts()) == FLOOD_ITEMS
    assert set(world.kinds()) == {"alert"}


@pytest.mark.scenario("I11")
def test_a_window_that_ran_over_is_said(world: World) -> None:
    world.show("paper", *(story(number) for number in range(100, 120)))
    world.step(minutes=16)
    assert "some may have been missed" in world.source("paper").detail
    world.show("paper", *(story(number) for number in range(110, 121)))
    world.step(minutes=16)
    assert world.source("paper").detail == ""


def test_what_is_absent_twice_from_a_source_that_keeps_its_items_is_removed(world: World) -> None:
    world.show("city", story(1), story(2), transfer(50))
    world.step(minutes=16)
    world.show("city", story(1), story(2))
    world.step(minutes=16)
    assert world.kinds() == ["alert"], "once may be an accident"
    world.step(minutes=16)
    assert world.kinds() == ["alert", "update"]
    assert "present until 2026-01-20" in world.sent[1].message.text
    assert "deleted" not in world.sent[1].message.text
    world.step(minutes=16)
    assert world.kinds() == ["alert", "update"]


def test_what_comes_back_in_between_is_not_removed_and_not_new(world: World) -> None:
    world.show("city", story(1), story(2), transfer(50))
    world.step(minutes=16)
    for shown in ((story(1), story(2)), (story(1), story(2), transfer(50)), (story(1), story(2))):
        world.show("city", *shown)
        world.step(minutes=16)
    assert world.kinds() == ["alert"]


@pytest.mark.scenario("I2")
def test_a_window_forgets_nobody(world: World) -> None:
    world.show("paper", transfer(50))
    world.step(minutes=16)
    world.show("paper", story(4))
    for _ in range(4):
        world.step(minutes=16)
    world.show("paper", transfer(50))
    world.step(days=400)
    assert world.kinds() == ["alert"]


@pytest.mark.scenario("I3", "I4")
def test_an_item_is_known_by_every_key_it_ever_had(world: World) -> None:
    world.show("paper", transfer(50))
    world.step(minutes=16)
    world.show("paper", transfer(50, guid="second"))
    world.step(minutes=16)
    moved = {"link": "https://paper.example.org/moved", "published": None}
    world.show("paper", transfer(50, guid="second", summary="Corrected.", **moved))
    world.step(minutes=16)
    assert world.kinds() == ["alert"]
    with world.database.read() as connection:
        assert items.count(connection) == 4


def test_an_empty_page_removes_nothing(world: World) -> None:
    world.show("city")
    world.step(minutes=16)
    world.step(minutes=16)
    with world.database.read() as connection:
        assert items.get(connection, 1).removed_at is None


def test_a_page_that_changes_at_every_poll_is_stored_so_often_a_day_and_what_newly_hits_always(world: World) -> None:
    for number in range(MAX_EDITS_A_DAY + 20):
        world.show("paper", story(3, summary=f"It is {number} minutes later."))
        world.step(minutes=16)
    with world.database.read() as connection:
        kept = items.revisions_since(connection, 3, world.clock.now.replace(year=2025))
    assert kept < MAX_EDITS_A_DAY + 20
    world.show("paper", story(3, summary="Two officers were hired by ICE."))
    world.step(minutes=16)
    assert world.kinds() == ["alert"]
    assert "now: Two officers were hired by ICE." in world.sent[0].message.text


documents = st.lists(
    st.lists(st.integers(0, 30), max_size=14, unique=True).flatmap(st.permutations), min_size=1, max_size=8
)


@pytest.mark.scenario("I2")
@settings(max_examples=15)  # each opens a database of its own
@given(documents, st.booleans())
def test_whatever_a_source_shows_every_distinct_item_is_seen_once(
    tmp_path_factory: pytest.TempPathFactory, shown: list[list[int]], fickle: bool
) -> None:
    """Items come, go, come back, change places; with ``fickle`` their guids are made anew at every poll."""
    folder = tmp_path_factory.mktemp("items")
    database = Database(sqlite_url(folder / "w.sqlite"))
    database.migrate()
    world = World(database, StandingClock())
    for poll, numbers in enumerate(shown):
        world.show("paper", *(_item(number, poll if fickle else 0) for number in numbers))
        world.step(minutes=16)
    with database.read() as connection:
        assert items.count(connection) == len({number for numbers in shown for number in numbers})
    database.close()


def _item(number: int, salt: int) -> Entry:
    return story(number, guid=f"{salt}-{number}")


# ------------------------------------------------------------------------------------------------ rebuilt pages


def notices(*numbers: int) -> list[Entry]:
    return [transfer(number, title=f"Notice {number}: officers left for ICE") for number in numbers]


@pytest.fixture
def noticed(world: World) -> World:
    """Twenty notices, each of which was alerted, on a page that keeps its items."""
    for number in range(100, 120):
        world.show("city", story(1), story(2), *notices(*range(100, number + 1)))
        world.step(minutes=16)
    assert world.kinds() == ["alert"] * 20
    world.channels["desk"].sent.clear()
    return world


def rebuilt(world: World) -> None:
    """The same selector finds something else on it: the navigation."""
    world.show("city", *(story(number, title=f"Menu {number}") for number in range(500, 515)))


def test_a_rebuilt_page_is_noticed_within_two_polls_and_nothing_is_called_removed(noticed: World) -> None:
    rebuilt(noticed)
    for _ in range(2):
        noticed.step(minutes=16)
    noticed.health.check(noticed.pipeline.live.rulebook)
    noticed.pipeline.tick()
    assert noticed.kinds() == ["health"], noticed.sent[0].message.text
    assert "22 items are out of sight together" in noticed.sent[0].message.text
    for _ in range(10):
        noticed.step(hours=12)
        noticed.health.check(noticed.pipeline.live.rulebook)
    assert noticed.kinds() == ["health"]


def test_a_rebuilt_page_whose_items_are_found_again_is_as_before(noticed: World) -> None:
    rebuilt(noticed)
    for _ in range(3):
        noticed.step(minutes=16)
        noticed.health.check(noticed.pipeline.live.rulebook)
    noticed.show("city", story(1), story(2), *notices(*range(100, 121)))
    for _ in range(3):
        noticed.step(minutes=16)
        noticed.health.check(noticed.pipeline.live.rulebook)
    noticed.pipeline.tick()
    assert sorted(noticed.kinds()) == ["alert", "health", "health"], "one notice is new, and the page has recovered"


def test_what_is_out_of_sight_for_a_week_is_taken_to_be_gone_without_a_word(noticed: World) -> None:
    rebuilt(noticed)
    for _ in range(10):
        noticed.step(days=1)
        noticed.health.check(noticed.pipeline.live.rulebook)
    noticed.pipeline.tick()
    assert noticed.kinds() == ["health", "health"]
    assert noticed.source("city").failures == 0


def test_a_few_of_many_that_go_are_told(noticed: World) -> None:
    noticed.show("city", story(1), story(2), *notices(*range(100, 115)))
    for _ in range(8):
        noticed.step(minutes=16)
    assert noticed.kinds() == ["update"] * 5

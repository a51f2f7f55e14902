"""A rule file over everything stored: what it would have alerted, gained and lost, and that nothing changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from conftest import StandingClock
from sqlalchemy import select
from sqlmodel import SQLModel
from world import CLAIM, FakeOptions, World, story, transfer

from storage import items
from storage.database import Database
from watcher.authoring import replay
from watcher.authoring.replay import Replay
from watcher.model import Entry
from watcher.rulebook import Rulebook, load


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    """Both sources were read; the paper had a match that was old already."""
    made = World(database, clock)
    made.show("city", story(1))
    made.show("paper", story(2), transfer(40, published=clock() - timedelta(days=30)))
    made.step()
    return made


def changed(world: World, before: str, after: str) -> Rulebook:
    """The rules with one thing changed, not live."""
    assert before in CLAIM
    return load(world.files | {"claims/ice.yaml": CLAIM.replace(before, after)}, {"fake": FakeOptions})


def replayed(world: World, book: Rulebook | None = None, since: float | None = None, against: bool = False) -> Replay:
    live, until = world.pipeline.live.rules, world.clock()
    (one,) = replay.replay(
        world.database,
        live if book is None else world.teacher.rules(book),
        live if against else None,
        since=None if since is None else until - timedelta(days=since),
        until=until,
        progress=lambda _: None,
    )
    return one


def titles(one: Replay) -> list[str]:
    return [alert.title for alert in one.alerts]


def say(world: World, *entries: Entry, **later: float) -> None:
    world.show("paper", *entries)
    world.step(**(later or {"minutes": 12}))


# ------------------------------------------------------------------------------------------------ as it was


def test_the_live_rules_would_have_alerted_what_they_alerted(world: World) -> None:
    say(world, transfer(50))
    say(world, transfer(50), story(3, title="Vacancies at the police"), story(4, title="Officers slip in an ICE storm"))
    say(world, transfer(50), story(5))
    say(world, transfer(50), story(5, title="Officers go to ICE"))
    say(world, transfer(50, title="50 officers left for a job"))
    one = replayed(world, since=10)
    made = sorted(world.alerts(), key=lambda row: row.id)
    assert [(alert.story_id, sorted(alert.rules), alert.priority, alert.event) for alert in one.alerts] == [
        (row.story_id, row.rules, row.priority, row.event) for row in made
    ]
    assert [alert.withdrawn for alert in one.alerts] == [row.withdrawn_at is not None for row in made]
    assert [alert.attention for alert in one.alerts] == [row.attention for row in made]
    assert one.suppressed == 1
    assert len(made) == 3


def test_what_was_already_there_counts_when_it_was_published(world: World) -> None:
    (old,) = replayed(world).alerts
    assert old.at == world.clock() - timedelta(days=30)
    assert replayed(world, since=10).alerts == ()


WIRE = (
    "Two officers of the Minneapolis police department resigned this month and were sworn in by ICE on Friday, "
    "personnel records obtained under the data practices act show. The records name both officers and give their last "
    "day of service. A spokesperson for the city confirmed the dates and declined to say more about either of them. "
    "The agency did not answer questions that were sent to its regional office on Friday afternoon."
)


def test_copies_of_a_story_are_one_alert_while_any_of_them_stands(world: World) -> None:
    world.files["sources.yaml"] += '  - {id: wire, kind: fake, url: "https://wire.example.org/feed", tags: [press]}\n'
    world.go_live(world.load())
    world.step()
    first = transfer(50, title="They left", summary="", text=WIRE)
    copy = replace(first, guid="elsewhere", link="https://wire.example.org/9")
    for paper, wire, withdrawn in ((WIRE, "", False), (WIRE, WIRE, False), ("No.", WIRE, False), ("No.", "No.", True)):
        world.show("paper", replace(first, text=paper))
        world.show("wire", *([replace(copy, text=wire)] if wire else []))
        world.step(minutes=16)
        (made,) = world.alerts()
        (alert,) = replayed(world, since=10).alerts
        assert alert.withdrawn is (made.withdrawn_at is not None) is withdrawn


def test_an_edit_whose_earlier_text_lies_before_the_window_is_judged_by_it(world: World) -> None:
    say(world, transfer(50))
    say(world, transfer(50, summary="Corrected."), days=20)
    assert replayed(world, since=10).alerts == ()
    say(world, transfer(50, summary="Corrected. There are vacancies."), days=1)
    (alert,) = replayed(world, since=10).alerts
    assert alert.rules == {"transfer", "vacancies"}


def test_what_a_claim_ignores_is_not_alerted(world: World) -> None:
    say(world, transfer(50))
    book = changed(world, "unless:", "events: {new: ignore}\nunless:")
    assert replayed(world, book).alerts == ()


# ------------------------------------------------------------------------------------------------ compared


def test_gained_and_lost_are_told_against_the_live_rules(world: World) -> None:
    say(world, transfer(50), transfer(51, title="51 deputies left for ICE"), transfer(52, title="52 officers join ICE"))
    book = changed(world, "officer* and ICE", "(deput* or officer*) and ICE and left")
    told = {alert.title: change for change, alert in replayed(world, book, since=10, against=True).compared()}
    assert told == {
        "50 officers left for ICE": "same",
        "51 deputies left for ICE": "gained",
        "52 officers join ICE": "lost",
    }


def test_other_rules_for_the_same_story_are_a_change(world: World) -> None:
    say(world, transfer(50))
    for before, after in (("priority: urgent", "priority: normal"), ("'vacanc*'", "'left'")):
        one = replayed(world, changed(world, before, after), since=10, against=True)
        assert [change for change, _ in one.compared()] == ["changed"]


def test_a_renamed_claim_is_compared_with_what_it_was(world: World) -> None:
    say(world, transfer(50))
    book = changed(world, "id: officers-to-ice", "id: officers\nwas: [officers-to-ice]")
    assert [change for change, _ in replayed(world, book, since=10, against=True).compared()] == ["same"]


def test_a_claim_that_is_not_live_gains_everything(world: World) -> None:
    say(world, transfer(50))
    book = changed(world, "id: officers-to-ice", "id: another")
    assert [change for change, _ in replayed(world, book, since=10, against=True).compared()] == ["gained"]


def test_without_rules_to_compare_with_nothing_is_gained(world: World) -> None:
    say(world, transfer(50))
    one = replayed(world, since=10)
    assert one.against is None
    assert [change for change, _ in one.compared()] == ["same"]


# ------------------------------------------------------------------------------------------------ volume


def weekly(world: World, *numbers: int) -> None:
    """So many alerts in each of the weeks to come."""
    identity = 100
    for number in numbers:
        shown = [transfer(identity + each) for each in range(number)]
        identity += 10
        say(world, *shown, days=6)
        world.clock.advance(days=1)


def test_alerts_are_counted_by_whole_weeks_the_last_one_first(world: World) -> None:
    weekly(world, 1, 0, 3)
    assert replayed(world, since=21).weeks == [3, 0, 1]
    assert replayed(world, since=20).weeks == [3, 0]


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ("", ""),
        ("expect_per_week: 0-3", ""),
        ("expect_per_week: 0-2", "1 of 3 whole weeks above"),
        ("expect_per_week: 1-2", "1 of 3 whole weeks below, 1 of 3 whole weeks above"),
    ],
)
def test_the_volume_is_held_against_what_the_claim_expects(expected: str, words: str, world: World) -> None:
    weekly(world, 1, 0, 3)
    assert replayed(world, changed(world, "unless:", f"{expected}\nunless:"), since=21).unexpected == words


# ------------------------------------------------------------------------------------------------ reading only


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for name, table in SQLModel.metadata.tables.items()
        }


def test_nothing_is_changed(world: World) -> None:
    say(world, transfer(50))
    before = everything(world.database)
    replayed(world, changed(world, "officer* and ICE", "police"), against=True)
    assert everything(world.database) == before


def test_everything_is_read_once_page_by_page(world: World) -> None:
    say(world, transfer(50), transfer(51), transfer(52))
    say(world, transfer(50, summary="More."), transfer(51), transfer(52))
    pages: list[int] = []
    until = world.clock()
    (one,) = replay.replay(
        world.database, world.pipeline.live.rules, None, since=None, until=until, progress=pages.append, batch=2
    )
    with world.database.read() as connection:
        assert one.items == items.count(connection)
    assert sum(pages) == replay.size(world.database, None) == 7
    assert max(pages) == 2


def test_a_time_without_anything_is_no_week(database: Database, clock: StandingClock) -> None:
    world = World(database, clock)
    one = replayed(world)
    assert (one.items, one.alerts, one.weeks, one.since) == (0, (), [], datetime(2026, 1, 20, 12, tzinfo=UTC))

"""The ranking of a day, as a person lists it."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest
from conftest import StandingClock
from desks import Desk
from world import SOURCES, World, story

from storage.database import Database, sqlite_url
from watcher.fetchers.canary_source import CanaryFetcher

CLAIM = """\
watch: 1
id: ferry
claim: {claimReviewed: No passenger was ever killed on a Skerry Line ferry, rating: Correct}
about: {who: [Skerry Line, Marwick Maid], what: [passenger, died]}
rules:
  died:
    like: [A passenger died on the Marwick Maid., Police found that a passenger of the Skerry Line was killed.]
    unlike: [The Skerry Line has a new timetable., A deckhand broke a leg.]
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk with one item that was told at once and one that competes for a line."""
    desk, clock = Desk(tmp_path_factory.mktemp("ranked")), StandingClock()
    url = sqlite_url(desk.folder / "ranked.sqlite")
    desk.write("watcher.toml", f'[storage]\nurl = "{url}"\n')
    with closing(Database(url)) as database:
        database.migrate()
        feeds = SOURCES.replace("kind: fake", "kind: feed")  # a kind that the command knows too
        world = World(database, clock, files={"sources.yaml": feeds, "claims/ferry.yaml": CLAIM})
        world.pipeline.fetchers = {"feed": world.fetcher, "canary": CanaryFetcher(clock)}
        world.show("city", story(1))
        world.show("paper", story(2))
        world.step()
        died = story(3, title="Passenger killed on the Skerry Line", summary="A passenger died on the Marwick Maid.")
        world.show("paper", died, story(4, title="Skerry Line timetable", summary="It changes."), story(5), story(6))
        world.step(minutes=11)
    return desk


DAY = datetime(2026, 1, 20, tzinfo=UTC).date().isoformat()


def test_a_day_is_listed_the_most_likely_first_with_what_it_says_and_is_like(desk: Desk) -> None:
    lines = desk.type("ranked", "ferry", "--day", DAY).out.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert [head.split(", ", 1)[1] for head in heads] == [
        "alert 1, died, paper: Passenger killed on the Skerry Line",
        "competes for a line, died, paper: Skerry Line timetable",
    ]
    assert "  says: A passenger died on the Marwick Maid." in lines
    assert "  like: A passenger died on the Marwick Maid." in lines


def test_programs_get_the_same(desk: Desk) -> None:
    rows = json.loads(desk.type("ranked", "ferry", "--day", DAY, "--json").out)
    assert [(row["title"], row["ranking"]["tier"], row["ranking"]["alert_id"]) for row in rows] == [
        ("Passenger killed on the Skerry Line", "now", 1),
        ("Skerry Line timetable", "line", None),
    ]


def test_a_day_without_anything_says_so(desk: Desk) -> None:
    assert desk.type("ranked", "ferry", "--day", "2020-01-01").out == "nothing ranked in that time\n"


def test_a_claim_that_does_not_rank_is_named_with_those_that_do(desk: Desk) -> None:
    ended = desk.type("ranked", "no-such")
    assert ended.code == 1
    assert "no claim called 'no-such' has a rule that ranks (such claims: ferry)" in ended.error

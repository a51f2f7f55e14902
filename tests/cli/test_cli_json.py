"""What commands print for programs, to the byte: those programs are other people's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from conftest import StandingClock
from desks import Desk
from sqlalchemy import text
from world import FakeChannel, World, story, transfer

from storage.database import Database, sqlite_url
from watcher.cli import service
from watcher.daemon import control
from watcher.jobs.reminders import take
from watcher.model import DeliveryError, FetchError, Reason

GOLDEN = Path(__file__).with_name("golden")
COMMANDS = ("status", "sources", "alerts", "alerts show 1", "outbox")
LIVE = {
    "version": "0.1.0",
    "rules": "5f2b",
    "matcher": "native",
    "workers": "all",
    "known faults": [{"library": "sqlite", "mended_in": "3.51.3", "fault": "damage", "guard": "one connection"}],
    "refused": "",
    "short of room": False,
    "polls in hand": 1,
    "deliveries in hand": 0,
}


def live_a_week(world: World) -> None:
    """One source fails, one address refuses, one alert is answered, and the proof of life has gone out."""
    world.show("city", story(1))
    world.show("paper", story(2))
    world.step()
    world.show(
        "paper", transfer(50), story(51, title="Officers slip in an ICE storm"), story(52, title="Officers left")
    )
    world.channels["hook"].faults = [DeliveryError(Reason.CONNECTION, "reset by peer")]
    world.step(minutes=12)
    take(world.database, world.clock, alert_id=1, state="checking", note="calling the city")
    for _ in range(8):
        world.step(days=1)
    world.fetcher.faults["city"] = FetchError(Reason.BLOCKED, "a form to sign in")
    world.show("paper", story(3, title="Thirty officers left for ICE – “for good”"))
    world.channels["hook"].faults = [DeliveryError(Reason.GONE, "410", permanent=True)]
    for _ in range(3):
        world.step(minutes=45)


def put_words_aside(database: Database) -> None:
    """How messages and reasons are worded is tested elsewhere, and may change."""
    with database.write() as connection:
        connection.execute(text("UPDATE message SET subject = kind || ' – ' || id, text = 'text ' || id"))
        connection.execute(text('UPDATE alert SET reasons = \'["one", "two"]\', impact = 60 + id'))


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose week is the same at every run."""
    desk, clock, keys = Desk(tmp_path_factory.mktemp("week")), StandingClock(), count(1)
    url = sqlite_url(desk.folder / "week.sqlite")
    desk.write("watcher.toml", f'[storage]\nurl = "{url}"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.outbox.uuid.uuid4", lambda: UUID(int=next(keys)))
        patch.setattr(service, "utc_now", clock)
        with closing(Database(url)) as database:
            database.migrate()
            live_a_week(World(database, clock, channels={name: FakeChannel(name) for name in ("desk", "hook")}))
            put_words_aside(database)
        yield desk


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("typed", COMMANDS)
def test_what_programs_read_stays_to_the_byte(typed: str, week: Desk) -> None:
    assert week.type(*typed.split(), "--json").out == golden(typed.replace(" ", "-"))


def test_the_status_of_a_running_service_stays_to_the_byte(week: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ask", lambda *_: json.loads(json.dumps(LIVE)))
    assert week.type("status", "--json").out == golden("status-running")

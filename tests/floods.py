"""Readings that make many alerts; what they cost. To be called in a process of its own."""

from __future__ import annotations

import resource
from pathlib import Path

import structlog
from conftest import StandingClock
from world import World, story, transfer

from storage.database import Database, sqlite_url


def growth(folder: Path, alerts: int) -> int:
    """Bytes that a reading of so many alerts takes beyond what one of a few takes, at its worst moment."""
    usual = _peak(folder / "usual.sqlite", 20)
    return _peak(folder / "flood.sqlite", alerts) - usual


def _peak(database: Path, alerts: int) -> int:
    opened = Database(sqlite_url(database))
    opened.migrate()
    world = World(opened, StandingClock())
    world.fetcher.gives_evidence = True
    old = [story(number) for number in range(alerts + 1)]
    with structlog.testing.capture_logs():
        world.show("paper", *old)
        world.step()
        world.show("paper", *(transfer(10_000 + number) for number in range(alerts)), *old)
        world.step(minutes=12)
    assert len(world.alerts()) == min(alerts, 100), "the list shows no more"
    opened.close()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

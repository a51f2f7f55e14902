"""Weeks of polling in little time, with one visit in twenty that fails; what the process has of what could grow."""

from __future__ import annotations

import gc
import os
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from conftest import StandingClock
from world import FakeFetcher, World, story, transfer

from storage.database import Database, sqlite_url
from watcher.model import Entry, FetchError, Memory, Reading, Reason, Source

SOURCES = 20
FAULTS = [reason for reason in Reason if reason not in (Reason.GONE, Reason.INTERRUPTED, Reason.INTERNAL)]
"""Not what ends a source, nor what is no fault of one."""


class Unreliable(FakeFetcher):
    """One visit in twenty fails, each in its own way; now and then there is news."""

    def __init__(self) -> None:
        super().__init__()
        self._chance = random.Random(2026)
        self.asked = 0
        self.answered = 0

    def fetch(self, source: Source, memory: Memory) -> Reading:
        self.asked += 1
        if self._chance.random() < 0.05:
            raise FetchError(self._chance.choice(FAULTS), "by chance")
        if self._chance.random() < 0.02:
            self._show(source.id, transfer(self.asked) if self._chance.random() < 0.5 else story(self.asked))
        reading = super().fetch(source, memory)
        self.visits.clear()
        self.addresses.clear()
        self.answered += 1
        return reading

    def _show(self, source: str, news: Entry) -> None:
        """A feed is a window: what is new pushes out what is old."""
        self.pages[source] = (news, *self.pages.get(source, ()))[:20]


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process has of everything that could leak, and what it did in a tenth of the time."""

    memory: int
    files: int
    threads: int
    log: int
    lines: int
    answered: int
    sent: int


def soaked(database: Path, polls: int) -> Sequence[Sample]:
    """Poll so often; gives a sample of each tenth of the time. To be called in a process of its own."""
    opened = Database(sqlite_url(database))
    opened.migrate()
    world, fetcher = _world(opened)
    samples = []
    with structlog.testing.capture_logs() as log:
        for tenth in range(1, 11):
            while fetcher.asked < polls * tenth / 10:
                world.step(minutes=12)
            samples.append(_sample(database, len(log), fetcher.answered, len(world.sent)))
            log.clear()
            fetcher.answered = 0
            for channel in world.channels.values():
                channel.sent.clear()
    opened.close()
    return samples


def _world(database: Database) -> tuple[World, Unreliable]:
    lines = [
        f'  - {{id: s{number}, kind: fake, url: "https://s{number}.example.org/", every: 10m}}\n'
        for number in range(SOURCES)
    ]
    fetcher = Unreliable()
    world = World(database, StandingClock(), fetcher=fetcher)
    world.files["sources.yaml"] = "watch: 1\nsources:\n" + "".join(lines)
    world.files["claims/ice.yaml"] = (
        "watch: 1\nid: officers-to-ice\nclaim: {claimReviewed: Officers quit to join ICE, rating: No evidence}\n"
        "rules:\n  transfer: {priority: urgent, when: 'officer* and ICE'}\n"
    )
    world.go_live(world.load())
    return world, fetcher


def _sample(database: Path, lines: int, answered: int, sent: int) -> Sample:
    gc.collect()
    return Sample(
        memory=int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        files=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        threads=threading.active_count(),
        log=database.with_name(f"{database.name}-wal").stat().st_size,
        lines=lines,
        answered=answered,
        sent=sent,
    )

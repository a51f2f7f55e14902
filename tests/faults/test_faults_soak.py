"""Weeks of polling in little time, with one visit in twenty that fails: nothing grows that should not."""

from __future__ import annotations

import gc
import os
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from conftest import StandingClock
from world import FakeFetcher, World, story, transfer

from storage.database import Database
from watcher.model import FetchError, Memory, Reading, Reason, Source

POLLS = int(os.environ.get("FAULT_POLLS", "50000"))
SOURCES = 20
MB = 1 << 20


class Unreliable(FakeFetcher):
    """One visit in twenty fails, each in its own way; now and then there is news."""

    def __init__(self) -> None:
        super().__init__()
        self._chance = random.Random(2026)
        self.visits = 0

    def fetch(self, source: Source, memory: Memory) -> Reading:
        self.visits += 1
        if self._chance.random() < 0.05:
            raise FetchError(self._chance.choice(list(Reason)), "by chance")
        if self._chance.random() < 0.02:
            number = self.visits
            news = transfer(number) if self._chance.random() < 0.1 else story(number)
            self.show(source.id, news)
        return super().fetch(source, memory)

    def show(self, source: str, *news: object) -> None:
        """A feed is a window: what is new pushes out what is old."""
        self.pages[source] = (*news, *self.pages.get(source, ()))[:20]  # type: ignore[assignment]  # entries


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process has of everything that could leak."""

    memory: int
    files: int
    threads: int
    log: int
    lines: int


def sample(database: Path, lines: int) -> Sample:
    gc.collect()
    return Sample(
        memory=int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        files=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        threads=threading.active_count(),
        log=database.with_name(f"{database.name}-wal").stat().st_size,
        lines=lines,
    )


def soaked(world: World, polls: int) -> Sequence[Sample]:
    """Poll so often; gives a sample of each tenth of the time."""
    fetcher, samples = world.fetcher, []
    assert isinstance(fetcher, Unreliable)
    with structlog.testing.capture_logs() as log:
        for tenth in range(1, 11):
            while fetcher.visits < polls * tenth / 10:
                world.step(minutes=12)
            assert world.database.path
            samples.append(sample(world.database.path, len(log)))
            log.clear()
    return samples


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    lines = [
        f'  - {{id: s{number}, kind: fake, url: "https://s{number}.example.org/", every: 10m}}\n'
        for number in range(SOURCES)
    ]
    world = World(database, clock, fetcher=Unreliable())
    world.files["sources.yaml"] = "watch: 1\nsources:\n" + "".join(lines)
    world.files["claims/ice.yaml"] = (
        "watch: 1\nid: officers-to-ice\nclaim: {claimReviewed: Officers quit to join ICE, rating: No evidence}\n"
        "rules:\n  transfer: {priority: urgent, when: 'officer* and ICE'}\n"
    )
    world.go_live(world.load())
    return world


@pytest.mark.timeout(0)
@pytest.mark.scenario("X8")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("polls", [200, pytest.param(POLLS, marks=pytest.mark.slow)])
def test_nothing_grows_over_many_polls(world: World, polls: int) -> None:
    samples = soaked(world, polls)
    first, last = samples[len(samples) // 2], samples[-1]
    assert last.memory - first.memory < 16 * MB
    assert last.files <= first.files
    assert last.threads <= first.threads
    assert max(one.log for one in samples) < 64 * MB
    rates = [one.lines for one in samples[1:]]
    half = len(rates) // 2
    assert sum(rates[-half:]) < 1.5 * sum(rates[:half]), "as much is said at the end as at the beginning"
    assert len(world.sent) > 0

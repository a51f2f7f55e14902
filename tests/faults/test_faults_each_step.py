"""One reading and what it leads to, with a crash before each single write to the disk or to a socket."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from faults import signs
from faults.remote import IMPORTED_FROM
from faults.scenes import CITY, CLAIM, SOURCES, first_poll, transfer
from faults.service import WATCHER
from faults.stage import Stage

RECOVERED = 10.0
"""Seconds after a start by which everything that was waiting is delivered, on a machine that has nothing else to do."""


@pytest.fixture(scope="session")
def strike(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that crashes whoever loads it."""
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler here")
    library = tmp_path_factory.mktemp("strike") / "strike.so"
    source = Path(__file__).with_name("strike.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", library, source], check=True)
    return library


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Everything is settled, and no service runs."""
    with Stage(SOURCES, CLAIM) as stage:
        first_poll(stage)
        assert stage.service.close() == 0
        yield stage


def visit(stage: Stage, **environment: str) -> int:
    """Have the service visit everything once; gives its exit status."""
    done = subprocess.run(
        [*WATCHER, "run", "--once"], cwd=stage.folder, env=os.environ | {"PYTHONPATH": IMPORTED_FROM} | environment,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def crashes(stage: Stage, strike: Path, point: int) -> bool:
    """Show news, and visit it with a crash at one point; gives whether it came to that."""
    news = transfer(1000 + point)
    stage.publish(CITY, news, transfer(2), calls_for=[signs.alert(news.link)])
    crashed = visit(stage, LD_PRELOAD=str(strike), STRIKE_AT=str(point)) == -signal.SIGKILL
    if crashed:
        stage.service.crashes.append(datetime.now(UTC))
    return crashed


def swept(stage: Stage, strike: Path, *, first: int, step: int) -> list[float]:
    """Crash at every so many points until there are no more of them; gives how long it took each time to recover."""
    took = []
    for point in itertools.count(first, step):
        if not crashes(stage, strike, point):
            break
        began = time.monotonic()
        assert visit(stage) == 0
        took.append(time.monotonic() - began)
        assert stage.all_told(), f"after a crash at point {point}\n{stage.account()}"
    sys.stdout.write(f"{len(took)} crashes, recovered within {max(took):.1f} s; {stage.verdict()}\n")
    assert stage.verdict().green, stage.account()
    return took


@pytest.mark.scenario("D5", "S1", "X1")
def test_a_crash_at_some_points_of_a_reading_and_its_deliveries_loses_nothing(stage: Stage, strike: Path) -> None:
    assert len(swept(stage, strike, first=5, step=12)) > 1


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.scenario("D5", "S1", "X1")
def test_a_crash_at_any_point_of_a_reading_and_its_deliveries_loses_nothing(stage: Stage, strike: Path) -> None:
    took = swept(stage, strike, first=1, step=1)
    assert len(took) > 30
    assert max(took) < RECOVERED

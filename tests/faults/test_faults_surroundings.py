"""A service that is given next to nothing runs, or says what is missing."""

from __future__ import annotations

import re
import resource
import subprocess
from collections.abc import Callable, Iterator

import pytest
from faults import signs
from faults.remote import IMPORTED_FROM
from faults.scenes import CITY, CLAIM, PAPER, SOURCES, transfer
from faults.service import WATCHER
from faults.stage import Stage, Story

MB = 1 << 20


def limited(kind: int, most: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (most, most))


BARE = {"PYTHONPATH": IMPORTED_FROM, "PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(SOURCES, CLAIM) as stage:
        stage.publish(CITY, transfer(1), calls_for=[signs.ALREADY_THERE])
        stage.publish(PAPER, Story("https://paper.example.org/1", "Council meets"))
        yield stage


def once(stage: Stage, environment: dict[str, str], limit: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WATCHER, "run", "--once"], cwd=stage.folder, env=BARE | environment, preexec_fn=limit,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.scenario("X7")
@pytest.mark.parametrize(
    ("environment", "limit"),
    [
        ({}, lambda: None),
        ({"LC_ALL": "C", "PYTHONUTF8": "0"}, lambda: None),
        ({"TZ": "Asia/Kathmandu"}, lambda: None),
        ({"TZ": "no such zone"}, lambda: None),
        ({"TMPDIR": "/nowhere"}, lambda: None),
        ({}, limited(resource.RLIMIT_NOFILE, 64)),
        ({}, limited(resource.RLIMIT_AS, 400 * MB)),
    ],
    ids=["bare", "locale C", "a time zone", "no time zone", "no tmp", "64 files", "400 MB"],
)
def test_it_runs_with_little(stage: Stage, environment: dict[str, str], limit: Callable[[], None]) -> None:
    done = once(stage, environment, limit)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert {"city", "paper"} <= set(re.findall(r'"source": "(\w+)"', done.stderr)), "each is read"


@pytest.mark.scenario("X7")
@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (limited(resource.RLIMIT_NOFILE, 12), "oo many open files"),
        (limited(resource.RLIMIT_FSIZE, 4096), "the disk reports an error"),
    ],
    ids=["12 files", "files of 4 kB"],
)
def test_with_less_it_says_what_is_missing_and_breaks_nothing(
    stage: Stage, limit: Callable[[], None], said: str
) -> None:
    assert said in once(stage, {}, limit).stderr
    assert once(stage, {}, lambda: None).returncode == 0

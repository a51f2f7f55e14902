"""The real service on disks that are full or fail, and its commands beside it."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from faults import disks, signs
from faults.checker import What
from faults.remote import IMPORTED_FROM
from faults.scenes import CITY, CLAIM, PATIENCE, SOURCES, first_poll, transfer
from faults.service import WATCHER
from faults.stage import DESK, Stage

RESUMED = 60.0
"""Seconds within which everything goes on when there is room again."""


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(SOURCES, CLAIM) as stage:
        yield stage


@pytest.fixture
def narrow(stage: Stage) -> Iterator[Stage]:
    """Its state is on a small disk."""
    with disks.small(state(stage)):
        yield stage
        stage.service.close()


def state(stage: Stage) -> Path:
    return stage.folder / ".watcher"


def watcher(stage: Stage, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WATCHER, *arguments], cwd=stage.folder, env={"PYTHONPATH": IMPORTED_FROM, "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


def is_short(stage: Stage) -> bool:
    try:
        return bool(stage.service.ask("live")["short of room"])
    except ConnectionError:
        return False


# ---------------------------------------------------------------------------------------------- a full disk


@pytest.mark.scenario("S3")
def test_on_a_full_disk_nothing_new_is_read_what_waits_goes_out_and_all_resumes(narrow: Stage) -> None:
    first_poll(narrow)
    narrow.hook.order(order="refuse", answer="503")
    narrow.mail.order(order="refuse", answer="451 later", to=DESK, times=2)
    narrow.publish(CITY, transfer(3), calls_for=[signs.alert(transfer(3).link)])
    assert narrow.wait(lambda: narrow.answers().count("503") == 1, PATIENCE)
    disks.fill(state(narrow))
    etag = narrow.publish(CITY, transfer(7), transfer(3), calls_for=[signs.alert(transfer(7).link)])
    assert narrow.wait(lambda: is_short(narrow), 15)
    told = f"{watcher(narrow, 'status').stdout}"
    assert "nothing new is read" in told
    assert narrow.wait(lambda: told_everywhere(narrow, transfer(3).link), PATIENCE), narrow.account()
    visits = len(narrow.visits())
    narrow.wait(lambda: False, 4)
    assert len(narrow.visits()) <= visits + 1
    assert not narrow.has_kept(CITY, etag)
    disks.empty(state(narrow))
    assert narrow.wait(narrow.all_told, RESUMED), narrow.account()
    narrow.service.close()
    assert narrow.verdict().green, narrow.account()


def told_everywhere(stage: Stage, link: str) -> bool:
    stage._follow()
    took = {
        record["destination"] for record in stage.arrived if record.get("acknowledged") and link in str(record["sign"])
    }
    return len(took) == 3


@pytest.mark.scenario("S4")
def test_a_start_on_a_full_disk_uses_the_reserve_and_without_one_says_what_is_missing(narrow: Stage) -> None:
    first_poll(narrow)
    assert narrow.wait((state(narrow) / "reserve").exists, 15)
    assert narrow.service.close() == 0
    disks.fill(state(narrow))
    narrow.service.start()
    assert narrow.wait(lambda: is_short(narrow), 20), narrow.account()
    assert narrow.service.close() == 0
    disks.fill(state(narrow))
    refused = watcher(narrow, "run")
    assert refused.returncode == 1
    assert str(state(narrow)) in refused.stderr
    assert "bytes are free" in refused.stderr
    assert "are needed" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    disks.empty(state(narrow))
    narrow.publish(CITY, transfer(8), calls_for=[signs.alert(transfer(8).link)])
    narrow.service.start()
    assert narrow.wait(narrow.all_told, RESUMED)
    assert narrow.verdict().green, narrow.account()


# ---------------------------------------------------------------------------------------------- a failing one


@pytest.mark.scenario("S5")
@pytest.mark.parametrize(
    ("call", "file"),
    [
        ("fdatasync", "-wal"),
        pytest.param("pwrite64", "-wal", marks=pytest.mark.slow),
        pytest.param("pread64", "", marks=pytest.mark.slow),
    ],
)
def test_a_disk_that_fails_ends_the_service_in_plain_words_and_a_restart_goes_on(call: str, file: str) -> None:
    if shutil.which("strace") is None:
        pytest.skip("there is no strace here")
    with Stage(SOURCES, CLAIM) as stage:
        first_poll(stage)
        stage.service.close()
        traced = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(state(stage) / f"watcher.sqlite{file}")]
        traced += ["-e", f"trace={call}", "-e", f"inject={call}:error=EIO:when=2+"]
        stage.publish(CITY, transfer(9), calls_for=[signs.alert(transfer(9).link)])
        ended = subprocess.run(
            [*traced, *WATCHER, "run"], cwd=stage.folder, env={"PYTHONPATH": IMPORTED_FROM, "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=False, timeout=90,
        )  # fmt: skip
        assert ended.returncode == 1, ended.stderr
        assert re.search("the disk reports an error|see that the disk is sound", ended.stderr)
        assert "Traceback" not in ended.stderr
        stage.service.start()
        assert stage.wait(stage.all_told, PATIENCE), stage.account()


# ---------------------------------------------------------------------------------------------- a power cut

ALERTS = 3
"""So many that no single crash excuses their repetition."""


@contextmanager
def power_cut(command: Sequence[str]) -> Iterator[Stage]:
    """A service that has told some alerts, on a disk whose power is cut while it runs, and that was started again."""
    with Stage(SOURCES, CLAIM, command) as stage:
        disk = disks.Fragile(state(stage), stage.folder / "disk.img")
        try:
            first_poll(stage)
            new = [transfer(number) for number in range(30, 30 + ALERTS)]
            stage.publish(CITY, *new, transfer(2), transfer(1), calls_for=[signs.alert(one.link) for one in new])
            assert stage.wait(stage.all_told, PATIENCE), stage.account()
            stage.service.kill()
            disk.cut_power()
            disk.power_on()
            stage.service.start()
            etag = stage.publish(CITY, transfer(40), *new, transfer(2), calls_for=[signs.alert(transfer(40).link)])
            stage.wait(lambda: stage.all_told() and stage.has_kept(CITY, etag), PATIENCE)
            yield stage
        finally:
            stage.service.close()
            disk.close()


@pytest.mark.scenario("S2")
def test_what_was_told_before_a_power_cut_is_not_told_again_after_it() -> None:
    with power_cut(WATCHER) as stage:
        assert stage.verdict().green, stage.account()


@pytest.mark.slow
def test_the_ledger_notices_a_database_that_is_not_flushed() -> None:
    with power_cut((sys.executable, "-m", "faults.mutants", "synchronous-normal")) as stage:
        assert {finding.what for finding in stage.verdict().findings} & {What.EXTRA, What.REPEATED}, stage.account()


@pytest.mark.scenario("S6", "S9")
def test_a_damaged_database_is_refused_and_the_last_backup_brings_everything_back(stage: Stage) -> None:
    first_poll(stage)
    done = watcher(stage, "db", "backup", "kept.sqlite")
    assert done.returncode == 0, done.stderr
    running = watcher(stage, "db", "restore", "kept.sqlite")
    assert running.returncode == 1
    assert "stop the service first" in running.stderr
    stage.service.close()
    database = state(stage) / "watcher.sqlite"
    with database.open("r+b") as file:
        for page in range(1, database.stat().st_size // 4096, 2):
            file.seek(page * 4096)
            file.write(b"\xa5" * 64)
    for command in (("run",), ("db", "check")):
        refused = watcher(stage, *command)
        assert refused.returncode == 1
        assert "watcher db restore" in refused.stderr
    assert watcher(stage, "db", "restore", "kept.sqlite").returncode == 0
    assert watcher(stage, "db", "check").returncode == 0
    stage.publish(CITY, transfer(2), transfer(1))
    stage.service.start()
    assert stage.wait(lambda: "polls in hand" in str(ask(stage)), PATIENCE)
    stage.wait(lambda: False, 3)
    stage.publish(CITY, transfer(4), transfer(2), transfer(1), calls_for=[signs.alert(transfer(4).link)])
    assert stage.wait(stage.all_told, PATIENCE), stage.account()
    assert stage.verdict().green, stage.account()


def ask(stage: Stage) -> Any:
    try:
        return stage.service.ask("live")
    except ConnectionError:
        return ""


# ---------------------------------------------------------------------------------------------- commands beside it


@pytest.mark.scenario("S8")
def test_commands_beside_the_service_meet_no_lock_and_forget_through_it(stage: Stage) -> None:
    first_poll(stage)
    for number in range(2):
        stage.publish(CITY, transfer(20 + number), transfer(2), calls_for=[signs.alert(transfer(20 + number).link)])
        for command in (("sources",), ("alerts",), ("db", "backup"), ("db", "check")):
            done = watcher(stage, *command)
            assert done.returncode == 0, done.stderr
    assert stage.wait(stage.all_told, PATIENCE), stage.account()
    forgotten = watcher(stage, "forget", transfer(20).link)
    assert forgotten.returncode == 0, forgotten.stderr
    assert "1 items" in forgotten.stdout
    with closing(sqlite3.connect(f"file:{state(stage) / 'watcher.sqlite'}?mode=ro", uri=True)) as connection:
        titles = {row[0] for row in connection.execute("SELECT title FROM revision")}
    assert transfer(20).title not in titles
    assert transfer(21).title in titles
    stage.service.close()
    assert stage.verdict().green, stage.account()


def test_what_happened_before_a_kill_is_in_the_backup_that_is_made_after_it(stage: Stage) -> None:
    """No service runs, and nobody has emptied the log: the copy must have what is only in there."""
    first_poll(stage)
    stage.service.kill()
    assert watcher(stage, "db", "backup", "kept.sqlite").returncode == 0
    with closing(sqlite3.connect(stage.folder / "kept.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM item").fetchone()[0] == 3

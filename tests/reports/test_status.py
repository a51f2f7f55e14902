"""What the daemon says of itself, looked at without its signals and threads."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import StandingClock
from running import CLAIM
from sqlalchemy import text

from storage import outbox
from storage.leases import Lease
from watcher import app
from watcher.daemon import service as life
from watcher.settings import FetchSettings, RulesSettings, Settings


@pytest.fixture
def service(tmp_path: Path, clock: StandingClock) -> Iterator[app.App]:
    (tmp_path / "rules/claims").mkdir(parents=True)
    (tmp_path / "rules/sources.yaml").write_text("sources: [{id: paper, kind: feed, url: 'http://127.0.0.1:9/feed'}]\n")
    (tmp_path / "rules/claims/ice.yaml").write_text(CLAIM)
    settings = Settings(
        state=tmp_path / "state", rules=RulesSettings(directory=tmp_path / "rules"), fetch=FetchSettings(workers=1)
    )
    with app.opened(settings, clock=clock) as opened:
        yield opened


@pytest.mark.scenario("X4")
def test_the_status_counts_what_fails_what_waits_and_what_is_dead(service: app.App) -> None:
    new = outbox.NewMessage(kind="alert", subject="s", text="t", html="h", data={})
    with service.database.write() as connection:
        for _ in range(3):
            outbox.add(connection, new, [("terminal", "terminal")], now=service.clock())
        connection.execute(text("UPDATE delivery SET state = 'dead' WHERE id = 1"))
        connection.execute(text("UPDATE delivery SET state = 'unknown' WHERE id = 2"))
        connection.execute(
            text("UPDATE source SET state = 'failed', reason = 'blocked', failures = 9 WHERE name = 'paper'")
        )
    status = life.Daemon(service, io.StringIO())._status()
    assert status == "1 claim, 1 source, 1 failing, 2 waiting, 1 dead"


@pytest.mark.scenario("X3")
@pytest.mark.parametrize(("work", "position"), [("poll", 0), ("page", 1), ("delivery", 2)])
def test_work_that_hangs_is_named(service: app.App, work: str, position: int) -> None:
    daemon, goes_on = life.Daemon(service, io.StringIO()), threading.Event()
    daemon.work_hangs_after = timedelta(milliseconds=20)
    assert daemon._watchdog_failure() == ""
    pool = service.pipeline.pools[position]

    def hang(_: Lease) -> None:
        goes_on.wait(30)

    pool.submit(hang, Lease(1, 1, service.clock()))
    time.sleep(0.05)
    assert daemon._watchdog_failure() == f"a {work} hangs"
    goes_on.set()
    while pool.in_hand():
        time.sleep(0.01)
    assert daemon._watchdog_failure() == ""

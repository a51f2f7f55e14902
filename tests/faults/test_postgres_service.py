"""The real service on a PostgreSQL that goes away while it works."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from faults import cluster, disks, signs
from faults.cluster import Cluster
from faults.scenes import CITY, CLAIM, PATIENCE, SOURCES, first_poll, transfer
from faults.stage import Stage

from watcher.settings import FILE_NAME

ALERTS = 3
"""So many that no single crash excuses their repetition."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the server keeps its data: not pytest's folder, for the path of a socket has at most 107 characters."""
    with tempfile.TemporaryDirectory(prefix="watcher-pg") as folder:
        yield Path(folder)


@pytest.fixture
def server(folder: Path) -> Iterator[Cluster]:
    with cluster.running(folder) as server:
        yield server


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """The server's data are on it; to be asked for before the server is."""
    with disks.small(folder, 120 * disks.MB):
        yield folder


@pytest.fixture
def stage(server: Cluster) -> Iterator[Stage]:
    with Stage(SOURCES, CLAIM) as stage:
        with (stage.folder / FILE_NAME).open("a") as file:
            file.write(f'\n[storage]\nurl = "{server.address}"\n')
        yield stage


@pytest.mark.scenario("S12")
@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_postgresql_that_crashes_while_messages_are_on_their_way_costs_none_and_repeats_one(
    stage: Stage, server: Cluster
) -> None:
    first_poll(stage)
    for receiver in (stage.mail, stage.hook):
        receiver.order(order="be slow", seconds=1)
    new = [transfer(number) for number in range(30, 30 + ALERTS)]
    shown = len(stage.arrived)
    stage.publish(CITY, *new, transfer(2), transfer(1), calls_for=[signs.alert(one.link) for one in new])
    assert stage.wait(lambda: len(stage.answers()) > shown, PATIENCE), stage.account()
    server.crash()
    stage.service.crashes.append(datetime.now(UTC))
    etag = stage.publish(CITY, transfer(40), *new, transfer(2), calls_for=[signs.alert(transfer(40).link)])
    stage.wait(lambda: False, 5)
    assert not stage.has_kept(CITY, etag)
    server.start()
    assert stage.wait(lambda: stage.all_told() and stage.has_kept(CITY, etag), 4 * PATIENCE), stage.account()
    stage.service.close()
    assert stage.verdict().green, stage.account()


@pytest.mark.scenario("S12", "S3")
@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_postgresql_whose_disk_is_full_loses_nothing_and_all_goes_on_when_there_is_room(
    small_disk: Path, stage: Stage
) -> None:
    first_poll(stage)
    disks.fill(small_disk)
    new = [transfer(number) for number in range(30, 30 + ALERTS)]
    etag = stage.publish(CITY, *new, transfer(2), transfer(1), calls_for=[signs.alert(one.link) for one in new])
    stage.wait(lambda: False, 10)
    assert not stage.has_kept(CITY, etag)
    disks.empty(small_disk)
    assert stage.wait(lambda: stage.all_told() and stage.has_kept(CITY, etag), 5 * PATIENCE), stage.account()
    stage.service.close()
    assert stage.verdict().green, stage.account()

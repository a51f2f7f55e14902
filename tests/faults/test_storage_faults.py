"""Full disks, lost power, readers that hold on, and connections that are cut."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import StandingClock
from faults import disks
from faults.disks import MB
from faults.remote import IMPORTED_FROM
from sqlalchemy import text
from world import FakeChannel, World, story, transfer

from storage import backup, notes
from storage.checking import examine
from storage.database import Database, StorageBroken, StorageError, StorageFull, sqlite_url
from watcher.model import Claim, Envelope


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with disks.small(tmp_path / "disk") as folder:
        yield folder


def opened(folder: Path, name: str = "w.sqlite") -> Database:
    database = Database(sqlite_url(folder / name))
    database.migrate()
    return database


def note(database: Database, name: str, value: str) -> None:
    with database.write() as connection:
        notes.set_announced_address(connection, name, value)


def noted(database: Database, name: str) -> str:
    with database.read() as connection:
        return notes.announced_address(connection, name)


# ---------------------------------------------------------------------------------------------- a full disk


def test_a_reserve_is_kept_given_up_and_made_again(disk: Path) -> None:
    with closing(opened(disk)) as database:
        assert not database.is_short_of_room(), "nobody has looked yet"
        database.look_at_room()
        assert (disk / "reserve").stat().st_size == 16 * MB
        disks.fill(disk, leave=10 * MB)
        with pytest.raises(StorageFull, match="nothing new is read"):
            database.look_at_room()
        assert database.is_short_of_room()
        assert not (disk / "reserve").exists()
        with pytest.raises(StorageFull):
            database.look_at_room()
        assert database.is_short_of_room()
        disks.empty(disk)
        assert not database.is_short_of_room()
        assert (disk / "reserve").stat().st_blocks * 512 >= 16 * MB


def test_a_reserve_that_was_cut_short_is_made_anew(disk: Path) -> None:
    with closing(opened(disk)) as database:
        with (disk / "reserve").open("wb") as file:
            file.truncate(16 * MB)
        database.look_at_room()
        assert (disk / "reserve").stat().st_blocks * 512 >= 16 * MB


class FillsTheDisk(FakeChannel):
    """Hands over, and by the time it has done so for the first time the disk is full."""

    disk: Path

    def send(self, envelope: Envelope) -> None:
        super().send(envelope)
        if len(self.sent) == 1:
            disks.fill(self.disk)


@pytest.mark.scenario("S3")
def test_a_disk_that_fills_up_while_something_is_sent_costs_one_repeat_with_its_own_key(
    disk: Path, clock: StandingClock
) -> None:
    channel = FillsTheDisk("desk")
    channel.disk = disk
    with closing(opened(disk)) as database:
        database.look_at_room()
        world = World(database, clock, channels={"desk": channel})
        world.show("paper", transfer(40))
        for _ in range(10):
            with suppress(StorageFull):
                world.step(seconds=61)
        assert 1 <= len(world.sent) <= 2
        assert len({envelope.key for envelope in world.sent}) == 1
        assert delivery_states(database) == ["sent"], "settled in the room that was kept for it"
        disks.empty(disk)
        world.step(minutes=12)
        assert len(world.sent) <= 2


def delivery_states(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT state FROM delivery")).scalars())


@pytest.mark.scenario("S3")
def test_a_disk_that_fills_up_during_a_poll_leaves_nothing_half_done(disk: Path, clock: StandingClock) -> None:
    with closing(opened(disk)) as database:
        world = World(database, clock)
        world.show("paper", story(1))
        world.step()
        long = "Officers of ICE. " * 1000
        world.show("paper", story(1), *(transfer(n, summary=os.urandom(50_000).hex() + long) for n in range(60, 65)))
        disks.fill(disk)
        with pytest.raises(StorageFull, match=r"w\.sqlite.*bytes are free.*are needed"):
            world.step(minutes=12)
        assert world.alerts() == []
        disks.empty(disk)
        for _ in range(30):
            world.step(minutes=1)
        assert len(world.alerts()) == 5
        assert examine(database).problems == ()


@pytest.mark.scenario("S3")
def test_a_disk_that_fills_up_during_a_checkpoint_loses_nothing(disk: Path) -> None:
    kept = []
    with closing(opened(disk)) as database:
        disks.fill(disk, leave=6 * MB)  # the log has room; the database, into which it is emptied at 4 MB, has not
        for number in range(200):
            with suppress(StorageFull):
                note(database, str(number), f"{number} {os.urandom(25_000).hex()}")
                kept.append(number)
        assert 10 < len(kept) < 200
        disks.empty(disk)
        note(database, "after", "it goes on")
    with closing(opened(disk)) as database:
        assert examine(database).problems == ()
        assert all(noted(database, str(number)).startswith(f"{number} ") for number in kept)
        assert noted(database, "after")


@pytest.mark.scenario("S4")
def test_a_start_on_a_full_disk_lives_on_the_reserve(disk: Path) -> None:
    with closing(opened(disk)) as database:
        database.look_at_room()
    disks.fill(disk)
    with closing(opened(disk)) as database:
        assert not (disk / "reserve").exists()
        note(database, "a", "b")
        assert noted(database, "a") == "b"


@pytest.mark.scenario("S4")
def test_a_start_on_a_full_disk_without_a_reserve_says_what_is_missing(disk: Path) -> None:
    opened(disk).close()
    disks.fill(disk)
    database = Database(sqlite_url(disk / "w.sqlite"))
    with pytest.raises(StorageFull, match=rf"{disk}/w\.sqlite: 0 bytes are free .* at least 1,048,576 are needed"):
        database.migrate()
    database.close()
    disks.empty(disk)
    opened(disk).close()


@pytest.mark.scenario("S3")
def test_a_backup_that_finds_no_room_says_so_and_leaves_nothing(disk: Path, tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as database:
        note(database, "a", "x" * MB)
        disks.fill(disk, leave=MB)
        with pytest.raises(StorageFull, match=r"copy\.sqlite\.partial"):
            backup.copy(tmp_path / "w.sqlite", disk / "copy.sqlite")
    assert [path.name for path in disk.iterdir()] == ["filler"]


# ---------------------------------------------------------------------------------------------- a power cut

WRITER = """
import sys
from sqlalchemy import insert
from storage.database import Database
from storage.tables import note
database = Database("sqlite:///" + sys.argv[1])
database.migrate()
number = 0
while True:
    if number == int(sys.argv[2]):
        with database._writer.connect() as connection:
            connection.connection.driver_connection.executescript(
                "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0"
            )
    number += 1
    with database.write() as connection:
        connection.execute(insert(note).values(name=str(number), value="x" * 200))
    print(number, flush=True)
"""


@dataclass
class Survived:
    acknowledged: int
    """The last commit that was heard of before the power went; what the dying system says has no hearer."""
    kept: int
    problems: tuple[str, ...]


def power_cut(home: Path, seconds: float, file_system: str = "ext4", *, flushed: int = -1) -> Survived:
    """Write until the power goes, and look at what is there at the next boot.

    ``flushed``: after so many commits none is flushed any more, and none checkpointed; -1: every one is.
    """
    disk = disks.Fragile(home / "disk", home / "disk.img", file_system)
    command = [sys.executable, "-c", WRITER, str(disk.folder / "w.sqlite"), str(flushed)]
    environment = os.environ | {"PYTHONPATH": IMPORTED_FROM}
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as writer:
            assert writer.stdout
            said = writer.stdout.readline()
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                said = writer.stdout.readline()
            disk.cut_power()
            writer.stdout.read()
        disk.power_on()
        with closing(opened(disk.folder)) as database:
            with database.read() as connection:
                names = connection.execute(text("SELECT name FROM note")).scalars()
                numbers = sorted(int(name) for name in names if name.isdecimal())
            problems = examine(database).problems
        assert numbers == list(range(1, len(numbers) + 1)), "no commit is there without those before it"
        return Survived(int(said), len(numbers), problems)
    finally:
        disk.close()


CUTS = [pytest.param(run, "ext4") for run in range(3)] + [
    pytest.param(run, file_system, marks=pytest.mark.slow) for run in range(3, 53) for file_system in ("ext4", "xfs")
]


@pytest.mark.scenario("S2")
@pytest.mark.parametrize(("run", "file_system"), CUTS)
def test_a_power_cut_costs_no_commit_that_was_acknowledged(tmp_path: Path, run: int, file_system: str) -> None:
    survived = power_cut(tmp_path, 0.4 + run % 7 / 7, file_system)
    assert survived.acknowledged > 3
    assert survived.kept >= survived.acknowledged
    assert survived.problems == ()


FLUSHED = 5
"""Commits that the mutant flushes before it stops: a disk on which nothing is kept would show nothing."""


@pytest.mark.scenario("S2")
def test_without_full_synchronisation_a_power_cut_does_cost_commits(tmp_path: Path) -> None:
    """The mutant ``synchronous-normal``: that it loses is what shows that the power was cut at all.

    Between two checkpoints, that is; at one, this mode flushes too, and the moment would decide.
    """
    survived = power_cut(tmp_path, 0.7, flushed=FLUSHED)
    assert FLUSHED <= survived.kept < survived.acknowledged


# ---------------------------------------------------------------------------------------------- readers


@pytest.mark.scenario("S7")
def test_a_reader_that_holds_on_blocks_no_writer_and_its_log_shrinks_afterwards(tmp_path: Path) -> None:
    waits = []
    with closing(opened(tmp_path)) as database:
        note(database, "first", "1")
        with database.read() as connection:
            connection.execute(text("SELECT count(*) FROM note")).scalar()
            for number in range(300):
                began = time.monotonic()
                note(database, f"n{number % 10}", os.urandom(200_000).hex())
                waits.append(time.monotonic() - began)
            log = (tmp_path / "w.sqlite-wal").stat().st_size
            assert log > 64 * MB, "it grows as long as somebody reads an old state"
            assert any("something reads" in problem for problem in examine(database).problems)
        note(database, "first", "2")
        note(database, "first", "3")
        assert (tmp_path / "w.sqlite-wal").stat().st_size <= 64 * MB
        assert examine(database).problems == ()
    assert max(waits) < 5


@pytest.mark.scenario("S8")
def test_commands_beside_the_service_meet_no_lock(tmp_path: Path) -> None:
    troubles: list[str] = []
    path, ended = tmp_path / "w.sqlite", threading.Event()

    def look() -> None:
        for _ in range(250):
            command = Database(sqlite_url(path), read_only=True)
            try:
                noted(command, "a")
                with suppress(StorageError):
                    note(command, "a", "not by a command")
            except StorageError as error:
                troubles.append(str(error))
            finally:
                command.close()

    with closing(opened(tmp_path)) as database:
        note(database, "a", "")
        commands = [threading.Thread(target=look) for _ in range(4)]
        for command in commands:
            command.start()
        number = 0
        while any(command.is_alive() for command in commands):
            number += 1
            note(database, "a", f"{number} {'x' * 5000}")
            ended.wait(0.001)
        assert noted(database, "a").startswith(f"{number} ")
        assert examine(database).problems == ()
    assert troubles == []


# ---------------------------------------------------------------------------------------------- PostgreSQL


def terminate_others(database: Database) -> None:
    with database.read() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).all()


@pytest.mark.scenario("S12")
@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("moment", ["while nothing is done", "in the middle of a transaction"])
def test_a_cut_connection_to_postgresql_heals(database: Database, clock: StandingClock, moment: str) -> None:
    other = Database(database.url.render_as_string(hide_password=False))
    world = World(database, clock)
    world.show("paper", story(1))
    world.step()
    world.show("paper", story(1), transfer(40))
    if moment == "while nothing is done":
        terminate_others(other)
        world.step(minutes=12)
    else:
        cutting(world, lambda: terminate_others(other))
        with pytest.raises(StorageError):
            world.step(minutes=12)
        assert world.alerts() == []
    for _ in range(3):
        world.step(seconds=61)
    assert len(world.alerts()) == 1
    assert world.kinds() == ["digest", "alert"]
    other.close()


def cutting(world: World, cut: Callable[[], None]) -> None:
    """From now on the connection is cut once, while what was found is being stored."""
    live = world.pipeline.live
    cuts = iter([cut])

    def cut_once(claim: Claim) -> Sequence[tuple[str, str]]:
        for now in cuts:
            now()
        return live.recipients(claim)

    world.pipeline.live = replace(live, recipients=cut_once)


@pytest.mark.scenario("S12")
@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_empty_standby_that_took_over_is_a_loss_and_no_new_beginning(database: Database, tmp_path: Path) -> None:
    witness, address = tmp_path / "in-use", database.url.render_as_string(hide_password=False)

    def started() -> None:
        with closing(Database(address, witness=witness)) as again:
            again.migrate()

    started()
    with database.write() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    for _ in range(2):
        with pytest.raises(StorageBroken, match="is empty, though it was used before: restore it"):
            note(database, "a", "b")
    for _ in range(2):
        with pytest.raises(StorageBroken, match=f"or remove {witness} to start over"):
            started()
    witness.write_text("another database")
    started()


@pytest.mark.scenario("S12")
@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_was_leased_over_a_cut_connection_is_leased_again_within_two_minutes(
    database: Database, clock: StandingClock
) -> None:
    other = Database(database.url.render_as_string(hide_password=False))
    world = World(database, clock)
    world.show("paper", transfer(40))
    sent: list[timedelta] = []
    began = clock()

    class Cuts(FakeChannel):
        def send(self, envelope: Envelope) -> None:
            super().send(envelope)
            sent.append(clock() - began)
            if len(sent) == 1:
                terminate_others(other)

    world.pipeline.channels = {"desk": Cuts("desk")}
    for _ in range(13):
        with suppress(StorageError):
            world.step(seconds=10)
    assert len(sent) <= 2
    assert sent[-1] - sent[0] <= timedelta(minutes=2)
    assert delivery_states(database) == ["sent"]
    other.close()

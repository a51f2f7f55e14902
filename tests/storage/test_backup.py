"""Copies of a database in use, putting one back, and what becomes of a schema that is brought up to date."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from storage import backup, migrations, notes
from storage.checking import examine
from storage.database import Database, NewerSchema, StorageBroken, StorageError, sqlite_url
from storage.restore import restore

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def opened(path: Path, *, read_only: bool = False) -> Iterator[Database]:
    database = Database(sqlite_url(path), read_only=read_only)
    if not read_only:
        database.migrate()
    yield database
    database.close()


def noted(path: Path, name: str) -> str:
    with opened(path, read_only=True) as database, database.read() as connection:
        return notes.announced_address(connection, name)


def note(database: Database, name: str, value: str) -> None:
    with database.write() as connection:
        notes.set_announced_address(connection, name, value)


# ---------------------------------------------------------------------------------------------- backup


@pytest.mark.scenario("S9")
def test_a_backup_under_load_is_one_moment_and_blocks_no_writer(tmp_path: Path) -> None:
    ended, written = threading.Event(), 0
    with opened(tmp_path / "w.sqlite") as database:

        def write() -> None:
            nonlocal written
            while not ended.is_set():
                with database.write() as connection:  # both or neither
                    for name in ("a", "b"):
                        notes.set_announced_address(connection, name, f"{written} {'x' * 50_000}")
                written += 1

        note(database, "a", "0")
        note(database, "b", "0")
        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(5):
                before = written
                backup.copy(tmp_path / "w.sqlite", tmp_path / f"{number}.sqlite")
                while written == before:
                    ended.wait(0.01)
        finally:
            ended.set()
            writer.join()
    copies = [tmp_path / f"{number}.sqlite" for number in range(5)]
    assert all(noted(path, "a") == noted(path, "b") for path in copies)
    assert len({noted(path, "a") for path in copies}) == 5, "it was being written to all the time"


@pytest.mark.scenario("S9")
def test_a_backup_that_takes_long_is_not_begun_anew_by_every_write(tmp_path: Path) -> None:
    steps: list[int] = []

    class Slow(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, **_: Any) -> None:
            super().backup(target, pages=1, progress=meanwhile)

    def meanwhile(_status: int, _left: int, total: int) -> None:
        steps.append(total)
        if len(steps) < 3 * total:
            note(database, "a", str(len(steps)))

    with opened(tmp_path / "w.sqlite") as database:
        note(database, "a", "0")
        with closing(sqlite3.connect(backup.read_only(tmp_path / "w.sqlite"), uri=True, factory=Slow)) as source:
            backup._copy_one_moment(source, tmp_path / "copy.sqlite")
    assert len(steps) == steps[0], "a step for each page"
    assert noted(tmp_path / "copy.sqlite", "a") == "0"


@pytest.mark.scenario("S9")
def test_a_backup_takes_nothing_over_from_what_had_its_name(tmp_path: Path) -> None:
    log = tmp_path / "copy.sqlite-wal"
    log.write_bytes(b"of another database")
    with opened(tmp_path / "w.sqlite") as database:
        note(database, "a", "b")
        backup.copy(tmp_path / "w.sqlite", tmp_path / "copy.sqlite")
    assert not log.exists()
    assert noted(tmp_path / "copy.sqlite", "a") == "b"


@pytest.mark.scenario("Z9")
def test_a_backup_is_one_file_that_needs_nothing_beside_it_and_is_private(tmp_path: Path) -> None:
    with opened(tmp_path / "w.sqlite") as database:
        note(database, "a", "only in the log as yet")
        backup.copy(tmp_path / "w.sqlite", tmp_path / "copy.sqlite")
    assert noted(tmp_path / "copy.sqlite", "a")
    assert (tmp_path / "copy.sqlite").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.sqlite", "w.sqlite"]


@pytest.mark.scenario("S8", "S9")
def test_a_backup_leaves_the_log_of_the_live_database_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "w.sqlite"
    crash_after(path, "notes.set_announced_address(connection, 'a', 'b')")
    log = path.with_name("w.sqlite-wal").read_bytes()
    assert log
    backup.copy(path, tmp_path / "copy.sqlite")
    assert path.with_name("w.sqlite-wal").read_bytes() == log
    assert noted(tmp_path / "copy.sqlite", "a") == "b"


@pytest.mark.scenario("S8")
def test_a_reader_is_never_the_one_that_checkpoints(tmp_path: Path) -> None:
    path = tmp_path / "w.sqlite"
    crash_after(path, "notes.set_announced_address(connection, 'a', 'b')")
    log = path.with_name("w.sqlite-wal").read_bytes()
    assert noted(path, "a") == "b"
    assert path.with_name("w.sqlite-wal").read_bytes() == log


@pytest.mark.scenario("S9")
def test_a_backup_that_cannot_be_finished_leaves_the_last_one(tmp_path: Path) -> None:
    with opened(tmp_path / "w.sqlite") as database:
        note(database, "a", "1")
    backup.copy(tmp_path / "w.sqlite", tmp_path / "copy.sqlite")
    flip(tmp_path / "w.sqlite", page=root_of(tmp_path / "w.sqlite", "match"))
    with pytest.raises(StorageBroken, match="is damaged"):
        backup.copy(tmp_path / "w.sqlite", tmp_path / "copy.sqlite")
    assert noted(tmp_path / "copy.sqlite", "a") == "1"
    assert not list(tmp_path.glob("*.partial"))


def test_a_backup_over_the_live_database_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "w.sqlite"):
        (tmp_path / "link").symlink_to(tmp_path / "w.sqlite")
        for target in (tmp_path / "w.sqlite", tmp_path / "link"):
            with pytest.raises(StorageError, match="live database itself"):
                backup.copy(tmp_path / "w.sqlite", target)


# ---------------------------------------------------------------------------------------------- restore


@pytest.mark.scenario("S9")
def test_a_restore_puts_the_backup_in_place_and_keeps_what_was_there(tmp_path: Path) -> None:
    live = tmp_path / "w.sqlite"
    with opened(live) as database:
        note(database, "a", "old")
        backup.copy(live, tmp_path / "copy.sqlite")
    crash_after(live, "notes.set_announced_address(connection, 'a', 'new')")
    aside = restore(tmp_path / "copy.sqlite", live, now=NOON)
    assert noted(live, "a") == "old"
    assert aside == tmp_path / "w.sqlite.before-restore-20260120T120000Z"
    assert noted(aside, "a") == "new", "with its log"


@pytest.mark.scenario("S6")
def test_a_damaged_database_is_replaced_as_well(tmp_path: Path) -> None:
    live = tmp_path / "w.sqlite"
    with opened(live) as database:
        note(database, "a", "old")
        backup.copy(live, tmp_path / "copy.sqlite")
    live.write_bytes(b"")
    assert restore(tmp_path / "copy.sqlite", live, now=NOON)
    assert noted(live, "a") == "old"


@pytest.mark.scenario("S6")
@pytest.mark.parametrize("content", [b"", b"this is a letter" * 1000], ids=["empty", "letter"])
def test_what_is_no_backup_is_refused_and_nothing_is_changed(tmp_path: Path, content: bytes) -> None:
    live = tmp_path / "w.sqlite"
    with opened(live) as database:
        note(database, "a", "b")
    (tmp_path / "copy.sqlite").write_bytes(content)
    with pytest.raises(StorageError, match="nothing was changed"):
        restore(tmp_path / "copy.sqlite", live, now=NOON)
    assert noted(live, "a") == "b"
    assert not [path for path in tmp_path.iterdir() if ".restored" in path.name or ".before" in path.name]


@pytest.mark.scenario("S9", "S10")
def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "copy.sqlite") as database, database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer version"):
        restore(tmp_path / "copy.sqlite", tmp_path / "w.sqlite", now=NOON)


@pytest.mark.scenario("S9")
def test_a_restore_that_was_interrupted_is_no_reason_to_begin_anew(tmp_path: Path) -> None:
    live = tmp_path / "w.sqlite"
    with opened(live):
        backup.copy(live, tmp_path / "copy.sqlite")
    live.rename(tmp_path / "w.sqlite.restored")
    with pytest.raises(StorageError, match="run `watcher db restore` again"):
        Database(sqlite_url(live)).migrate()
    assert restore(tmp_path / "copy.sqlite", live, now=NOON) is None
    with opened(live):
        pass


# ---------------------------------------------------------------------------------------------- check


def test_a_whole_database_has_no_problems(database: Database) -> None:
    found = examine(database)
    assert found.problems == ()
    assert found.schema
    assert "test" in found.place or found.size > 0


def test_a_row_without_its_parent_is_found(tmp_path: Path) -> None:
    with opened(tmp_path / "w.sqlite"):
        pass
    with closing(sqlite3.connect(tmp_path / "w.sqlite")) as connection:
        connection.execute("INSERT INTO item_key (source_id, key, item_id) VALUES (1, x'00', 5)")
        connection.commit()
    with opened(tmp_path / "w.sqlite", read_only=True) as database:
        assert any("belongs to a row of item" in problem for problem in examine(database).problems)


# ------------------------------------------------------------------------------ what a start finds out


@pytest.mark.scenario("S6")
@pytest.mark.parametrize("table", ["match", "delivery", ""])
def test_flipped_bytes_are_found_at_the_start(tmp_path: Path, table: str) -> None:
    """Also where nobody would have looked before the first match or delivery."""
    path = tmp_path / "w.sqlite"
    with opened(path):
        pass
    flip(path, page=root_of(path, table) if table else 0)
    with pytest.raises(StorageBroken, match="restore the last backup"):
        Database(sqlite_url(path)).migrate()
    with opened(path, read_only=True) as database:
        assert examine(database).problems


@pytest.mark.scenario("S6")
def test_a_truncated_file_is_found_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "w.sqlite"
    with opened(path):
        pass
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StorageBroken, match="restore the last backup"):
        Database(sqlite_url(path)).migrate()


@pytest.mark.scenario("S6")
def test_an_empty_file_is_a_loss_and_no_new_beginning(tmp_path: Path) -> None:
    path = tmp_path / "w.sqlite"
    path.touch()
    with pytest.raises(StorageBroken, match="is empty"):
        Database(sqlite_url(path)).migrate()


@pytest.mark.scenario("S6")
def test_damage_in_the_log_costs_at_most_its_last_commits(tmp_path: Path) -> None:
    path = tmp_path / "w.sqlite"
    crash_after(path, "notes.set_announced_address(connection, 'a', 'b')")
    log = path.with_name("w.sqlite-wal")
    with log.open("r+b") as file:
        file.seek(log.stat().st_size - 100)
        file.write(b"\xff" * 50)
    with opened(path) as database:
        assert examine(database).problems == ()


@pytest.mark.scenario("S5")
def test_after_an_error_of_the_disk_nothing_more_is_written(tmp_path: Path) -> None:
    with opened(tmp_path / "w.sqlite") as database:
        note(database, "a", "b" * 100_000)
        database.erase_traces()
        flip(tmp_path / "w.sqlite", page=root_of(tmp_path / "w.sqlite", "note"))
        with pytest.raises(StorageBroken, match="is damaged"):
            read_afresh(tmp_path / "w.sqlite", database)
        with pytest.raises(StorageBroken, match="is damaged"):
            note(database, "unrelated", "c")


def read_afresh(path: Path, database: Database) -> None:
    database._reader.dispose()  # what was read before is still in its cache
    with database.read() as connection:
        connection.execute(text("SELECT * FROM note")).all()


# ---------------------------------------------------------------------------------------------- schema


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the code one that has one more migration, which does what it is given."""
    scripts = tmp_path / "migrations"
    here = Path(migrations.__file__).parent
    shutil.copytree(here, scripts, ignore=shutil.ignore_patterns("__pycache__"))

    def add(body: str) -> None:
        newest = max(path.stem[:4] for path in (scripts / "versions").glob("0*.py"))
        (scripts / "versions" / "9000_next.py").write_text(
            f"from alembic import op\nrevision = '9000'\ndown_revision = '{newest}'\ndef upgrade():\n    {body}\n"
        )
        monkeypatch.setattr(migrations, "__file__", str(scripts / "__init__.py"))

    return add


@pytest.mark.scenario("S10")
def test_a_copy_of_the_old_one_is_kept_before_a_migration(tmp_path: Path, next_version: Callable[[str], None]) -> None:
    path = tmp_path / "w.sqlite"
    with opened(path) as database:
        note(database, "a", "b")
        old = examine(database).schema
    next_version("op.execute('CREATE TABLE extra (a)')")
    with opened(path) as database:
        assert examine(database).schema == "9000"
    assert noted(path.with_name(f"w.sqlite.schema-{old}"), "a") == "b"
    with opened(path):
        pass
    assert len(list(tmp_path.glob("*.schema-*"))) == 1


@pytest.mark.scenario("S10")
def test_a_migration_that_fails_leaves_the_old_schema(tmp_path: Path, next_version: Callable[[str], None]) -> None:
    path = tmp_path / "w.sqlite"
    with opened(path) as database:
        old = examine(database).schema
    next_version("op.execute('CREATE TABLE extra (a)'); op.execute('nonsense')")
    with pytest.raises(StorageError, match="nonsense"):
        Database(sqlite_url(path)).migrate()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(old,)]
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'extra'").fetchall()


KILL = "__import__('os').kill(__import__('os').getpid(), 9)"


@pytest.mark.scenario("S10")
@pytest.mark.parametrize("after", range(3))
def test_a_migration_that_is_killed_leaves_the_old_schema(
    tmp_path: Path, next_version: Callable[[str], None], after: int
) -> None:
    path = tmp_path / "w.sqlite"
    with opened(path) as database:
        old = examine(database).schema
    statements = ["op.execute('CREATE TABLE extra (a)')", "op.execute('INSERT INTO extra VALUES (1)')"]
    next_version("; ".join([*statements[:after], KILL, *statements[after:]]))
    moved = f"migrations.__file__ = {migrations.__file__!r}"
    assert python(f"{moved}\nDatabase(sqlite_url(Path({str(path)!r}))).migrate()") == -signal.SIGKILL
    next_version("; ".join(statements))
    with opened(path, read_only=True) as database:
        assert examine(database).schema == old
    with opened(path) as database:
        assert examine(database).schema == "9000"


@pytest.mark.scenario("S10")
def test_a_newer_schema_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "w.sqlite"
    with opened(path) as database, database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = path.read_bytes()
    with pytest.raises(NewerSchema):
        Database(sqlite_url(path)).migrate()
    assert path.read_bytes() == before


# ---------------------------------------------------------------------------------------------- tools


def root_of(path: Path, table: str) -> int:
    with closing(sqlite3.connect(backup.read_only(path), uri=True)) as connection:
        found = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return int(found[0])


def flip(path: Path, page: int = 0) -> None:
    """Flip bytes at the beginning of a page: of this one, or of every second one behind the first."""
    size = 4096
    pages = [page - 1] if page else range(1, path.stat().st_size // size, 2)
    with path.open("r+b") as file:
        for number in pages:
            file.seek(number * size)
            file.write(b"\xa5" * 64)


def crash_after(path: Path, statement: str) -> None:
    """Have another process commit something and end so that the log stays."""
    body = (
        f"database = Database(sqlite_url(Path({str(path)!r})))\ndatabase.migrate()\n"
        f"with database.write() as connection:\n    {statement}\n{KILL}"
    )
    assert python(body) == -signal.SIGKILL


def python(body: str) -> int:
    imports = (
        "from pathlib import Path\nfrom storage import migrations, notes\n"
        "from storage.database import Database, sqlite_url\n"
    )
    return subprocess.run([sys.executable, "-c", imports + body], cwd=ROOT, check=False).returncode

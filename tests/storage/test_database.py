"""Opening a database, migrating it, and what is said when it cannot be used."""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError, StatementError
from sqlmodel import SQLModel

from storage import migrations, notes, rulebooks, sources
from storage.database import Database, NewerSchema, StorageBroken, StorageError, StorageFull, sqlite_url, works
from storage.lock import Locked, ProcessLock
from storage.poll_state import PollState


def test_models_and_migrations_agree(database: Database) -> None:
    with database.write() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def bring_back(connection: Connection, revision: str) -> None:
    """An empty database of an older version."""
    SQLModel.metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))
    command.upgrade(migrations.config(connection), revision)


def test_messages_of_an_older_schema_get_the_priority_of_their_payload(database: Database) -> None:
    with database.write() as connection:
        bring_back(connection, "0001")
        add = text(
            "INSERT INTO message (kind, thread, created_at, subject, text, html, data)"
            " VALUES (:kind, '', '2026-01-20 12:00:00', '', '', '', :data)"
        )
        about_one = {"kind": "alert", "data": '{"type": "alert", "data": {"alert": {"id": "7", "priority": "urgent"}}}'}
        about_many = {"kind": "digest", "data": '{"type": "digest", "data": {"entries": [], "notes": []}}'}
        connection.execute(add, [about_one, about_many])
    database.migrate()
    with database.read() as connection:
        found = connection.execute(text("SELECT kind, priority FROM message ORDER BY id")).all()
    assert [tuple(row) for row in found] == [("alert", "urgent"), ("digest", "")]


@pytest.mark.parametrize(
    ("state", "failures", "now"),
    [
        ("new", 0, (PollState.NEW, "")),
        ("ok", 0, (PollState.OK, "")),
        ("damaged", 0, (PollState.DAMAGED, "")),
        ("damaged", 1, (PollState.FAILED, "damaged")),
        ("not a feed", 2, (PollState.FAILED, "not a feed")),
        ("gone", 1, (PollState.GONE, "gone")),
    ],
)
def test_the_state_of_an_older_schema_is_told_apart_from_its_reason(
    state: str, failures: int, now: tuple[PollState, str], database: Database
) -> None:
    with database.write() as connection:
        bring_back(connection, "0003")
        add = text(
            "INSERT INTO source (name, kind, url, host, enabled, next_poll_at, lease, unsettled, failures, state,"
            " detail, recent, pace, skip_hours, address, moved_to, moved_times, fingerprints)"
            " VALUES ('city', 'feed', 'https://city.example', 'city.example', true, '2026-01-20 12:00:00', 0, 0,"
            " :failures, :state, '', '', 0, '', '', '', 0, '')"
        )
        connection.execute(add, {"state": state, "failures": failures})
    database.migrate()
    with database.read() as connection:
        (row,) = sources.all_sources(connection)
    assert (row.state, row.reason) == now


def test_migrating_twice_changes_nothing(database: Database) -> None:
    database.migrate()
    with database.read() as connection:
        assert works(connection)


@pytest.mark.scenario("S10")
def test_a_newer_schema_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="newer version"):
        database.migrate()


@pytest.mark.scenario("S1")
def test_what_fails_in_a_transaction_leaves_nothing_behind(database: Database) -> None:
    def fail_half_way() -> None:
        with database.write() as connection:
            notes.set_announced_address(connection, "a", "b")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with database.read() as connection:
        assert notes.announced_address(connection, "a") == ""


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises((StorageError, StatementError), match="naive"), database.write() as connection:
        rulebooks.keep(connection, "d", {}, now=datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.scenario("S2", "S8")
def test_sqlite_is_opened_durable_and_readers_cannot_write(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "a.sqlite"))
    database.migrate()
    with database.write() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2, "FULL: NORMAL loses commits in a power cut"
    with pytest.raises(StorageError, match="may not write"), database.read() as connection:
        notes.set_announced_address(connection, "a", "b")
    database.close()


@pytest.mark.scenario("S8")
def test_who_finds_the_database_locked_waits_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    database = Database(sqlite_url(path))
    database.migrate()
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, holder.rollback)
    release.start()
    with database.write() as connection:
        notes.set_announced_address(connection, "a", "b")
    release.join()
    holder.close()
    database.close()


def test_a_folder_that_is_not_there_is_said_in_plain_words(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "nowhere" / "a.sqlite"))
    with pytest.raises(StorageError, match="does its folder exist"):
        database.migrate()
    database.close()


@pytest.mark.scenario("S6")
def test_a_file_that_is_no_database_is_said_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"this is a letter" * 1000)
    database = Database(sqlite_url(path))
    with pytest.raises(StorageError, match="is damaged"):
        database.migrate()
    database.close()


def test_a_full_disk_is_said_in_plain_words_and_writing_goes_on_when_there_is_room(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "a.sqlite"))
    database.migrate()
    with database.write() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar()
        connection.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(StorageFull, match="free some space"), database.write() as connection:
        notes.set_announced_address(connection, "a", "b" * 100_000)
    with database.write() as connection:
        connection.execute(text("PRAGMA max_page_count=100000"))
        notes.set_announced_address(connection, "a", "b" * 100_000)
    database.close()


@pytest.mark.parametrize("column", ["read_in_full_at", "malformed"])
def test_a_column_that_is_not_there_is_neither_a_full_disk_nor_a_damaged_nor_an_empty_database(
    database: Database, column: str
) -> None:
    wrong = text(f"SELECT {column} FROM item")
    with pytest.raises((StorageError, ProgrammingError), match=column) as raised, database.write() as connection:
        connection.execute(wrong)
    assert not isinstance(raised.value, StorageFull | StorageBroken)
    assert database.reserve is None or not database.reserve.short, "the reserve is kept"
    with database.read() as connection:
        assert works(connection)


def test_a_database_that_another_process_keeps_locked_is_reported_as_in_use(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    database = Database(sqlite_url(path))
    database.migrate()
    with database.write() as connection:
        connection.execute(text("PRAGMA busy_timeout=0"))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="is in use"), database.write():
        pass
    holder.close()
    database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("53100", StorageFull, "no room left on the server"),
        ("42P01", StorageBroken, "is empty, though it was used before"),
        ("57P01", StorageError, "connects again by itself"),
        ("08006", StorageError, "connects again by itself"),
    ],
)
def test_an_error_of_a_server_is_known_by_its_code_in_whatever_language_the_server_speaks(
    database: Database, state: str, kind: type[StorageError], words: str
) -> None:
    in_german = text(f"DO $$ BEGIN RAISE EXCEPTION 'Das ging schief' USING ERRCODE = '{state}'; END $$")
    with pytest.raises(StorageError, match=words) as raised, database.write() as connection:
        connection.execute(in_german)
    assert type(raised.value) is kind


def test_one_process_at_a_time_and_the_next_after_it(tmp_path: Path) -> None:
    with ProcessLock(tmp_path / "lock"), pytest.raises(Locked, match=r"process \d+ is already at work"):
        ProcessLock(tmp_path / "lock").__enter__()
    with ProcessLock(tmp_path / "lock"):
        pass

"""Opening the database, and the two ways into it: `Database.write` and `Database.read`.

SQLite up to 3.51.2 can corrupt a WAL database when two connections write or checkpoint at the same moment
(sqlite.org/wal.html#walresetbug). So there is one writing connection behind a lock; every other connection is
query-only and never checkpoints. ``synchronous=FULL``, since in WAL mode NORMAL loses commits on a power cut.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, RowMapping, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool, StaticPool

from storage import migrations

__all__ = ["Connection", "Database", "NewerSchema", "Row", "StorageError", "StorageFull", "sqlite_url", "works"]

Row = RowMapping
"""One row by the names of its columns."""

BUSY_TIMEOUT_MS = 5000


class StorageError(Exception):
    """The database cannot be used; the text says what, where and what to do."""


class StorageFull(StorageError):
    """There is no room left to write."""


class NewerSchema(StorageError):
    """The database was written by a newer watcher."""


class Database:
    """One database, opened. Threads share it; connections never leave the ``with`` block that gave them."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._turn = threading.Lock()
        self._writer = None if read_only else _engine(self.url, writes=True)
        self._reader = self._writer if self._writer and not self.is_sqlite else _engine(self.url, writes=False)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block. On SQLite one at a time, ``BEGIN IMMEDIATE``."""
        if self._writer is None:
            raise StorageError(f"{self.describe()} was opened for reading only")
        if self.is_sqlite:
            with self._turn, _told_plainly(self), self._writer.begin() as connection:
                yield connection
        else:
            with _told_plainly(self), self._writer.begin() as connection:
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that only looks."""
        with _told_plainly(self), self._reader.connect() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the schema up to date. Raises `NewerSchema` when the database is ahead of this code."""
        with self.write() as connection:
            if migrations.is_newer(connection):
                raise NewerSchema(
                    f"{self.describe()} was written by a newer version of watcher: install that version again, "
                    f"or restore a backup made before it"
                )
            migrations.upgrade(connection)

    def describe(self) -> str:
        """Where it is, without a password."""
        return str(self.url.database) if self.is_sqlite else self.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Let every connection go; the writer checkpoints on its way out."""
        self._reader.dispose()
        if self._writer is not None:
            self._writer.dispose()


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def _engine(url: URL, *, writes: bool) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, poolclass=QueuePool, pool_size=5, max_overflow=15)
    pool = {"poolclass": StaticPool} if writes else {"poolclass": QueuePool, "pool_size": 4}
    arguments = {"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000}
    engine = create_engine(url, connect_args=arguments, **pool)
    event.listen(engine, "connect", _prepare_writer if writes else _prepare_reader)
    event.listen(engine, "begin", _begin_immediately if writes else _begin)
    return engine


def _prepare_writer(connection, _record) -> None:  # type: ignore[no-untyped-def]  # a DBAPI connection has no type
    # pysqlite opens transactions late, and only for some statements: leave that to the begin event
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "journal_size_limit=67108864"):
        connection.execute(f"PRAGMA {pragma}").close()


def _prepare_reader(connection, _record) -> None:  # type: ignore[no-untyped-def]  # a DBAPI connection has no type
    connection.isolation_level = None
    for pragma in ("query_only=ON", "wal_autocheckpoint=0"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_immediately(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


@contextmanager
def _told_plainly(database: Database) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise _in_plain_words(database, error) from error


def _in_plain_words(database: Database, error: DatabaseError) -> Exception:
    words, where = str(error.orig), database.describe()
    if "full" in words or "No space left" in words:
        return StorageFull(f"no room left to write {where}: free some space, watcher goes on by itself")
    if "unable to open" in words:
        return StorageError(f"cannot open {where}: does its folder exist, and may this user write there?")
    if "readonly" in words or "read-only" in words:
        return StorageError(f"may not write {where}: check the owner and mode of the file and its folder")
    if "not a database" in words or "malformed" in words:
        return StorageError(f"{where} is damaged ({words}): restore the last backup")
    if "disk I/O error" in words:
        return StorageError(f"{where}: the disk reports an error ({words}): check the disk and the free space")
    if isinstance(error, OperationalError):
        return StorageError(f"{where}: {words}")
    return error


def works(connection: Connection) -> bool:
    """Whether the database answers at all."""
    return connection.execute(text("SELECT 1")).scalar() == 1

"""Opening the database, and the two ways into it: `Database.write` and `Database.read`.

SQLite up to 3.51.2 can corrupt a WAL database when two connections write or checkpoint at the same moment
(sqlite.org/wal.html#walresetbug). So there is one writing connection behind a lock; every other connection is
opened read-only and never checkpoints. ``synchronous=FULL``, since in WAL mode NORMAL loses commits on a power cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool, StaticPool

from storage import backup, migrations
from storage.durable import put_in_place
from storage.errors import (
    NewerSchema,
    StorageBroken,
    StorageError,
    StorageFull,
    damaged,
    emptied,
    explain_postgresql,
    explain_sqlite,
)
from storage.fair_lock import FairLock
from storage.reserve import Reserve

__all__ = [
    "Connection", "Database", "NewerSchema", "StorageBroken", "StorageError", "StorageFull", "sqlite_url",
    "works",
]  # fmt: skip

BUSY_TIMEOUT_MS = 5000
UNFINISHED, RESTORED = ".unfinished", ".restored"
"""Suffix of a database that is being created or restored; it gets its own name when it is complete."""


class Database:
    """An open database. Threads share it; connections are used only in the ``with`` block that opened them."""

    def __init__(self, url: str, *, read_only: bool = False, witness: Path | None = None) -> None:
        """``witness``: a file that remembers which database of a server was used; a SQLite file is its own."""
        self.url = _address(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database or "") if self.is_sqlite else None
        """Its file, if it is one."""
        self.reserve = Reserve(self.path.parent) if self.path and not read_only else None
        self._write_lock = FairLock()
        self._broken = ""
        self._witness = None if self.is_sqlite else witness
        self._writer = None if read_only else _engine(self.url, writes=True)
        self._reader = self._writer if self._writer and not self.is_sqlite else _engine(self.url, writes=False)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that commits at the end of the block; on SQLite one at a time, ``BEGIN IMMEDIATE``."""
        if self._writer is None:
            raise StorageError(f"{self.describe()} was opened for reading only")
        if self.is_sqlite:
            with self._write_lock, self._troubles(), self._writer.begin() as connection:
                yield connection
        else:
            with self._troubles(), self._writer.begin() as connection:
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read-only connection."""
        with self._troubles(), self._reader.connect() as connection:
            yield connection

    def migrate(self, *, keep_old: bool = True) -> None:
        """Create the database if it does not exist, check it, and upgrade its schema.

        On SQLite a copy of the old database is kept next to it. Raise `NewerSchema` when it is newer than this code.
        """
        if self.path is not None:
            _make_or_refuse(self.path)
        try:
            self._bring_up_to_date(keep_old=keep_old)
        except StorageFull:
            if self.reserve is None or not self.reserve.short:
                raise
            self._bring_up_to_date(keep_old=keep_old)  # the first try has given up the reserve

    def refuse_if_emptied(self) -> None:
        """Raise `StorageBroken` when this database, which has no schema, was used before."""
        if self.path is not None:
            _refuse_empty_file(self.path)
        elif self._witness is not None and self._witness.exists() and self._witness.read_text() == self.describe():
            raise emptied(self.describe(), self._witness)

    def look_at_room(self) -> None:
        """Keep a reserve of disk space. Raises `StorageFull` while there is too little space to start anything new."""
        if self.reserve is not None:
            self.reserve.look()

    def is_short_of_room(self) -> bool:
        """Return whether the disk is nearly full, so that nothing new may start; checks again if it was."""
        if self.reserve is None or not self.reserve.short:
            return False
        with suppress(StorageFull):
            self.reserve.look()
        return self.reserve.short

    def erase_traces(self) -> bool:
        """Empty SQLite's log, which still contains what was overwritten. Return whether no reader prevented it."""
        if self._writer is None or not self.is_sqlite:
            return True
        with self._write_lock, self._troubles(), self._writer.connect() as connection:
            own: Any = connection.connection.driver_connection  # past SQLAlchemy, which would begin a transaction
            own.execute("PRAGMA busy_timeout=500").close()  # other writers wait meanwhile
            busy: int = own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            own.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}").close()
        return busy == 0

    def describe(self) -> str:
        """Return where it is, without a password."""
        return str(self.url.database) if self.is_sqlite else self.url.render_as_string(hide_password=True)

    def libraries(self) -> dict[str, str]:
        """Return the versions of the libraries that keep the data: none for a server, which has its own."""
        return {"sqlite": sqlite3.sqlite_version} if self.is_sqlite else {}

    def close(self) -> None:
        """Close every connection; the writer checkpoints when it closes."""
        self._reader.dispose()
        if self._writer is not None:
            self._writer.dispose()

    def _bring_up_to_date(self, *, keep_old: bool) -> None:
        with self.read() as connection:
            self._check_whole(connection)
            if migrations.is_newer(connection):
                raise NewerSchema(
                    f"{self.describe()} was written by a newer version of watcher: install that version again, "
                    f"or restore a backup made before it"
                )
            current, newest = migrations.current(connection), migrations.revisions()[-1]
        if current is None:
            self.refuse_if_emptied()
        if self.path is not None and keep_old and current not in (None, newest):
            backup.copy(self.path, self.path.with_name(f"{self.path.name}.schema-{current}"))
        with self.write() as connection:
            migrations.upgrade(connection)
        if self._witness is not None:
            self._witness.write_text(self.describe())

    def _check_whole(self, connection: Connection) -> None:
        if self.is_sqlite and (found := connection.execute(text("PRAGMA quick_check(1)")).scalar()) != "ok":
            raise damaged(self._file(), str(found))

    @contextmanager
    def _troubles(self) -> Iterator[None]:
        """Raise errors for people; release the reserve on a full disk, stop writing on a broken one."""
        if self._broken:
            raise StorageBroken(self._broken)
        try:
            yield
        except DatabaseError as error:
            trouble = self._in_plain_words(error)
            if isinstance(trouble, StorageFull) and self.reserve is not None:
                self.reserve.release()
            if isinstance(trouble, StorageBroken):
                self._broken = str(trouble)
            raise trouble from error

    def _in_plain_words(self, error: DatabaseError) -> Exception:
        if self.is_sqlite:
            trouble = explain_sqlite(self._file(), error.orig)
        else:
            trouble = explain_postgresql(self.describe(), self._witness, error.orig)
        if trouble is None and isinstance(error, OperationalError):
            trouble = StorageError(f"{self.describe()}: {error.orig}")
        return trouble or error

    def _file(self) -> Path:
        assert self.path is not None
        return self.path


def sqlite_url(path: Path) -> str:
    """Return the address of a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def works(connection: Connection) -> bool:
    """Return whether the database answers at all."""
    return connection.execute(text("SELECT 1")).scalar() == 1


def _address(written: str) -> URL:
    """Return the URL of a database with our driver. Errors do not repeat it, since it may contain a password."""
    known = (
        "write sqlite:////folder/file, or postgresql://user@host/name, or leave it out for SQLite in the state folder"
    )
    try:
        url = make_url(written)
    except ArgumentError:
        raise StorageError(f"storage.url is not the address of a database: {known}") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StorageError(f"storage.url: watcher does not work with {url.drivername}: {known}")
    if url.get_backend_name() == "sqlite":
        return url
    if find_spec("psycopg") is None:
        raise StorageError(
            "storage.url names a PostgreSQL, for which a part is missing: pip install 'verdict-watcher[postgres]'"
        )
    return url.set(drivername="postgresql+psycopg")


def _refuse_empty_file(path: Path) -> None:
    if path.stat().st_size == 0:
        raise StorageBroken(
            f"{path} is empty, though it was a database: restore the last backup with `watcher db restore`, "
            f"or remove the file to start over"
        )


def _make_or_refuse(path: Path) -> None:
    """Create a database that gets its name when complete. An empty or a lost file is an error."""
    if path.exists():
        _refuse_empty_file(path)  # before a writer makes a database of it
        return
    if not path.parent.is_dir():
        raise StorageError(f"cannot open {path}: does its folder exist, and may this user write there?")
    if path.with_name(path.name + RESTORED).exists():
        raise StorageError(f"{path} was being restored when that was interrupted: run `watcher db restore` again")
    unfinished = path.with_name(path.name + UNFINISHED)
    unfinished.unlink(missing_ok=True)
    backup.remove_sidecars(unfinished)
    made = Database(sqlite_url(unfinished))
    try:
        with made.write() as connection:
            migrations.upgrade(connection)
    finally:
        made.close()
    put_in_place(unfinished, path)


def _engine(url: URL, *, writes: bool) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, poolclass=QueuePool, pool_size=5, max_overflow=15)
    pool = {"poolclass": StaticPool} if writes else {"poolclass": QueuePool, "pool_size": 4}
    arguments = {"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000}
    if not writes:
        file = f"file:{quote(url.database or '')}"
        url = URL.create("sqlite", database=file, query={"mode": "ro", "uri": "true"})
    engine = create_engine(url, connect_args=arguments, **pool)
    event.listen(engine, "connect", _prepare_writer if writes else _prepare_reader)
    event.listen(engine, "begin", _begin_immediately if writes else _begin)
    return engine


def _prepare_writer(connection, _record) -> None:  # type: ignore[no-untyped-def]  # a DBAPI connection has no type
    # pysqlite opens transactions late, and only for some statements: leave that to the begin event
    connection.isolation_level = None
    pragmas = (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "journal_size_limit=67108864", "secure_delete=ON",
    )  # fmt: skip
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()


def _prepare_reader(connection, _record) -> None:  # type: ignore[no-untyped-def]  # a DBAPI connection has no type
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON").close()


def _begin_immediately(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")

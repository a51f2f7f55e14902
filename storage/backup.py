"""A copy of a live SQLite database: one file, consistent, checked, and on the disk before it has its name."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from storage.durable import put_in_place
from storage.errors import StorageError, damaged, explain_sqlite

SIDECARS = ("-wal", "-shm", "-journal")
"""Suffixes of SQLite's files next to a database; those of one database damage another of the same name."""
_PAGES_PER_STEP = 4096
"""Copied at a time: 16 MB, so that a signal is heard in between."""


def copy(live: Path, target: Path) -> None:
    """Copy a database that may be in use: blocks no writer, checkpoints nothing.

    What ``target`` was is replaced whole or not at all. Raises `StorageError`, and OSError where ``target`` cannot be.
    """
    if target.exists() and target.samefile(live):
        raise StorageError(f"{target} is the live database itself: name another file for the backup")
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with _plainly(live), closing(sqlite3.connect(read_only(live), uri=True)) as source:
            _copy_one_moment(source, partial)
        remove_sidecars(target)
        put_in_place(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def remove_sidecars(path: Path) -> None:
    """Remove the files that an earlier database of this name left behind."""
    for suffix in SIDECARS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def read_only(path: Path) -> str:
    """Return the URI with which SQLite opens a file without writing to it or checkpointing it."""
    return f"file:{quote(str(path))}?mode=ro"


def _copy_one_moment(source: sqlite3.Connection, partial: Path) -> None:
    source.isolation_level = None
    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it sees one moment
    with _plainly(partial), closing(sqlite3.connect(partial)) as copied:
        copied.execute("PRAGMA synchronous=OFF")  # the whole file is synced at its end
        source.backup(copied, pages=_PAGES_PER_STEP)
        copied.execute("PRAGMA journal_mode=DELETE")  # one file, which can be read where nothing may be written
        found = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise damaged(partial, found)


@contextmanager
def _plainly(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise explain_sqlite(path, error) or StorageError(f"{path}: {error}") from error

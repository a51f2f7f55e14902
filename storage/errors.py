"""Database errors in words for people: what is wrong, where, and what to do.

Errors are recognized by their codes. Their texts contain our own names, and servers translate them.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

MIN_BYTES_TO_OPEN = 1 << 20
"""Bytes without which SQLite cannot even open a database: its index of the log, and the first lines of the log."""


class StorageError(Exception):
    """The database cannot be used; the message tells why, where and what to do."""


class StorageFull(StorageError):
    """The disk is full."""


class StorageBroken(StorageError):
    """The database on the disk is damaged, so nothing more may be written to it."""


class NewerSchema(StorageError):
    """The database was written by a newer watcher."""


def free_bytes(folder: Path) -> int:
    """Return how many bytes this user may still write to the disk that the folder is on."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def no_room(path: Path) -> StorageFull:
    """Return the error for a file that cannot be written, with the bytes that are missing."""
    free = free_bytes(path.parent)
    return StorageFull(
        f"no room left to write {path}: {free:,} bytes are free on that disk, and at least "
        f"{MIN_BYTES_TO_OPEN:,} are needed: free some space, watcher goes on by itself"
    )


def explain_sqlite(path: Path, error: BaseException | None) -> StorageError | None:
    """Return what a result code of SQLite means for a person, or None where it means nothing in particular.

    Codes: https://sqlite.org/rescode.html. Errors that Python itself raises have none.
    """
    # the low byte is the primary code, which an extended one such as SQLITE_IOERR_WRITE refines
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return no_room(path)
        case sqlite3.SQLITE_IOERR:
            # when there is no space for its index, SQLite reports that the disk failed
            return no_room(path) if free_bytes(path.parent) < MIN_BYTES_TO_OPEN else _broken(path, str(error))
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(path, str(error))
        case sqlite3.SQLITE_CANTOPEN:
            return StorageError(f"cannot open {path}: does its folder exist, and may this user write there?")
        case sqlite3.SQLITE_READONLY:
            return StorageError(f"may not write {path}: check the owner and mode of the file and its folder")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StorageError(f"{path} is in use ({error}): another process has been writing to it for seconds")
    return None


def explain_postgresql(database: str, witness: Path | None, error: BaseException | None) -> StorageError | None:
    """Return what an SQLSTATE of PostgreSQL means for a person, or None where it means nothing in particular.

    Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html. A connection that fails has none.
    """
    state = getattr(error, "sqlstate", None) or ""
    if state == "53100":  # disk_full
        return StorageFull(
            f"no room left on the server of {database} ({error}): free some space there, watcher goes on by itself"
        )
    if state == "42P01":  # undefined_table
        return emptied(database, witness)
    if state == "3D000":  # invalid_catalog_name
        return StorageError(f"the server of {database} has no database of that name: create it, or correct storage.url")
    if state.startswith(("08", "57P0")):  # connection exceptions, and a server that shuts down or starts
        return StorageError(f"lost the connection to {database} ({error}): watcher connects again by itself")
    return None


def damaged(path: Path, words: str) -> StorageBroken:
    """Return the error for a file that holds something else than an undamaged database."""
    return StorageBroken(
        f"{path} is damaged ({words}): see that the disk is sound, "
        f"then restore the last backup with `watcher db restore`"
    )


def emptied(database: str, witness: Path | None) -> StorageBroken:
    """Return the error for a server whose database was lost, as on a standby that took over too early."""
    restart = f", or remove {witness} to start over" if witness is not None else ""
    return StorageBroken(
        f"{database} is empty, though it was used before: restore it, or name the right one in storage.url{restart}"
    )


def _broken(path: Path, words: str) -> StorageBroken:
    return StorageBroken(
        f"{path}: the disk reports an error ({words}): nothing more is written; check the disk, then `watcher db check`"
    )

"""What can be wrong with a database, and how it is said: what, where and what to do."""

from __future__ import annotations

import os
from pathlib import Path

NEEDED = 1 << 20
"""Bytes without which SQLite cannot even open a database: its index of the log, and the first lines of the log."""


class StorageError(Exception):
    """The database cannot be used; the text says what, where and what to do."""


class StorageFull(StorageError):
    """There is no room left to write."""


class StorageBroken(StorageError):
    """What is on the disk cannot be trusted: nothing may be written on top of it."""


class NewerSchema(StorageError):
    """The database was written by a newer watcher."""


def free_bytes(folder: Path) -> int:
    """What this user may still write to the disk that the folder is on."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def no_room(path: Path) -> StorageFull:
    """That a file cannot be written, with the bytes that are missing."""
    free = free_bytes(path.parent)
    return StorageFull(
        f"no room left to write {path}: {free:,} bytes are free on that disk, and at least {NEEDED:,} are needed: "
        f"free some space, watcher goes on by itself"
    )


def explained(path: Path, words: str) -> StorageError | None:
    """What SQLite's words mean for a person; None when they mean nothing in particular."""
    if "full" in words or "No space left" in words:
        return no_room(path)
    if "disk I/O error" in words:
        # where there is no room for its index, SQLite says that the disk failed
        return no_room(path) if free_bytes(path.parent) < NEEDED else _broken(path, words)
    if "not a database" in words or "malformed" in words:
        return damaged(path, words)
    if "unable to open" in words:
        return StorageError(f"cannot open {path}: does its folder exist, and may this user write there?")
    if "readonly" in words or "read-only" in words:
        return StorageError(f"may not write {path}: check the owner and mode of the file and its folder")
    return None


def damaged(path: Path, words: str) -> StorageBroken:
    """That what a file holds is no whole database."""
    return StorageBroken(
        f"{path} is damaged ({words}): see that the disk is sound, "
        f"then restore the last backup with `watcher db restore`"
    )


def emptied(database: str, witness: Path | None) -> StorageBroken:
    """That a server shows an empty database where there was a full one, as a standby does that took over too early."""
    anew = f", or remove {witness} to begin anew" if witness is not None else ""
    return StorageBroken(
        f"{database} is empty, though it was used before: restore it, or name the right one in storage.url{anew}"
    )


def _broken(path: Path, words: str) -> StorageBroken:
    return StorageBroken(
        f"{path}: the disk reports an error ({words}): nothing more is written; check the disk, then `watcher db check`"
    )

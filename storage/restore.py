"""Putting an old database back, so that what happened since does not come as a flood of alerts."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, update

from storage import backup
from storage.checking import examine
from storage.database import RESTORED, Database, StorageError, sqlite_url
from storage.durable import put_in_place
from storage.sources import OUTSIDE
from storage.tables import delivery, source


def restore(kept: Path, live: Path, *, now: datetime) -> Path | None:
    """Replace the live database, which must not be open anywhere, by a backup.

    Return where the old one is kept, or None if there was none. Raise `StorageError`, with nothing changed, if the
    backup is damaged or of a newer version.
    """
    _refuse_unless_whole(kept)
    fresh = live.with_name(live.name + RESTORED)
    backup.remove_sidecars(fresh)
    backup.copy(kept, fresh)
    database = Database(sqlite_url(fresh))
    try:
        database.migrate(keep_old=False)
        with database.write() as connection:
            catch_up(connection, now=now)
    finally:
        database.close()
    owner = (live if live.exists() else live.parent).stat()
    os.chown(fresh, owner.st_uid, owner.st_gid)  # root may restore it, although another user runs the service
    aside = _set_aside(live, f"{live.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    put_in_place(fresh, live)
    return aside


def catch_up(connection: Connection, *, now: datetime) -> None:
    """Make every source be read as if for the first time, for a database that may have missed days.

    Stored items stay known. Others go into one digest for each claim, since nobody can know which of them were
    alerted before. Messages that wait may have been sent already; they are sent again with the same key.
    """
    unread = {"etag": None, "last_modified": None, "body_hash": None, "last_poll_at": None, "baselined_at": None}
    connection.execute(update(source).where(OUTSIDE).values(next_poll_at=now, **unread))
    connection.execute(update(delivery).where(delivery.c.state == "pending").values(state="unknown"))


def _refuse_unless_whole(kept: Path) -> None:
    if not kept.is_file():
        raise StorageError(f"{kept} does not exist")
    database = Database(sqlite_url(kept), read_only=True)
    try:
        problems = examine(database).problems
    finally:
        database.close()
    if problems:
        raise StorageError(f"{kept} cannot be restored, nothing was changed: {'; '.join(problems)}")


def _set_aside(live: Path, name: str) -> Path | None:
    there = [suffix for suffix in ("", *backup.SIDECARS) if live.with_name(live.name + suffix).exists()]
    for suffix in there:  # the database first: without it, a start does nothing but point at the unfinished restore
        live.with_name(live.name + suffix).rename(live.with_name(name + suffix))
    return live.with_name(name) if there else None

"""The valid sets of rule files: a restart uses the last one, whatever is on the disk then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from storage import values
from storage.tables import rulebook

MAX_KEPT = 20
"""How many of the newest sets are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRulebook:
    """A valid set of rule files."""

    digest: str
    files: Mapping[str, str]
    """Their texts by their paths."""


def last_good(connection: Connection) -> StoredRulebook | None:
    """Return the set a restart runs, if there ever was one."""
    query = select(*values.columns(rulebook, StoredRulebook)).order_by(rulebook.c.id.desc()).limit(1)
    return values.first(connection, query, StoredRulebook)


def keep(connection: Connection, digest: str, files: Mapping[str, str], *, now: datetime) -> None:
    """Store a valid set, unless it is the same as the last one."""
    newest = last_good(connection)
    if newest is not None and newest.digest == digest:
        return
    connection.execute(insert(rulebook).values(digest=digest, files=dict(files), loaded_at=now))
    old = select(rulebook.c.id).order_by(rulebook.c.id.desc()).offset(MAX_KEPT)
    connection.execute(delete(rulebook).where(rulebook.c.id.in_(old)))

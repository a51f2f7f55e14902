"""All stored revisions of items, in the order in which they were seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage.items import Revision
from storage.tables import item, revision, source
from storage.values import columns, every, first


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRevision(Revision):
    """A revision, with its item and its source."""

    id: int
    """The id of the revision."""
    item_id: int
    story_id: int
    first_seen_at: datetime
    already_there: bool
    source: str
    """The name of its source."""


def page(connection: Connection, *, after: int, since: datetime | None, limit: int) -> Sequence[PastRevision]:
    """Return revisions with an id above ``after``, with item and name of the source, oldest first."""
    query = _since(_with_item(), since).where(revision.c.id > after).order_by(revision.c.id).limit(limit)
    return every(connection, query, PastRevision)


def before(connection: Connection, item_id: int, revision_id: int) -> PastRevision | None:
    """Return the revision of the item before this one; None if it is the first."""
    query = _with_item().where(revision.c.item_id == item_id, revision.c.id < revision_id)
    return first(connection, query.order_by(revision.c.id.desc()).limit(1), PastRevision)


def published(connection: Connection, source_id: int, *, limit: int) -> list[datetime]:
    """Return when the newest items of a source appeared: by their own date, or else when they were first seen.

    Items without a date that were there before the source was watched are left out.
    """
    seen = (item.c.first_seen_at, item.c.published_at, item.c.already_there)
    query = select(*seen).where(item.c.source_id == source_id).order_by(item.c.id.desc()).limit(limit)
    moments = []
    for row in connection.execute(query):
        if row.published_at is not None and row.published_at <= row.first_seen_at:
            moments.append(row.published_at)
        elif not row.already_there:
            moments.append(row.first_seen_at)
    return moments


def count(connection: Connection, *, since: datetime | None) -> int:
    """Return the number of revisions that `page` returns in all."""
    number: int = connection.execute(_since(select(func.count()).select_from(revision), since)).scalar_one()
    return number


def _since(query: Select[Any], since: datetime | None) -> Select[Any]:
    return query if since is None else query.where(revision.c.seen_at >= since)


def _with_item() -> Select[Any]:
    of_item = (item.c.story_id, item.c.first_seen_at, item.c.already_there)
    return (
        select(*columns(revision, PastRevision), *of_item, source.c.name.label("source"))
        .join_from(revision, item, item.c.id == revision.c.item_id)
        .join(source, source.c.id == item.c.source_id)
    )

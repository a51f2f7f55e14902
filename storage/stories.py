"""Find stored items that share text with a new one, by sampled fingerprints in the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, text, update

from storage.tables import fingerprint, item, revision, source
from storage.values import batches, columns, every

_STORIES_LOCK = 0x57A7C4  # any number, the same in every worker


@dataclass(frozen=True, slots=True)
class CopyCandidate:
    """A stored item that shares text with a new one."""

    item_id: int
    shared: int
    """Fingerprints both have, the boilerplate of the new one's host left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMember:
    """An item of a story, with its newest revision."""

    id: int
    first_seen_at: datetime
    title: str
    link: str
    author: str
    outlet: str
    summary: str
    body: str
    page: str | None
    published_at: datetime | None
    source: str
    """The name of its source."""


def one_at_a_time(connection: Connection) -> None:
    """Make other workers wait with stories until the transaction ends, or two could start the same story."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _STORIES_LOCK})


def candidates(
    connection: Connection,
    hashes: Collection[int],
    *,
    host: str,
    at_least: int,
    boilerplate: int,
    limit: int,
) -> list[CopyCandidate]:
    """Return the items that share at least ``at_least`` of these fingerprints, most first.

    A fingerprint that ``boilerplate`` or more stories of the host have is boilerplate of its pages, and is ignored.
    """
    if not hashes:
        return []
    rows = [row for some in batches(sorted(hashes)) for row in connection.execute(_sharing(), {"hashes": some})]
    stories: defaultdict[int, set[int]] = defaultdict(set)
    for hash_, _, story_id, own_host in rows:
        if own_host == host:
            stories[hash_].add(story_id)
    shared = Counter(item_id for hash_, item_id, _, _ in rows if len(stories[hash_]) < boilerplate)
    return [CopyCandidate(item_id, count) for item_id, count in shared.most_common(limit) if count >= at_least]


# SELECT fingerprint.hash, item.id, item.story_id, source.host
# FROM fingerprint JOIN item ON item.id = fingerprint.item_id JOIN source ON source.id = item.source_id
# WHERE fingerprint.hash IN (:hashes)
@cache  # used for every item that matches, and building the statement takes longer than running it
def _sharing() -> Select[Any]:
    return (
        select(fingerprint.c.hash, item.c.id, item.c.story_id, source.c.host)
        .join_from(fingerprint, item, item.c.id == fingerprint.c.item_id)
        .join(source, source.c.id == item.c.source_id)
        .where(fingerprint.c.hash.in_(bindparam("hashes", expanding=True)))
    )


def remember(connection: Connection, item_id: int, hashes: Collection[int], signature: str) -> None:
    """Store an item's fingerprints and the signature of its denial wording."""
    connection.execute(update(item).where(item.c.id == item_id).values(signature=signature))
    connection.execute(delete(fingerprint).where(fingerprint.c.item_id == item_id))
    if hashes:
        connection.execute(insert(fingerprint), [{"hash": hash_, "item_id": item_id} for hash_ in sorted(set(hashes))])


def join(connection: Connection, item_id: int, story_id: int) -> None:
    """Move an item to a known story."""
    connection.execute(update(item).where(item.c.id == item_id).values(story_id=story_id))


def members(connection: Connection, story_id: int) -> Sequence[StoryMember]:
    """Return the items of a story, first seen first, each with its newest revision and its source."""
    return every(connection, _newest_of_story(), StoryMember, {"story": story_id})


# SELECT ... FROM item JOIN revision ON revision.item_id = item.id JOIN source ON source.id = item.source_id
# WHERE revision.id IN (SELECT max(revision.id) FROM revision JOIN item ON item.id = revision.item_id
#                       WHERE item.story_id = :story GROUP BY revision.item_id)
# ORDER BY item.id
@cache  # used as often as `_sharing`
def _newest_of_story() -> Select[Any]:
    newest = select(func.max(revision.c.id)).join(item, item.c.id == revision.c.item_id)
    newest = newest.where(item.c.story_id == bindparam("story")).group_by(revision.c.item_id)
    return (
        select(
            item.c.id,
            item.c.first_seen_at,
            *(column for column in columns(revision, StoryMember) if column.name != "id"),
            source.c.name.label("source"),
        )
        .join_from(item, revision, revision.c.item_id == item.c.id)
        .join(source, source.c.id == item.c.source_id)
        .where(revision.c.id.in_(newest))
        .order_by(item.c.id)
    )

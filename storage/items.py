"""Items, their keys and their revisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, insert, select, update

from storage.tables import item, item_key, match, near_miss, revision, source
from storage.tables import page as page_table
from storage.values import batches, columns, every, one


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevision:
    """What an item says, to be stored."""

    hash: bytes
    title: str
    link: str
    author: str
    outlet: str
    published_at: datetime | None
    tags: tuple[str, ...]
    summary: str
    body: str
    attached: tuple[tuple[str, str], ...] = ()
    """Address and name of each document that it links to."""
    page: str | None = None
    """What the page behind it says; None where it was not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an item said at one time; `storage.tables.RevisionRow` explains the fields."""

    seen_at: datetime
    hash: bytes
    title: str
    link: str
    author: str
    outlet: str
    published_at: datetime | None
    tags: Sequence[str]
    summary: str
    body: str
    attached: Sequence[tuple[str, str]]
    page: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem(Revision):
    """An item with its newest revision."""

    id: int
    source_id: int
    source: str
    """The name of its source."""
    host: str
    """Of its source."""
    story_id: int
    signature: str
    first_seen_at: datetime
    already_there: bool
    missing_since: datetime | None
    removed_at: datetime | None
    revision_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPresence:
    """Whether an item was in the last complete readings of its source."""

    id: int
    first_seen_at: datetime
    missing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatch:
    """A rule hit that was kept."""

    revision_id: int
    claim_id: str
    rule_id: str
    event: str
    at: datetime
    spans: Sequence[tuple[str, int, int]]
    suppressed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """An item close to a claim, none of whose rules hit it."""

    id: int
    item_id: int
    claim_id: str
    topic: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMatch:
    """A rule hit in a revision, to be stored."""

    claim_id: str
    rule_id: str
    event: str
    spans: tuple[tuple[str, int, int], ...]
    suppressed_by: str


def owners(connection: Connection, source_id: int, keys: Collection[bytes]) -> dict[bytes, int]:
    """Which items of the source are known by which of these keys."""
    found: dict[bytes, int] = {}
    for some in batches(keys):
        rows = connection.execute(_owning(), {"source_id": source_id, "keys": some})
        found.update((bytes(key), item_id) for key, item_id in rows)
    return found


@cache
def _owning() -> Select[Any]:
    some = item_key.c.key.in_(bindparam("keys", expanding=True))
    return select(item_key.c.key, item_key.c.item_id).where(item_key.c.source_id == bindparam("source_id"), some)


def latest(connection: Connection, item_ids: Collection[int]) -> Mapping[int, Revision]:
    """The newest revision of each item, by item id."""
    if not item_ids:
        return {}
    newest = select(func.max(revision.c.id)).where(revision.c.item_id.in_(item_ids)).group_by(revision.c.item_id)
    query = select(revision.c.item_id, *columns(revision, Revision)).where(revision.c.id.in_(newest))
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return {row.pop("item_id"): Revision(**row) for row in rows}


def add(
    connection: Connection,
    source_id: int,
    keys: Iterable[bytes],
    said: NewRevision,
    *,
    now: datetime,
    already_there: bool,
) -> tuple[int, int]:
    """Store a new item with what it says; gives the ids of item and revision."""
    values = {
        "source_id": source_id,
        "first_seen_at": now,
        "published_at": said.published_at,
        "already_there": already_there,
    }
    item_id: int = connection.execute(insert(item).returning(item.c.id), values).scalar_one()
    connection.execute(update(item).where(item.c.id == item_id).values(story_id=item_id))
    add_keys(connection, source_id, keys, item_id)
    return item_id, add_revision(connection, item_id, said, now=now)


def add_keys(connection: Connection, source_id: int, keys: Iterable[bytes], item_id: int) -> None:
    """Remember that the item is also known by these; a key that has an owner keeps it."""
    wanted = set(keys)
    free = wanted - owners(connection, source_id, wanted).keys()
    if free:
        rows = [{"source_id": source_id, "key": key, "item_id": item_id} for key in sorted(free)]
        connection.execute(insert(item_key), rows)


def add_revision(connection: Connection, item_id: int, said: NewRevision, *, now: datetime) -> int:
    """Store what an item says now; gives the id of the revision."""
    values = {
        "item_id": item_id,
        "seen_at": now,
        "hash": said.hash,
        "title": said.title,
        "link": said.link,
        "author": said.author,
        "outlet": said.outlet,
        "published_at": said.published_at,
        "tags": list(said.tags),
        "summary": said.summary,
        "body": said.body,
        "attached": [list(document) for document in said.attached],
        "page": said.page,
    }
    revision_id: int = connection.execute(insert(revision).returning(revision.c.id), values).scalar_one()
    return revision_id


def add_matches(
    connection: Connection, item_id: int, revision_id: int, matches: Iterable[NewMatch], *, now: datetime
) -> None:
    """Keep every rule hit, suppressed ones too."""
    rows = [
        {
            "item_id": item_id,
            "revision_id": revision_id,
            "claim_id": hit.claim_id,
            "rule_id": hit.rule_id,
            "event": hit.event,
            "at": now,
            "spans": [list(span) for span in hit.spans],
            "suppressed_by": hit.suppressed_by,
        }
        for hit in matches
    ]
    if rows:
        connection.execute(insert(match), rows)


def remove(connection: Connection, item_id: int, *, now: datetime) -> None:
    """Mark an item as removed, which was there until its page was last read."""
    last_read = select(page_table.c.read_at).where(page_table.c.item_id == item_id).scalar_subquery()
    since = func.coalesce(item.c.missing_since, last_read)
    connection.execute(update(item).where(item.c.id == item_id).values(missing_since=since, removed_at=now))


def revisions_since(connection: Connection, item_id: int, since: datetime) -> int:
    """How often an item was stored anew since a moment."""
    query = select(func.count()).where(revision.c.item_id == item_id, revision.c.seen_at >= since)
    return connection.execute(query).scalar_one()


def not_removed(connection: Connection, source_id: int) -> Sequence[ItemPresence]:
    """Return the items of a source that are there, as far as is known."""
    here = (item.c.source_id == source_id, item.c.removed_at.is_(None))
    return every(connection, select(*columns(item, ItemPresence)).where(*here), ItemPresence)


def mark_missing(connection: Connection, item_ids: Collection[int], *, now: datetime) -> None:
    """These were not there for the first time."""
    _mark(connection, item_ids, {"missing_since": now})


def mark_removed(connection: Connection, item_ids: Collection[int], *, now: datetime) -> None:
    """These are not there any more."""
    _mark(connection, item_ids, {"removed_at": now})


def mark_present(connection: Connection, source_id: int, present: Collection[int]) -> None:
    """An item that is there again is neither missing nor removed any more."""
    back = item.c.missing_since.is_not(None) | item.c.removed_at.is_not(None)
    returned = connection.execute(select(item.c.id).where(item.c.source_id == source_id, back)).scalars().all()
    here_again = [item_id for item_id in returned if item_id in present]
    _mark(connection, here_again, {"missing_since": None, "removed_at": None})


def _mark(connection: Connection, item_ids: Collection[int], values: Mapping[str, Any]) -> None:
    for some in batches(item_ids):
        connection.execute(update(item).where(item.c.id.in_(some)).values(values))


def add_near_misses(connection: Connection, item_id: int, topics: Mapping[str, float], *, now: datetime) -> None:
    """Keep which claims an item was close to; an edit that is close again changes nothing."""
    seen = select(near_miss.c.claim_id).where(near_miss.c.item_id == item_id)
    missing = topics.keys() - set(connection.execute(seen).scalars()) if topics else set()
    rows = [
        {"item_id": item_id, "claim_id": claim_id, "topic": topics[claim_id], "at": now} for claim_id in sorted(missing)
    ]
    if rows:
        connection.execute(insert(near_miss), rows)


def near_misses(connection: Connection, *, claim_id: str, limit: int) -> Sequence[NearMiss]:
    """Items close to a claim that no rule of it hit, the newest first."""
    query = select(*columns(near_miss, NearMiss)).where(near_miss.c.claim_id == claim_id)
    return every(connection, query.order_by(near_miss.c.id.desc()).limit(limit), NearMiss)


def newest_texts(connection: Connection, *, limit: int) -> Iterator[str]:
    """Title and text of the revisions stored last."""
    columns = (revision.c.title, revision.c.summary, revision.c.body, revision.c.page)
    for row in connection.execute(select(*columns).order_by(revision.c.id.desc()).limit(limit)):
        yield " ".join(filter(None, row))


def get(connection: Connection, item_id: int) -> StoredItem:
    """An item with its newest revision and its source's name. Raises `sqlalchemy.exc.NoResultFound`."""
    return one(connection, _getting(), StoredItem, {"wanted": item_id})


@cache
def _getting() -> Select[Any]:
    """Asked for every item that matches, and to put it together takes longer than to run it."""
    newest = select(func.max(revision.c.id)).where(revision.c.item_id == bindparam("wanted")).scalar_subquery()
    return _with_source().where(item.c.id == bindparam("wanted"), revision.c.id == newest)


def page(connection: Connection, *, after: int, limit: int) -> Sequence[StoredItem]:
    """Items with their newest revision, in the order of their ids, those behind ``after``."""
    newest = select(func.max(revision.c.id)).where(revision.c.item_id > after).group_by(revision.c.item_id)
    query = _with_source().where(item.c.id > after, revision.c.id.in_(newest)).order_by(item.c.id).limit(limit)
    return every(connection, query, StoredItem)


def count(connection: Connection, source_ids: Collection[int] | None = None) -> int:
    """How many items are stored: of these sources, or in all."""
    query = select(func.count()).select_from(item)
    if source_ids is not None:
        query = query.where(item.c.source_id.in_(source_ids))
    return connection.execute(query).scalar_one()


def first_seen_between(connection: Connection, source_id: int, after: datetime, until: datetime) -> int:
    """How many items of a source were stored in this time."""
    seen = (item.c.first_seen_at > after, item.c.first_seen_at <= until)
    query = select(func.count()).where(item.c.source_id == source_id, *seen)
    return connection.execute(query).scalar_one()


def others_match(connection: Connection, claim_id: str, story_id: int, item_id: int) -> bool:
    """Whether any other item of a story still says what a rule of the claim hits."""
    newest = select(func.max(revision.c.id)).join(item, item.c.id == revision.c.item_id)
    newest = newest.where(item.c.story_id == story_id, item.c.id != item_id).group_by(revision.c.item_id)
    standing = (match.c.claim_id == claim_id, match.c.suppressed_by == "", match.c.revision_id.in_(newest))
    return connection.execute(select(match.c.id).where(*standing).limit(1)).first() is not None


def matches_of(connection: Connection, item_id: int) -> Sequence[StoredMatch]:
    """Return every rule hit ever kept for an item, oldest first."""
    query = select(*columns(match, StoredMatch)).where(match.c.item_id == item_id).order_by(match.c.id)
    return every(connection, query, StoredMatch)


def _with_source() -> Select[Any]:
    of_item = (column for column in columns(item, StoredItem) if column.name != "published_at")
    return (
        select(
            *of_item,
            *columns(revision, Revision),
            revision.c.id.label("revision_id"),
            source.c.name.label("source"),
            source.c.host,
        )
        .join_from(item, revision, revision.c.item_id == item.c.id)
        .join(source, and_(source.c.id == item.c.source_id))
    )

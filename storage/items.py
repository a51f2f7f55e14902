"""Items, their keys and their revisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, insert, select, update

from storage.tables import alert, item, item_key, match, near_miss, revision, source
from storage.tables import page as page_table
from storage.values import batches, columns, every, one


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevision:
    """The content of an item, to be stored."""

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
    """The text of the page behind it; None if that was not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The content of an item at one time; `storage.tables.RevisionRow` explains the fields."""

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
    """The tags of its source."""
    story_id: int
    signature: str
    first_seen_at: datetime
    already_there: bool
    missing_since: datetime | None
    removed_at: datetime | None
    revision_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPresence:
    """Whether an item was found in the last complete readings of its source."""

    id: int
    first_seen_at: datetime
    missing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatch:
    """A stored rule hit."""

    revision_id: int
    claim_id: str
    rule_id: str
    event: str
    at: datetime
    spans: Sequence[tuple[str, int, int]]
    suppressed_by: str
    resembles: str


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
    resembles: str


def owners(connection: Connection, source_id: int, keys: Collection[bytes]) -> dict[bytes, int]:
    """Return the item that owns each of these keys in the source."""
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
    """Return the newest revision of each item, by item id."""
    if not item_ids:
        return {}
    # SELECT ... FROM revision WHERE id IN (SELECT max(id) FROM revision WHERE item_id IN (...) GROUP BY item_id)
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
    """Store a new item with its first revision; return the ids of both."""
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
    """Add keys to an item; a key that belongs to another item stays there."""
    wanted = set(keys)
    free = wanted - owners(connection, source_id, wanted).keys()
    if free:
        rows = [{"source_id": source_id, "key": key, "item_id": item_id} for key in sorted(free)]
        connection.execute(insert(item_key), rows)


def add_revision(connection: Connection, item_id: int, said: NewRevision, *, now: datetime) -> int:
    """Store the content of an item as a new revision; return its id."""
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
) -> list[NewMatch]:
    """Store every rule hit, including suppressed ones; return those that were not stored for this revision before."""
    matches = list(matches)
    by = select(match.c.claim_id, match.c.rule_id).where(match.c.revision_id == revision_id)
    stored = set(map(tuple, connection.execute(by))) if matches else set()
    new = [hit for hit in matches if (hit.claim_id, hit.rule_id) not in stored]
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
            "resembles": hit.resembles,
        }
        for hit in new
    ]
    if rows:
        connection.execute(insert(match), rows)
    return new


def remove(connection: Connection, item_id: int, *, now: datetime) -> None:
    """Mark an item as removed; if it was not missing yet, since its page was last read."""
    last_read = select(page_table.c.read_at).where(page_table.c.item_id == item_id).scalar_subquery()
    since = func.coalesce(item.c.missing_since, last_read)
    connection.execute(update(item).where(item.c.id == item_id).values(missing_since=since, removed_at=now))


def revisions_since(connection: Connection, item_id: int, since: datetime) -> int:
    """Return the number of revisions of an item since a moment."""
    query = select(func.count()).where(revision.c.item_id == item_id, revision.c.seen_at >= since)
    return connection.execute(query).scalar_one()


def not_removed(connection: Connection, source_id: int) -> Sequence[ItemPresence]:
    """Return the items of a source that are not marked as removed."""
    here = (item.c.source_id == source_id, item.c.removed_at.is_(None))
    return every(connection, select(*columns(item, ItemPresence)).where(*here), ItemPresence)


def mark_missing(connection: Connection, item_ids: Collection[int], *, now: datetime) -> None:
    """Mark items as missing from now on."""
    _mark(connection, item_ids, {"missing_since": now})


def mark_removed(connection: Connection, item_ids: Collection[int], *, now: datetime) -> None:
    """Mark items as removed."""
    _mark(connection, item_ids, {"removed_at": now})


def mark_present(connection: Connection, source_id: int, present: Collection[int]) -> None:
    """Clear the marks of items that are present again."""
    back = item.c.missing_since.is_not(None) | item.c.removed_at.is_not(None)
    returned = connection.execute(select(item.c.id).where(item.c.source_id == source_id, back)).scalars().all()
    here_again = [item_id for item_id in returned if item_id in present]
    _mark(connection, here_again, {"missing_since": None, "removed_at": None})


def _mark(connection: Connection, item_ids: Collection[int], values: Mapping[str, Any]) -> None:
    for some in batches(item_ids):
        connection.execute(update(item).where(item.c.id.in_(some)).values(values))


def add_near_misses(connection: Connection, item_id: int, topics: Mapping[str, float], *, now: datetime) -> None:
    """Store which claims an item is close to, unless they are stored already for an earlier revision."""
    seen = select(near_miss.c.claim_id).where(near_miss.c.item_id == item_id)
    missing = topics.keys() - set(connection.execute(seen).scalars()) if topics else set()
    rows = [
        {"item_id": item_id, "claim_id": claim_id, "topic": topics[claim_id], "at": now} for claim_id in sorted(missing)
    ]
    if rows:
        connection.execute(insert(near_miss), rows)


def near_misses(connection: Connection, *, claim_id: str, limit: int) -> Sequence[NearMiss]:
    """Return items close to a claim that none of its rules hit, newest first."""
    query = select(*columns(near_miss, NearMiss)).where(near_miss.c.claim_id == claim_id)
    return every(connection, query.order_by(near_miss.c.id.desc()).limit(limit), NearMiss)


def newest_texts(connection: Connection, *, limit: int) -> Iterator[str]:
    """Yield title and text of the newest revisions."""
    columns = (revision.c.title, revision.c.summary, revision.c.body, revision.c.page)
    for row in connection.execute(select(*columns).order_by(revision.c.id.desc()).limit(limit)):
        yield " ".join(filter(None, row))


def newest_without_alert(connection: Connection, *, limit: int) -> Sequence[StoredItem]:
    """Return the items that were stored last and are in no story of an alert, newest first."""
    # SELECT ... FROM item JOIN revision ON ... JOIN source ON ...
    # WHERE revision.id IN (SELECT max(revision.id) FROM revision JOIN item ON ...
    #     WHERE story_id NOT IN (SELECT story_id FROM alert) GROUP BY item_id ORDER BY item_id DESC LIMIT :limit)
    # ORDER BY item.id DESC
    newest = select(func.max(revision.c.id)).join(item, item.c.id == revision.c.item_id)
    newest = newest.where(item.c.story_id.not_in(select(alert.c.story_id))).group_by(revision.c.item_id)
    newest = newest.order_by(revision.c.item_id.desc()).limit(limit)
    query = _with_source().where(revision.c.id.in_(newest)).order_by(item.c.id.desc())
    return every(connection, query, StoredItem)


def get(connection: Connection, item_id: int) -> StoredItem:
    """Return an item with its newest revision and its source's name. Raise `sqlalchemy.exc.NoResultFound`."""
    return one(connection, _getting(), StoredItem, {"wanted": item_id})


# SELECT ... FROM item JOIN revision ON revision.item_id = item.id JOIN source ON source.id = item.source_id
# WHERE item.id = :wanted AND revision.id = (SELECT max(id) FROM revision WHERE item_id = :wanted)
@cache  # used for every item that matches, and building the statement takes longer than running it
def _getting() -> Select[Any]:
    newest = select(func.max(revision.c.id)).where(revision.c.item_id == bindparam("wanted")).scalar_subquery()
    return _with_source().where(item.c.id == bindparam("wanted"), revision.c.id == newest)


def page(connection: Connection, *, after: int, limit: int) -> Sequence[StoredItem]:
    """Return items with an id above ``after``, with their newest revision, in the order of ids."""
    # SELECT ... FROM item JOIN revision ON ... JOIN source ON ...
    # WHERE item.id > :after AND revision.id IN (
    #     SELECT max(id) FROM revision WHERE item_id > :after GROUP BY item_id)
    # ORDER BY item.id LIMIT :limit
    newest = select(func.max(revision.c.id)).where(revision.c.item_id > after).group_by(revision.c.item_id)
    query = _with_source().where(item.c.id > after, revision.c.id.in_(newest)).order_by(item.c.id).limit(limit)
    return every(connection, query, StoredItem)


def count(connection: Connection, source_ids: Collection[int] | None = None) -> int:
    """Return the number of stored items, of these sources or of all."""
    query = select(func.count()).select_from(item)
    if source_ids is not None:
        query = query.where(item.c.source_id.in_(source_ids))
    return connection.execute(query).scalar_one()


def first_seen_between(connection: Connection, source_id: int, after: datetime, until: datetime) -> int:
    """Return how many items of a source were first seen after one moment and until another."""
    seen = (item.c.first_seen_at > after, item.c.first_seen_at <= until)
    query = select(func.count()).where(item.c.source_id == source_id, *seen)
    return connection.execute(query).scalar_one()


def others_match(connection: Connection, claim_id: str, story_id: int, item_id: int) -> bool:
    """Return whether a rule of the claim hits the newest revision of another item of the story."""
    # SELECT match.id FROM match
    # WHERE claim_id = :claim AND suppressed_by = '' AND revision_id IN (
    #     SELECT max(revision.id) FROM revision JOIN item ON item.id = revision.item_id
    #     WHERE item.story_id = :story AND item.id != :item GROUP BY revision.item_id)
    # LIMIT 1
    newest = select(func.max(revision.c.id)).join(item, item.c.id == revision.c.item_id)
    newest = newest.where(item.c.story_id == story_id, item.c.id != item_id).group_by(revision.c.item_id)
    hit = (match.c.claim_id == claim_id, match.c.suppressed_by == "", match.c.revision_id.in_(newest))
    return connection.execute(select(match.c.id).where(*hit).limit(1)).first() is not None


def matches_of(connection: Connection, item_id: int) -> Sequence[StoredMatch]:
    """Return every stored rule hit of an item, oldest first."""
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

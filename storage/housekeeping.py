"""Removing what items said, on request or after a time. Their keys stay, or they would come back as new.

Whatever is removed in bulk goes in small batches, each found by a reader and removed in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Connection, delete, exists, or_, select, update

from storage import values
from storage.items import Revision
from storage.tables import (
    alert,
    alert_evidence,
    delivery,
    digest_line,
    evidence,
    fingerprint,
    item,
    match,
    message,
    message_alert,
    near_miss,
    page,
    revision,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A rendered message as it was kept."""

    id: int
    subject: str
    text: str
    html: str
    data: Mapping[str, Any]
    """The payload of a webhook: JSON."""


class MessageTexts(TypedDict):
    """What a message says, in each of its forms."""

    text: str
    html: str
    data: Mapping[str, Any]


_NO_TEXT: dict[str, Any] = {
    "title": "",
    "summary": "",
    "body": "",
    "page": None,
    "author": "",
    "tags": [],
    "attached": [],
}
"""The address stays, by which an edited item is recognised; and so does the hash, by which one that was not is."""
_HAS_TEXT = or_(
    revision.c.title != "",
    revision.c.summary != "",
    revision.c.body != "",
    revision.c.page.is_not(None),
    revision.c.author != "",
)


# ---------------------------------------------------------------------------------------------- on request


def items_at(connection: Connection, link: str) -> Sequence[int]:
    """Return the ids of the items that were ever seen at this address."""
    query = select(revision.c.item_id).where(revision.c.link == link).distinct()
    return connection.execute(query.order_by(revision.c.item_id)).scalars().all()


def revisions(connection: Connection, item_id: int) -> list[Revision]:
    """Return everything an item ever said, oldest first."""
    query = select(*values.columns(revision, Revision)).where(revision.c.item_id == item_id)
    return values.every(connection, query.order_by(revision.c.id), Revision)


def messages_about(connection: Connection, item_id: int) -> list[StoredMessage]:
    """Return every message that may quote an item: about an alert of its story, or a digest that it was in."""
    story = select(item.c.story_id).where(item.c.id == item_id).scalar_subquery()
    told = select(message_alert.c.message_id).join(alert, alert.c.id == message_alert.c.alert_id)
    in_digest = select(digest_line.c.message_id).where(
        digest_line.c.item_id == item_id, digest_line.c.message_id.is_not(None)
    )
    wanted = or_(message.c.id.in_(told.where(alert.c.story_id == story)), message.c.id.in_(in_digest))
    query = select(*values.columns(message, StoredMessage)).where(wanted).order_by(message.c.id)
    return values.every(connection, query, StoredMessage)


def rewrite_message(connection: Connection, message_id: int, texts: MessageTexts) -> None:
    """Put other words into a message."""
    connection.execute(update(message).where(message.c.id == message_id), texts)


def drop_waiting_lines(connection: Connection, item_id: int) -> None:
    """Leave an item out of the next digest."""
    waiting = (digest_line.c.item_id == item_id) & digest_line.c.message_id.is_(None)
    connection.execute(delete(digest_line).where(waiting))


def remove_evidence(connection: Connection, item_id: int, links: Collection[str]) -> int:
    """Remove what an item's alerts rest on; return how many answers stay because other alerts rest on them too.

    Of an alert that an older item of the same story has made, that is what was fetched from the item's own addresses.
    """
    story = select(item.c.story_id).where(item.c.id == item_id).scalar_subquery()
    own = select(alert.c.id).where(alert.c.item_id == item_id)
    of_story = select(alert.c.id).where(alert.c.story_id == story)
    fetched = select(evidence.c.id).where(evidence.c.url.in_(links))
    rests = or_(
        alert_evidence.c.alert_id.in_(own),
        alert_evidence.c.alert_id.in_(of_story) & alert_evidence.c.evidence_id.in_(fetched),
    )
    removed = delete(alert_evidence).where(rests).returning(alert_evidence.c.evidence_id)
    ids = set(connection.execute(removed).scalars())
    shared = select(alert_evidence.c.evidence_id).where(alert_evidence.c.evidence_id.in_(ids))
    kept = set(connection.execute(shared).scalars())
    connection.execute(delete(evidence).where(evidence.c.id.in_(ids - kept)))
    return len(kept)


def remove_texts(connection: Connection, item_ids: Collection[int]) -> int:
    """Remove what items said and all that was made of it; return of how many revisions."""
    connection.execute(delete(near_miss).where(near_miss.c.item_id.in_(item_ids)))
    connection.execute(delete(fingerprint).where(fingerprint.c.item_id.in_(item_ids)))
    connection.execute(delete(page).where(page.c.item_id.in_(item_ids)))  # or it would be read again
    connection.execute(update(match).where(match.c.item_id.in_(item_ids)).values(spans=[]))
    emptied = update(revision).where(revision.c.item_id.in_(item_ids), _HAS_TEXT)
    return connection.execute(emptied.values(_NO_TEXT)).rowcount


# ---------------------------------------------------------------------------------------------- after a time


def old_items(
    connection: Connection, *, before: datetime, limit: int, without: Collection[int], after: int = 0
) -> Sequence[int]:
    """Return items behind ``after`` that were first seen so long ago, still have texts, and that no alert refers to.

    Left out are those that are or were told about, as their story or in a digest that still waits, and ``without``.
    """
    told = or_(item.c.story_id.in_(select(alert.c.story_id)), item.c.id.in_(select(alert.c.item_id)))
    waits = exists().where(digest_line.c.item_id == item.c.id, digest_line.c.message_id.is_(None))
    says = exists().where(revision.c.item_id == item.c.id, _HAS_TEXT)
    query = (
        select(item.c.id)
        .where(item.c.id > after, item.c.first_seen_at < before, says, ~told, ~waits)
        .order_by(item.c.id)
        .limit(limit + len(without))
    )
    return [item_id for item_id in connection.execute(query).scalars() if item_id not in without][:limit]


def old_messages(connection: Connection, *, before: datetime, limit: int) -> Sequence[int]:
    """Return messages made so long ago, every delivery of which arrived, about no alert that waits for an answer."""
    unsent = exists().where(delivery.c.message_id == message.c.id, delivery.c.state != "sent")
    unanswered = (
        exists()
        .where(message_alert.c.message_id == message.c.id, message_alert.c.alert_id == alert.c.id)
        .where(alert.c.state.in_(("open", "checking")))
    )
    query = select(message.c.id).where(message.c.created_at < before, ~unsent, ~unanswered)
    return connection.execute(query.order_by(message.c.id).limit(limit)).scalars().all()


def remove_messages(connection: Connection, message_ids: Collection[int]) -> int:
    """Remove messages with their deliveries; return how many."""
    for column in (delivery.c.message_id, message_alert.c.message_id, digest_line.c.message_id):
        connection.execute(delete(column.table).where(column.in_(message_ids)))
    return connection.execute(delete(message).where(message.c.id.in_(message_ids))).rowcount

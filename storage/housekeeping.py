"""Remove the texts of items, on request or after some time. Their keys stay, or the items would come back as new.

Bulk removal works in small batches, each found by a reader and removed in a transaction of its own.
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
    opinion,
    page,
    ranking,
    revision,
    training,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A rendered message as stored."""

    id: int
    subject: str
    text: str
    html: str
    data: Mapping[str, Any]
    """The payload of a webhook: JSON."""


class MessageTexts(TypedDict):
    """The texts of a message, in each of its forms."""

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
"""The address stays, because an edited item is recognized by it; an unchanged item is recognized by its hash."""
_HAS_TEXT = or_(
    revision.c.title != "",
    revision.c.summary != "",
    revision.c.body != "",
    revision.c.page.is_not(None),
    revision.c.author != "",
)


# ---------------------------------------------------------------------------------------------- on request


def items_at(connection: Connection, link: str) -> Sequence[int]:
    """Return the ids of all items that ever had this address."""
    query = select(revision.c.item_id).where(revision.c.link == link).distinct()
    return connection.execute(query.order_by(revision.c.item_id)).scalars().all()


def revisions(connection: Connection, item_id: int) -> list[Revision]:
    """Return every revision of an item, oldest first."""
    query = select(*values.columns(revision, Revision)).where(revision.c.item_id == item_id)
    return values.every(connection, query.order_by(revision.c.id), Revision)


def messages_about(connection: Connection, item_id: int) -> list[StoredMessage]:
    """Return every message that may quote an item: about an alert of its story, or a digest that it was in."""
    # SELECT ... FROM message
    # WHERE id IN (SELECT message_id FROM message_alert JOIN alert ON alert.id = message_alert.alert_id
    #              WHERE alert.story_id = (SELECT story_id FROM item WHERE id = :item))
    #    OR id IN (SELECT message_id FROM digest_line WHERE item_id = :item AND message_id IS NOT NULL)
    # ORDER BY id
    story = select(item.c.story_id).where(item.c.id == item_id).scalar_subquery()
    alerted = select(message_alert.c.message_id).join(alert, alert.c.id == message_alert.c.alert_id)
    in_digest = select(digest_line.c.message_id).where(
        digest_line.c.item_id == item_id, digest_line.c.message_id.is_not(None)
    )
    wanted = or_(message.c.id.in_(alerted.where(alert.c.story_id == story)), message.c.id.in_(in_digest))
    query = select(*values.columns(message, StoredMessage)).where(wanted).order_by(message.c.id)
    return values.every(connection, query, StoredMessage)


def rewrite_message(connection: Connection, message_id: int, texts: MessageTexts) -> None:
    """Replace the texts of a message."""
    connection.execute(update(message).where(message.c.id == message_id), texts)


def drop_waiting_lines(connection: Connection, item_id: int) -> None:
    """Leave an item out of the next digest."""
    waiting = (digest_line.c.item_id == item_id) & digest_line.c.message_id.is_(None)
    connection.execute(delete(digest_line).where(waiting))


def remove_evidence(connection: Connection, item_id: int, links: Collection[str]) -> int:
    """Remove the evidence of an item; return how many documents stay because other alerts need them too.

    That is all evidence of the item's own alerts. Alerts of other items of its story lose only the documents that were
    fetched from the item's addresses.
    """
    # DELETE FROM alert_evidence
    # WHERE alert_id IN (SELECT id FROM alert WHERE item_id = :item)
    #    OR alert_id IN (SELECT id FROM alert WHERE story_id = (SELECT story_id FROM item WHERE id = :item))
    #       AND evidence_id IN (SELECT id FROM evidence WHERE url IN (:links))
    # RETURNING evidence_id
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
    """Remove the texts of items and all that was made from them; return how many revisions had any."""
    connection.execute(delete(near_miss).where(near_miss.c.item_id.in_(item_ids)))
    # rules that learnt from them as answered alerts quote them: they learn again without
    alerted = select(alert.c.claim_id).where(alert.c.item_id.in_(item_ids))
    connection.execute(delete(training).where(training.c.claim_id.in_(alerted)))
    connection.execute(delete(ranking).where(ranking.c.item_id.in_(item_ids)))
    connection.execute(delete(opinion).where(opinion.c.item_id.in_(item_ids)))
    connection.execute(delete(fingerprint).where(fingerprint.c.item_id.in_(item_ids)))
    connection.execute(delete(page).where(page.c.item_id.in_(item_ids)))  # or it would be read again
    connection.execute(update(match).where(match.c.item_id.in_(item_ids)).values(spans=[], resembles=""))
    emptied = update(revision).where(revision.c.item_id.in_(item_ids), _HAS_TEXT)
    return connection.execute(emptied.values(_NO_TEXT)).rowcount


# ---------------------------------------------------------------------------------------------- after a time


def old_items(
    connection: Connection, *, before: datetime, limit: int, without: Collection[int], after: int = 0
) -> Sequence[int]:
    """Return items with an id above ``after`` that were first seen before a moment and still have texts.

    Left out are items whose story has an alert, those that wait for a digest, and those in ``without``.
    """
    # SELECT id FROM item
    # WHERE id > :after AND first_seen_at < :before
    #   AND EXISTS (SELECT * FROM revision WHERE item_id = item.id AND <it has a text>)
    #   AND NOT (story_id IN (SELECT story_id FROM alert) OR id IN (SELECT item_id FROM alert))
    #   AND NOT EXISTS (SELECT * FROM digest_line WHERE item_id = item.id AND message_id IS NULL)
    # ORDER BY id LIMIT :limit
    alerted = or_(item.c.story_id.in_(select(alert.c.story_id)), item.c.id.in_(select(alert.c.item_id)))
    waits = exists().where(digest_line.c.item_id == item.c.id, digest_line.c.message_id.is_(None))
    has_text = exists().where(revision.c.item_id == item.c.id, _HAS_TEXT)
    query = (
        select(item.c.id)
        .where(item.c.id > after, item.c.first_seen_at < before, has_text, ~alerted, ~waits)
        .order_by(item.c.id)
        .limit(limit + len(without))
    )
    return [item_id for item_id in connection.execute(query).scalars() if item_id not in without][:limit]


def old_messages(connection: Connection, *, before: datetime, limit: int) -> Sequence[int]:
    """Return messages created before a moment, all delivered, that are not about an alert waiting for an answer."""
    # SELECT id FROM message
    # WHERE created_at < :before
    #   AND NOT EXISTS (SELECT * FROM delivery WHERE message_id = message.id AND state != 'sent')
    #   AND NOT EXISTS (SELECT * FROM message_alert, alert
    #                   WHERE message_id = message.id AND alert_id = alert.id AND alert.state IN ('open', 'checking'))
    # ORDER BY id LIMIT :limit
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

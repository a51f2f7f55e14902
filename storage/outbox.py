"""Messages and their deliveries: the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Connection, Select, func, insert, select, update

from storage.leases import DELIVERIES, Lease, settle
from storage.tables import delivery, message, message_alert
from storage.values import columns, every, one


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A rendered message, to be frozen."""

    kind: str
    subject: str
    text: str
    html: str
    data: Mapping[str, Any]
    priority: str = ""
    """Of the alert that it is about; empty where it is about none, or about many."""
    thread: str = ""
    alerts: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message on its way to one destination; `storage.tables.DeliveryRow` explains the fields."""

    id: int
    message_id: int
    channel: str
    destination: str
    lane: str
    key: str
    state: str
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    reason: str
    detail: str
    told_dead_at: datetime | None
    kind: str
    thread: str
    created_at: datetime
    """When the message was written."""
    priority: str
    """Of the alert that the message is about; empty where it is about none, or about many."""
    subject: str
    text: str
    html: str
    data: Mapping[str, Any]
    """The payload of a webhook: JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedDelivery:
    """The delivery with the most failed attempts of those that wait for one destination."""

    lane: str
    channel: str
    destination: str
    attempts: int
    reason: str
    detail: str
    created_at: datetime


class DeliveryOutcome(TypedDict, total=False):
    """The columns that may be written when an attempt ends. A key left out keeps its value."""

    state: str
    attempts: int
    reason: str
    detail: str
    next_attempt_at: datetime | None
    rests_until: datetime
    sent_at: datetime


def add(connection: Connection, new: NewMessage, to: Iterable[tuple[str, str]], *, now: datetime) -> int:
    """Store a message and one delivery for each (channel, destination); return the id of the message.

    The key of a delivery is made here, once, and stays the same at every attempt.
    """
    values = {
        "kind": new.kind,
        "priority": new.priority,
        "thread": new.thread,
        "created_at": now,
        "subject": new.subject,
        "text": new.text,
        "html": new.html,
        "data": dict(new.data),
    }
    message_id: int = connection.execute(insert(message).returning(message.c.id), values).scalar_one()
    if new.alerts:
        rows = [{"message_id": message_id, "alert_id": alert_id} for alert_id in dict.fromkeys(new.alerts)]
        connection.execute(insert(message_alert), rows)
    deliveries = [
        {
            "message_id": message_id,
            "channel": channel,
            "destination": destination,
            "lane": lane(channel, destination),
            "key": f"msg_{uuid.uuid4().hex}",
            "next_attempt_at": now,
            "detail": "",
        }
        for channel, destination in dict.fromkeys(to)
    ]
    if deliveries:
        connection.execute(insert(delivery), deliveries)
    return message_id


def lane(channel: str, destination: str) -> str:
    """Return what the deliveries to one destination have in common."""
    return f"{channel} {destination}"


def get(connection: Connection, delivery_id: int) -> Delivery:
    """Return a delivery with its message. Raises `sqlalchemy.exc.NoResultFound`."""
    return one(connection, _with_message().where(delivery.c.id == delivery_id), Delivery)


def settle_delivery(connection: Connection, held: Lease, outcome: DeliveryOutcome) -> None:
    """Write how an attempt ended. Raises `storage.leases.StaleLease`."""
    settle(connection, DELIVERIES, held, outcome)


def interrupt(connection: Connection, leases: Iterable[Lease]) -> None:
    """Record that these were being sent when the service had to stop."""
    for held in leases:
        ours = (delivery.c.id == held.id) & (delivery.c.lease == held.token)
        connection.execute(update(delivery).where(ours).values(state="unknown", leased_until=None))


def retry(connection: Connection, *, now: datetime, delivery_id: int | None = None) -> int:
    """Make one dead delivery, or all, pending again with the same key; return how many."""
    query = update(delivery).where(delivery.c.state == "dead")
    if delivery_id is not None:
        query = query.where(delivery.c.id == delivery_id)
    values = {"state": "pending", "attempts": 0, "unsettled": 0, "next_attempt_at": now, "told_dead_at": None}
    return connection.execute(query.values(values)).rowcount


def listed(connection: Connection, *, states: Sequence[str] = (), limit: int = 50) -> Sequence[Delivery]:
    """Return deliveries with their messages, newest first."""
    query = _with_message().order_by(delivery.c.id.desc()).limit(limit)
    if states:
        query = query.where(delivery.c.state.in_(states))
    return every(connection, query, Delivery)


def of_alert(connection: Connection, alert_id: int) -> Sequence[Delivery]:
    """Return every delivery of every message about this alert, oldest first."""
    about = select(message_alert.c.message_id).where(message_alert.c.alert_id == alert_id)
    query = _with_message().where(delivery.c.message_id.in_(about)).order_by(delivery.c.id)
    return every(connection, query, Delivery)


def last_of_thread(connection: Connection, thread: str) -> Sequence[Delivery]:
    """Return the deliveries of the newest message of a thread."""
    newest = select(func.max(message.c.id)).where(message.c.thread == thread).scalar_subquery()
    query = _with_message().where(delivery.c.message_id == newest).order_by(delivery.c.id)
    return every(connection, query, Delivery)


def counts(connection: Connection) -> dict[str, int]:
    """Return the number of deliveries in each state."""
    query = select(delivery.c.state, func.count()).group_by(delivery.c.state)
    return dict(map(tuple, connection.execute(query)))


def dead_untold(connection: Connection) -> Sequence[Delivery]:
    """Return the dead deliveries that were not reported yet."""
    query = _with_message().where(delivery.c.state == "dead", delivery.c.told_dead_at.is_(None))
    return every(connection, query.order_by(delivery.c.id), Delivery)


def is_disabled(connection: Connection, lane: str) -> bool:
    """Return whether a receiver answered 410, and has accepted nothing since that was reported."""
    dead = select(delivery.c.lane, delivery.c.told_dead_at).where(
        delivery.c.state == "dead", delivery.c.reason == "gone"
    )  # of all lanes: dead deliveries are few, and a lane has years of sent ones
    told = [row.told_dead_at for row in connection.execute(dead) if row.lane == lane]
    if not told:
        return False
    taken = last_sent(connection, lane)
    return taken is None or any(at is None or taken < at for at in told)


def refused(connection: Connection) -> Sequence[RefusedDelivery]:
    """Return the delivery with the most failed attempts of each lane that waits after a failure."""
    # SELECT ..., message.created_at FROM (
    #     SELECT ..., row_number() OVER (PARTITION BY lane ORDER BY attempts DESC, id) AS place
    #     FROM delivery WHERE state IN ('pending', 'unknown') AND attempts > 0
    # ) AS first JOIN message ON message.id = first.message_id
    # WHERE place = 1 ORDER BY lane
    waits = (delivery.c.state.in_(("pending", "unknown"))) & (delivery.c.attempts > 0)
    place = func.row_number().over(partition_by=delivery.c.lane, order_by=(delivery.c.attempts.desc(), delivery.c.id))
    first = select(delivery, place.label("place")).where(waits).subquery()
    wanted = (first.c[column.name] for column in columns(delivery, RefusedDelivery))
    query = select(*wanted, message.c.created_at).join_from(first, message, first.c.message_id == message.c.id)
    return every(connection, query.where(first.c.place == 1).order_by(first.c.lane), RefusedDelivery)


def last_sent(connection: Connection, lane: str) -> datetime | None:
    """Return when a delivery of this lane was last sent."""
    query = select(delivery.c.sent_at).where(delivery.c.lane == lane, delivery.c.sent_at.is_not(None))
    return connection.execute(query.order_by(delivery.c.sent_at.desc()).limit(1)).scalar_one_or_none()


def mark_told(connection: Connection, delivery_ids: Sequence[int], *, now: datetime) -> None:
    """Store that these dead deliveries were reported."""
    connection.execute(update(delivery).where(delivery.c.id.in_(delivery_ids)).values(told_dead_at=now))


def _with_message() -> Select[Any]:
    of_message = (column for column in columns(message, Delivery) if column.name != "id")
    query = select(*columns(delivery, Delivery), *of_message)
    return query.join_from(delivery, message, delivery.c.message_id == message.c.id)

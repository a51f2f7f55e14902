"""What the database says about the service, as values: for tables, for ``--json``, for the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import alerts, answers, claims, items, outbox, pages, sources
from storage.alerts import Alert
from storage.answers import Answer
from storage.database import Connection
from storage.outbox import Delivery
from storage.sources import PollHistory
from watcher import canary
from watcher.source_condition import Condition, Outlook, State, outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofReport:
    """Where the last proof of life of a claim went, and when it arrived."""

    channel: str
    destination: str
    state: str
    sent_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionReport:
    """How a source that is polled is, and how its last polls went."""

    name: str
    state: State
    recent: str
    last_ok_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The whole service in a few figures."""

    sources: int
    unread: int
    failing: Sequence[str]
    blind: Sequence[str]
    network_down_since: datetime | None
    pages_waiting: int
    proofs_of_life: Mapping[str, Sequence[ProofReport]]
    """By claim; one for each destination."""
    conditions: Sequence[ConditionReport]
    items: int
    alerts: Mapping[str, int]
    """By state; so are the deliveries of the outbox."""
    outbox: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """A source with where its polling stands."""

    name: str
    kind: str
    url: str
    address: str
    enabled: bool
    failures: int
    failing_since: datetime | None
    recent: str
    last_poll_at: datetime | None
    last_ok_at: datetime | None
    next_poll_at: datetime
    held_until: datetime | None
    expected_by: datetime | None
    state: str
    """A `State`, or that it is not polled."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """A delivery, without the message itself."""

    id: int
    kind: str
    subject: str
    channel: str
    destination: str
    state: str
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    reason: str
    detail: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertItem:
    """The item that an alert is about."""

    title: str
    link: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReport:
    """An alert with the item it is about."""

    alert: Alert
    item: AlertItem


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDetail(AlertReport):
    """An alert with everything that was said about it."""

    messages: Sequence[str]
    deliveries: Sequence[DeliveryReport]
    answers: Sequence[Answer]


def overview(connection: Connection, *, now: datetime) -> Overview:
    """The whole service in a few figures."""
    rows = sources.polled(connection)
    seen = outlook(rows, now)
    return Overview(
        sources=len(rows),
        unread=len(sources.unread(connection)),
        failing=sorted(seen.blinding),
        blind=sorted(claims.told_blind(connection)),
        network_down_since=seen.network_since,
        pages_waiting=pages.waiting(connection),
        proofs_of_life={claim_id: _last_proof(connection, claim_id) for claim_id in claims.all_ids(connection)},
        conditions=[_condition(row, seen) for row in rows],
        items=items.count(connection),
        alerts=answers.states(connection),
        outbox=outbox.counts(connection),
    )


def _condition(row: PollHistory, seen: Outlook) -> ConditionReport:
    found = seen.conditions[row.name]
    return ConditionReport(
        name=row.name, state=found.state, recent=row.recent, last_ok_at=row.last_ok_at, why=found.why
    )


def _last_proof(connection: Connection, claim_id: str) -> list[ProofReport]:
    return [
        ProofReport(
            channel=row.channel,
            destination=row.destination,
            state=row.state,
            sent_at=row.sent_at,
            created_at=row.created_at,
        )
        for row in outbox.last_of_thread(connection, canary.thread(claim_id))
    ]


def source_list(connection: Connection, *, now: datetime) -> list[SourceReport]:
    """Every source with where its polling stands."""
    conditions = outlook(sources.polled(connection), now).conditions
    return [_source(row, conditions.get(row.name, Condition(State.NEW))) for row in _outside(connection)]


def _source(row: PollHistory, condition: Condition) -> SourceReport:
    return SourceReport(
        name=row.name,
        kind=row.kind,
        url=row.url,
        address=row.address,
        enabled=row.enabled,
        failures=row.failures,
        failing_since=row.failing_since,
        recent=row.recent,
        last_poll_at=row.last_poll_at,
        last_ok_at=row.last_ok_at,
        next_poll_at=row.next_poll_at,
        held_until=row.held_until,
        expected_by=row.expected_by,
        state=condition.state if row.enabled else "not polled",
        detail=condition.why,
    )


def _outside(connection: Connection) -> list[PollHistory]:
    """Every source but the canary, which has no address."""
    return [row for row in sources.all_sources(connection) if row.url]


def alert_list(connection: Connection, *, limit: int) -> list[AlertReport]:
    """The newest alerts, each with the item it is about."""
    newest = alerts.recent(connection, limit=limit)
    return [AlertReport(alert=alert, item=_item(connection, alert)) for alert in newest]


def alert_detail(connection: Connection, alert_id: int) -> AlertDetail | None:
    """One alert with its messages, how their deliveries stand, and its answers; None when there is none."""
    alert = alerts.get(connection, alert_id)
    if alert is None:
        return None
    deliveries = outbox.of_alert(connection, alert_id)
    texts = {delivery.message_id: delivery.text for delivery in deliveries}
    return AlertDetail(
        alert=alert,
        item=_item(connection, alert),
        messages=list(texts.values()),
        deliveries=[_delivery(delivery) for delivery in deliveries],
        answers=answers.of_alert(connection, alert_id),
    )


def delivery_list(connection: Connection, *, states: tuple[str, ...], limit: int) -> list[DeliveryReport]:
    """The newest deliveries."""
    return [_delivery(row) for row in outbox.listed(connection, states=states, limit=limit)]


def _item(connection: Connection, alert: Alert) -> AlertItem:
    item = items.get(connection, alert.item_id)
    return AlertItem(title=item.title, link=item.link, source=item.source)


def _delivery(row: Delivery) -> DeliveryReport:
    return DeliveryReport(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        channel=row.channel,
        destination=row.destination,
        state=row.state,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        sent_at=row.sent_at,
        reason=row.reason,
        detail=row.detail,
        key=row.key,
    )

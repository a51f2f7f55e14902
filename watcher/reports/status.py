"""What the database says about the service, as plain data: for tables, for ``--json``, for the console."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, TypedDict

from storage import alerts, answers, claims, items, outbox, pages, sources
from storage.alerts import Alert
from storage.database import Connection
from storage.outbox import Delivery
from storage.sources import PollHistory
from watcher import canary
from watcher.source_condition import Condition, State, outlook


class SourceReport(TypedDict):
    """A source as `--json` shows it."""

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
    detail: str


class DeliveryReport(TypedDict):
    """A delivery as `--json` shows it."""

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


def overview(connection: Connection, *, now: datetime) -> dict[str, Any]:
    """The whole service in a few figures."""
    rows = sources.polled(connection)
    seen = outlook(rows, now)
    return {
        "sources": len(rows),
        "unread": len(sources.unread(connection)),
        "failing": sorted(seen.blinding),
        "blind": sorted(claims.told_blind(connection)),
        "network down since": seen.network_since,
        "pages waiting": pages.waiting(connection),
        "proofs of life": {claim_id: _last_proof(connection, claim_id) for claim_id in claims.all_ids(connection)},
        "conditions": [
            {
                "name": row.name,
                "state": seen.conditions[row.name].state,
                "recent": row.recent,
                "last_ok_at": row.last_ok_at,
                "why": seen.conditions[row.name].why,
            }
            for row in rows
        ],
        "items": items.count(connection),
        "alerts": answers.states(connection),
        "outbox": outbox.counts(connection),
    }


def _last_proof(connection: Connection, claim_id: str) -> list[dict[str, Any]]:
    """Where the last proof of life of a claim went, and when it arrived."""
    wanted = ("channel", "destination", "state", "sent_at", "created_at")
    deliveries = outbox.last_of_thread(connection, canary.thread(claim_id))
    return [{name: getattr(row, name) for name in wanted} for row in deliveries]


def source_list(connection: Connection, *, now: datetime) -> list[SourceReport]:
    """Every source with where its polling stands."""
    conditions = outlook(sources.polled(connection), now).conditions
    return [_source(row, conditions.get(row.name, Condition(State.NEW))) for row in _outside(connection)]


def _source(row: PollHistory, condition: Condition) -> SourceReport:
    return {
        "name": row.name,
        "kind": row.kind,
        "url": row.url,
        "address": row.address,
        "enabled": row.enabled,
        "failures": row.failures,
        "failing_since": row.failing_since,
        "recent": row.recent,
        "last_poll_at": row.last_poll_at,
        "last_ok_at": row.last_ok_at,
        "next_poll_at": row.next_poll_at,
        "held_until": row.held_until,
        "expected_by": row.expected_by,
        "state": condition.state if row.enabled else "not polled",
        "detail": condition.why,
    }


def _outside(connection: Connection) -> list[PollHistory]:
    """Every source but the canary, which has no address."""
    return [row for row in sources.all_sources(connection) if row.url]


def alert_list(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """The newest alerts, each with the item it is about."""
    return [_alert(connection, alert) for alert in alerts.recent(connection, limit=limit)]


def alert_detail(connection: Connection, alert_id: int) -> dict[str, Any] | None:
    """One alert with its messages, how their deliveries stand, and its answers; None when there is none."""
    alert = alerts.get(connection, alert_id)
    if alert is None:
        return None
    deliveries = outbox.of_alert(connection, alert_id)
    texts = {delivery.message_id: delivery.text for delivery in deliveries}
    return _alert(connection, alert) | {
        "messages": list(texts.values()),
        "deliveries": [_delivery(delivery) for delivery in deliveries],
        "answers": [asdict(answer) for answer in answers.of_alert(connection, alert_id)],
    }


def delivery_list(connection: Connection, *, states: tuple[str, ...], limit: int) -> list[DeliveryReport]:
    """The newest deliveries."""
    return [_delivery(row) for row in outbox.listed(connection, states=states, limit=limit)]


def _alert(connection: Connection, alert: Alert) -> dict[str, Any]:
    item = items.get(connection, alert.item_id)
    about = {"title": item.title, "link": item.link, "source": item.source}
    return asdict(alert) | {"item": about}


def _delivery(row: Delivery) -> DeliveryReport:
    return {
        "id": row.id,
        "kind": row.kind,
        "subject": row.subject,
        "channel": row.channel,
        "destination": row.destination,
        "state": row.state,
        "attempts": row.attempts,
        "next_attempt_at": row.next_attempt_at,
        "sent_at": row.sent_at,
        "reason": row.reason,
        "detail": row.detail,
        "key": row.key,
    }

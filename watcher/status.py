"""What the database says about the service, as plain data: for tables, for ``--json``, for the console."""

from __future__ import annotations

from typing import Any

from storage import alerts, items, outbox, sources
from storage.database import Connection, Row
from watcher import health


def overview(connection: Connection) -> dict[str, Any]:
    """The whole service in a few figures."""
    rows = sources.everyone(connection, enabled=True)
    return {
        "sources": len(rows),
        "unread": len(sources.unread(connection)),
        "failing": [row["name"] for row in rows if health.is_failing(row)],
        "items": items.count(connection),
        "outbox": outbox.counts(connection),
    }


def source_list(connection: Connection) -> list[dict[str, Any]]:
    """Every source with where its polling stands."""
    wanted = (
        "name", "kind", "url", "enabled", "state", "detail", "failures", "failing_since",
        "last_poll_at", "last_ok_at", "next_poll_at", "held_until",
    )  # fmt: skip
    return [{name: row[name] for name in wanted} for row in sources.everyone(connection)]


def alert_list(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """The newest alerts, each with the item it is about."""
    return [_alert(connection, row) for row in alerts.recent(connection, limit=limit)]


def alert_detail(connection: Connection, alert_id: int) -> dict[str, Any] | None:
    """One alert with its messages and how their deliveries stand; None when there is none."""
    row = alerts.get(connection, alert_id)
    if row is None:
        return None
    deliveries = outbox.of_alert(connection, alert_id)
    texts = {delivery["message_id"]: delivery["text"] for delivery in deliveries}
    return _alert(connection, row) | {
        "messages": list(texts.values()),
        "deliveries": [_delivery(delivery) for delivery in deliveries],
    }


def delivery_list(connection: Connection, *, states: tuple[str, ...], limit: int) -> list[dict[str, Any]]:
    """The newest deliveries."""
    return [_delivery(row) for row in outbox.listed(connection, states=states, limit=limit)]


def _alert(connection: Connection, row: Row) -> dict[str, Any]:
    item = items.get(connection, row["item_id"])
    about = {"title": item["title"], "link": item["link"], "source": item["source"]}
    return dict(row) | {"item": about}


def _delivery(row: Row) -> dict[str, Any]:
    wanted = (
        "id", "kind", "subject", "channel", "destination", "state", "attempts",
        "next_attempt_at", "sent_at", "reason", "detail", "key",
    )  # fmt: skip
    return {name: row[name] for name in wanted}

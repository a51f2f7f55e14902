"""Alerts: one for each claim and story, and what waits for a digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from storage.tables import alert, digest_line


def find(connection: Connection, claim_id: str, story_id: int) -> RowMapping | None:
    """The alert of this claim and story, if there is one."""
    query = select(alert).where(alert.c.claim_id == claim_id, alert.c.story_id == story_id)
    return connection.execute(query).mappings().one_or_none()


def get(connection: Connection, alert_id: int) -> RowMapping | None:
    """The alert of this id, if there is one."""
    return connection.execute(select(alert).where(alert.c.id == alert_id)).mappings().one_or_none()


def add(connection: Connection, values: dict[str, Any]) -> int:
    """Store a new alert; gives its id. The database refuses a second one for a claim and story."""
    alert_id: int = connection.execute(insert(alert).values(values).returning(alert.c.id)).scalar_one()
    return alert_id


def change(connection: Connection, alert_id: int, values: dict[str, Any]) -> None:
    """Write what became of an alert."""
    connection.execute(update(alert).where(alert.c.id == alert_id).values(values))


def recent(connection: Connection, *, limit: int = 50, claim_id: str = "") -> Sequence[RowMapping]:
    """The alerts last written, newest first."""
    query = select(alert).order_by(alert.c.id.desc()).limit(limit)
    if claim_id:
        query = query.where(alert.c.claim_id == claim_id)
    return connection.execute(query).mappings().all()


def wait_for_digest(
    connection: Connection,
    *,
    claim_id: str,
    item_id: int,
    rules: Sequence[str],
    at: datetime,
    alert_id: int | None = None,
) -> None:
    """Keep something for the claim's next digest. Without an alert: it was already there."""
    values = {"claim_id": claim_id, "item_id": item_id, "rules": list(rules), "at": at, "alert_id": alert_id}
    connection.execute(insert(digest_line).values(values))


def waiting_lines(connection: Connection, claim_id: str, *, already_there: bool) -> Sequence[RowMapping]:
    """What waits for a digest of this claim: what was already there, or else alerts of digest priority."""
    kind = digest_line.c.alert_id.is_(None) if already_there else digest_line.c.alert_id.is_not(None)
    query = select(digest_line).where(digest_line.c.claim_id == claim_id, digest_line.c.message_id.is_(None), kind)
    return connection.execute(query.order_by(digest_line.c.id)).mappings().all()


def settle_lines(connection: Connection, line_ids: Sequence[int], message_id: int) -> None:
    """These lines went out with that message."""
    connection.execute(update(digest_line).where(digest_line.c.id.in_(line_ids)).values(message_id=message_id))

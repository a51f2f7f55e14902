"""Alerts: one for each claim and story, and what waits for a digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from storage.leases import SOURCES, unended
from storage.tables import alert, digest_line, item, source


def find(connection: Connection, claim_id: str, story_id: int) -> RowMapping | None:
    """The alert of this claim and story, if there is one."""
    query = select(alert).where(alert.c.claim_id == claim_id, alert.c.story_id == story_id)
    return connection.execute(query).mappings().one_or_none()


def get(connection: Connection, alert_id: int) -> RowMapping | None:
    """The alert of this id, if there is one."""
    return connection.execute(select(alert).where(alert.c.id == alert_id)).mappings().one_or_none()


def add(connection: Connection, values: dict[str, Any]) -> int:
    """Store a new alert; gives its id. The database refuses a second one for a claim and story."""
    alert_id: int = connection.execute(insert(alert).returning(alert.c.id), values).scalar_one()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that waits for a digest."""

    claim_id: str
    item_id: int
    rules: tuple[str, ...]
    reason: str
    """Which digest: already there, many at once, daily."""
    alert_id: int | None = None


def wait_for_digest(connection: Connection, line: Line, *, now: datetime) -> None:
    """Keep something for the claim's next digest."""
    values = {
        "claim_id": line.claim_id,
        "item_id": line.item_id,
        "rules": list(line.rules),
        "reason": line.reason,
        "alert_id": line.alert_id,
        "at": now,
    }
    connection.execute(insert(digest_line), values)


def waiting_lines(connection: Connection, claim_id: str, reason: str) -> Sequence[RowMapping]:
    """What waits for a digest of this claim, for one reason."""
    waiting = (digest_line.c.message_id.is_(None), digest_line.c.reason == reason)
    query = select(digest_line).where(digest_line.c.claim_id == claim_id, *waiting)
    return connection.execute(query.order_by(digest_line.c.id)).mappings().all()


def more_to_come(connection: Connection, claim_id: str, reason: str) -> bool:
    """Whether a source that brought what waits for this digest may bring more: a reading of it has not ended yet."""
    waiting = (digest_line.c.claim_id == claim_id, digest_line.c.reason == reason, digest_line.c.message_id.is_(None))
    query = select(digest_line.c.id).join(item, item.c.id == digest_line.c.item_id)
    query = query.join(source, source.c.id == item.c.source_id).where(*waiting, unended(SOURCES))
    return connection.execute(query.limit(1)).first() is not None


def settle_lines(connection: Connection, line_ids: Sequence[int], message_id: int) -> None:
    """These lines went out with that message."""
    connection.execute(update(digest_line).where(digest_line.c.id.in_(line_ids)).values(message_id=message_id))

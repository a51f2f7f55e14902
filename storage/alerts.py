"""Alerts: one for each claim and story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection, insert, select, update

from storage import values
from storage.tables import alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """The alert of one claim about one story."""

    id: int
    claim_id: str
    story_id: int
    item_id: int
    state: str
    """What people made of it, or open."""
    priority: str
    attention: str
    impact: int
    direction: str
    reasons: Sequence[str]
    rules: Sequence[str]
    event: str
    official: bool
    created_at: datetime
    updated_at: datetime
    withdrawn_at: datetime | None
    reminded_at: datetime | None


class AlertContent(TypedDict):
    """The content of a finding for a claim, as stored in an alert."""

    priority: str
    impact: int
    direction: str
    reasons: list[str]
    rules: list[str]
    event: str
    official: bool
    updated_at: datetime
    withdrawn_at: datetime | None


class NewAlert(AlertContent):
    """An alert to be stored; it is open."""

    claim_id: str
    story_id: int
    item_id: int
    attention: str
    created_at: datetime


class AlertChange(TypedDict, total=False):
    """The columns of an alert that may change."""

    priority: str
    attention: str
    impact: int
    direction: str
    reasons: list[str]
    rules: list[str]
    event: str
    official: bool
    updated_at: datetime
    withdrawn_at: datetime | None


def find(connection: Connection, claim_id: str, story_id: int) -> Alert | None:
    """Return the alert of this claim and story, if there is one."""
    query = select(alert).where(alert.c.claim_id == claim_id, alert.c.story_id == story_id)
    return values.first(connection, query, Alert)


def get(connection: Connection, alert_id: int) -> Alert | None:
    """Return the alert of this id, if there is one."""
    return values.first(connection, select(alert).where(alert.c.id == alert_id), Alert)


def add(connection: Connection, new: NewAlert) -> int:
    """Store a new alert and return its id. The database refuses a second one for a claim and story."""
    alert_id: int = connection.execute(insert(alert).returning(alert.c.id), new).scalar_one()
    return alert_id


def change(connection: Connection, alert_id: int, change: AlertChange) -> None:
    """Write what became of an alert."""
    connection.execute(update(alert).where(alert.c.id == alert_id), change)


def recent(connection: Connection, *, limit: int = 50, claim_id: str = "") -> list[Alert]:
    """Return the alerts last written, newest first."""
    query = select(alert).order_by(alert.c.id.desc()).limit(limit)
    if claim_id:
        query = query.where(alert.c.claim_id == claim_id)
    return values.every(connection, query, Alert)

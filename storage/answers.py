"""People's answers to alerts, the alerts that wait for one, and the record of each rule by them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from storage import values
from storage.alerts import Alert
from storage.tables import alert, answer, match, message, message_alert

_WAITS = (
    (alert.c.state == "open")
    & (alert.c.priority == "urgent")
    & alert.c.withdrawn_at.is_(None)
    & alert.c.reminded_at.is_(None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A person's answer to an alert."""

    at: datetime
    state: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredAlert(Alert):
    """An urgent alert that waits for an answer."""

    told_at: datetime | None
    """When it went out; None where it has not."""
    answered_at: datetime | None
    """When somebody last answered: an answer can be undone, and then it is open again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertOutcome:
    """The outcome of one alert, from which the record of its rules is counted."""

    claim_id: str
    rules: Sequence[str]
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAlert:
    """An alert whose last answer says whether it was what its rules look for."""

    id: int
    claim_id: str
    rules: Sequence[str]
    item_id: int
    state: str


def add(connection: Connection, alert_id: int, *, state: str, note: str, at: datetime) -> None:
    """Store an answer, which is now the one that counts."""
    connection.execute(insert(answer).values(alert_id=alert_id, state=state, note=note, at=at))
    connection.execute(update(alert).where(alert.c.id == alert_id).values(state=state))


def of_alert(connection: Connection, alert_id: int) -> list[Answer]:
    """Return every answer an alert was given, oldest first."""
    query = select(*values.columns(answer, Answer)).where(answer.c.alert_id == alert_id)
    return values.every(connection, query.order_by(answer.c.id), Answer)


def unreminded(connection: Connection) -> list[UnansweredAlert]:
    """Return the open urgent alerts that were not withdrawn and that nobody was reminded of."""
    # SELECT alert.*,
    #        (SELECT min(message.created_at) FROM message JOIN message_alert ON message_id = message.id
    #         WHERE alert_id = alert.id AND message.kind = 'alert') AS told_at,
    #        (SELECT max(at) FROM answer WHERE alert_id = alert.id) AS answered_at
    # FROM alert WHERE <it waits> ORDER BY alert.id
    told = select(func.min(message.c.created_at)).join(message_alert, message_alert.c.message_id == message.c.id)
    told = told.where(message_alert.c.alert_id == alert.c.id, message.c.kind == "alert")
    answered = select(func.max(answer.c.at)).where(answer.c.alert_id == alert.c.id)
    columns = (told.scalar_subquery().label("told_at"), answered.scalar_subquery().label("answered_at"))
    query = select(*alert.c, *columns).where(_WAITS).order_by(alert.c.id)
    return values.every(connection, query, UnansweredAlert)


def mark_reminded(connection: Connection, alert_id: int, *, at: datetime) -> bool:
    """Store that people were reminded; return False if the alert no longer waits for an answer."""
    query = update(alert).where(alert.c.id == alert_id, _WAITS).values(reminded_at=at)
    return connection.execute(query).rowcount == 1


def states(connection: Connection) -> dict[str, int]:
    """Return the number of alerts in each state."""
    query = select(alert.c.state, func.count()).group_by(alert.c.state)
    return dict(map(tuple, connection.execute(query)))


def hits(connection: Connection, *, suppressed: bool, event_not: str) -> dict[tuple[str, str], int]:
    """Return how many items each rule hit, by claim and rule: those that count, or those that were suppressed."""
    counted = match.c.suppressed_by != "" if suppressed else match.c.suppressed_by == ""
    query = (
        select(match.c.claim_id, match.c.rule_id, func.count(match.c.item_id.distinct()))
        .where(counted, match.c.event != event_not)
        .group_by(match.c.claim_id, match.c.rule_id)
    )
    return {(claim_id, rule_id): number for claim_id, rule_id, number in connection.execute(query)}


def judged(connection: Connection, states: Collection[str]) -> list[JudgedAlert]:
    """Return the alerts whose last answer is one of these, in the order in which they were made."""
    query = select(*values.columns(alert, JudgedAlert)).where(alert.c.state.in_(states)).order_by(alert.c.id)
    return values.every(connection, query, JudgedAlert)


def outcomes(connection: Connection) -> list[AlertOutcome]:
    """Return the outcome of every alert, in no particular order."""
    return values.every(connection, select(*values.columns(alert, AlertOutcome)), AlertOutcome)

"""What the database says about the service, as plain data: for tables, for ``--json``, for the console."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, TypedDict

from storage import alerts, answers, claims, items, outbox, pages, sources
from storage.alerts import Alert
from storage.answers import AlertOutcome
from storage.database import Connection
from storage.items import NearMiss
from storage.outbox import Delivery
from storage.sources import PollHistory
from watcher.authoring.proposals import Proposal, propose
from watcher.jobs import proofs
from watcher.model import AlertState
from watcher.pipeline import entries
from watcher.pipeline.storing import ALREADY_THERE
from watcher.rulebook import Rulebook
from watcher.source_condition import Condition, State, outlook

GOOD = {AlertState.NO_CHANGE, AlertState.VERDICT_UPDATED}
"""Answers that say: the rule found what it is for, whether or not the verdict changed."""
RECENT = timedelta(days=90)


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


class InlineTest(TypedDict):
    """A test to be added to a rule file."""

    file: str
    text: str
    expect: tuple[str, ...]


class NearMissReport(TypedDict):
    """An item close to a claim, as `--json` shows it."""

    claim: str
    topic: float
    at: datetime
    title: str
    link: str
    source: str
    test: InlineTest


class Record(TypedDict):
    """How good the alerts of a rule were."""

    alerts: int
    answered: int
    precision: float | None
    """Of those answered, from 0 to 1; None where none was."""


class RuleReport(Record):
    """A rule as `--json` shows it."""

    claim: str
    rule: str
    hits: int
    suppressed: int
    last_90_days: Record
    months: dict[str, Record]


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
        "proofs of life": {claim_id: proofs.last(connection, claim_id) for claim_id in claims.all_ids(connection)},
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


def test_against(connection: Connection, book: Rulebook, alert_id: int) -> InlineTest | None:
    """The inline test that an alert's item makes once no rule is to hit it; None when its claim is not watched."""
    alert = alerts.get(connection, alert_id)
    if alert is None or alert.claim_id not in {claim.id for claim in book.claims}:
        return None
    row = items.get(connection, alert.item_id)
    return _test(propose(book, alert.claim_id, entries.entry(row), row.source, ()))


def near_misses(
    connection: Connection, book: Rulebook, claim_ids: Iterable[str], *, limit: int
) -> list[NearMissReport]:
    """Items close to these claims that no rule hit, newest first, each with the inline test it makes."""
    missed = [row for claim_id in claim_ids for row in items.near_misses(connection, claim_id=claim_id, limit=limit)]
    newest = sorted(missed, key=lambda row: row.id, reverse=True)[:limit]
    return [_near_miss(connection, book, row) for row in newest]


def _near_miss(connection: Connection, book: Rulebook, row: NearMiss) -> NearMissReport:
    item = items.get(connection, row.item_id)
    return {
        "claim": row.claim_id,
        "topic": row.topic,
        "at": row.at,
        "title": item.title,
        "link": item.link,
        "source": item.source,
        "test": _test(propose(book, row.claim_id, entries.entry(item), item.source)),
    }


def _test(proposal: Proposal) -> InlineTest:
    return {"file": proposal.file, "text": proposal.text, "expect": proposal.expect}


def rule_list(connection: Connection, book: Rulebook, *, now: datetime) -> list[RuleReport]:
    """Every rule of the book with what it hit and how good its alerts were: in all, of late, and month by month."""
    stood = answers.hits(connection, suppressed=False, event_not=ALREADY_THERE)
    taken = answers.hits(connection, suppressed=True, event_not=ALREADY_THERE)
    made = answers.outcomes(connection)
    return [
        {
            "claim": claim.id,
            "rule": rule.id,
            "hits": stood.get((claim.id, rule.id), 0),
            "suppressed": taken.get((claim.id, rule.id), 0),
            **_record(own),
            "last_90_days": _record([alert for alert in own if now - alert.created_at < RECENT]),
            "months": _by_month(own),
        }
        for claim in book.claims
        for rule in claim.rules
        for own in ([each for each in made if each.claim_id == claim.id and rule.id in each.rules],)
    ]


def _record(made: Sequence[AlertOutcome]) -> Record:
    states = Counter(alert.state for alert in made)
    good, bad = sum(states[state] for state in GOOD), states[AlertState.BAD_MATCH]
    answered = good + bad
    return {"alerts": len(made), "answered": answered, "precision": good / answered if answered else None}


def _by_month(made: Sequence[AlertOutcome]) -> dict[str, Record]:
    months = sorted({f"{alert.created_at:%Y-%m}" for alert in made})
    return {month: _record([a for a in made if f"{a.created_at:%Y-%m}" == month]) for month in months}


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

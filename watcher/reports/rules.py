"""How good the live rules are, and the tests that items make for them, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypedDict

from storage import alerts, answers, items
from storage.answers import AlertOutcome
from storage.database import Connection
from storage.items import NearMiss
from watcher.authoring.proposals import Proposal, propose
from watcher.model import GOOD_MATCH, AlertState
from watcher.pipeline import entries
from watcher.pipeline.storing import ALREADY_THERE
from watcher.rulebook import Rulebook

RECENT = timedelta(days=90)


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
    """The share of the answered alerts that were good, from 0 to 1; None if none was answered."""


class RuleReport(Record):
    """A rule as `--json` shows it."""

    claim: str
    rule: str
    hits: int
    suppressed: int
    last_90_days: Record
    months: dict[str, Record]


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
    good, bad = sum(states[state] for state in GOOD_MATCH), states[AlertState.BAD_MATCH]
    answered = good + bad
    return {"alerts": len(made), "answered": answered, "precision": good / answered if answered else None}


def _by_month(made: Sequence[AlertOutcome]) -> dict[str, Record]:
    months = sorted({f"{alert.created_at:%Y-%m}" for alert in made})
    return {month: _record([a for a in made if f"{a.created_at:%Y-%m}" == month]) for month in months}

"""People answer: what they made of an alert is logged, and of an urgent one that nobody answers they are reminded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from storage import alerts, answers, items
from storage.alerts import Alert
from storage.database import Connection, Database
from watcher import messages
from watcher.messages import AlertView
from watcher.model import AlertState, Claim, Clock, ConfigError, Impact
from watcher.pipeline import stories, views
from watcher.pipeline.alerting import send_about
from watcher.pipeline.live import Recipients
from watcher.rulebook import Rulebook
from watcher.text.humanize import humanize

MAX_NOTE_CHARS = 2000
"""Length of a note with an answer; longer texts belong where the fact-check is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an answer changed."""

    alert: int
    claim: str
    was: str
    state: str


def take(database: Database, clock: Clock, *, alert_id: int, state: str, note: str = "") -> Answered:
    """Log an answer to an alert. The last one counts, so that answering again, also ``open``, is the way back.

    Raises ConfigError when there is no such alert or answer.
    """
    if state not in list(AlertState):
        raise ConfigError(f"{state!r} is not an answer; answers are: {', '.join(AlertState)}")
    if len(note) > MAX_NOTE_CHARS:
        raise ConfigError(f"the note has {len(note)} characters: keep it under {MAX_NOTE_CHARS}")
    with database.write() as connection:
        known = alerts.get(connection, alert_id)
        if known is None:
            raise ConfigError(f"there is no alert {alert_id}: `watcher alerts` lists them")
        answers.add(connection, alert_id, state=state, note=note, at=clock())
    return Answered(alert=alert_id, claim=known.claim_id, was=known.state, state=state)


def is_due(claim: Claim, told_at: datetime, answered_at: datetime | None, now: datetime) -> bool:
    """Whether people are reminded of an open urgent alert: once it has waited for as long as its claim allows."""
    waits_since = max(told_at, answered_at or told_at)
    return claim.remind_after is not None and now - waits_since >= claim.remind_after


def remind(database: Database, clock: Clock, recipients: Recipients, book: Rulebook) -> int:
    """Send the reminders that are due, each once; says how many."""
    now, claims, sent = clock(), {claim.id: claim for claim in book.claims}, 0
    with database.read() as connection:
        waiting = answers.unreminded(connection)
    for alert in waiting:
        claim = claims.get(alert.claim_id)
        if claim is None or alert.told_at is None or not is_due(claim, alert.told_at, alert.answered_at, now):
            continue
        with database.write() as connection:
            if answers.mark_reminded(connection, alert.id, at=now):
                unanswered = f"unanswered for {humanize(now - alert.told_at)}"
                message = messages.update(_view(connection, book, claim, alert, now, news=unanswered))
                send_about(connection, alert.id, message, recipients(claim), now=now)
                sent += 1
    return sent


def _view(connection: Connection, book: Rulebook, claim: Claim, alert: Alert, now: datetime, *, news: str) -> AlertView:
    row = items.get(connection, alert.item_id)
    source, rules = book.source_of(row.source), {rule.id for rule in claim.rules} & set(alert.rules)
    view = views.stored_alert(connection, alert, claim, row, source, rules=rules, at=now)
    impact = Impact(score=alert.impact, reasons=tuple(alert.reasons), direction=alert.direction)
    outlets, likely_origin = stories.others(connection, alert.story_id, row.id, book)
    return replace(view, impact=impact, outlets=outlets, likely_origin=likely_origin, news=(news,))

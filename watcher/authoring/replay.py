"""Run a rule file over everything stored and compare its alerts with those of other rules. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import history
from storage.database import Database
from storage.history import PastRevision
from watcher.authoring.rerun import Alerted, Rerun, moment
from watcher.model import Claim
from watcher.pipeline.judgement import Judgement
from watcher.pipeline.rules_in_force import Rules

WEEK = timedelta(days=7)

Progress = Callable[[int], None]
"""Called with the number of revisions read since the last call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What one claim's rules would have alerted between two moments."""

    claim: Claim
    since: datetime
    until: datetime
    items: int
    alerts: tuple[Alerted, ...]
    """Oldest first."""
    logged: int
    suppressed: int
    against: tuple[Alerted, ...] | None = None
    """What the other rules would have alerted; None if there is nothing to compare with."""

    @property
    def weeks(self) -> list[int]:
        """Return the number of alerts in each whole week, the last week first."""
        ages = [(self.until - alert.at) // WEEK for alert in self.alerts]
        return [ages.count(week) for week in range((self.until - self.since) // WEEK)]

    @property
    def unexpected(self) -> str:
        """Return how many weeks were outside the range that the claim expects, in words; empty when none were."""
        if self.claim.expect_per_week is None:
            return ""
        least, most = self.claim.expect_per_week
        below, above = sum(week < least for week in self.weeks), sum(week > most for week in self.weeks)
        of = f"of {len(self.weeks)} whole weeks"
        return ", ".join(f"{number} {of} {side}" for number, side in ((below, "below"), (above, "above")) if number)

    def compared(self) -> list[tuple[str, Alerted]]:
        """Return the alerts of both sets, oldest first, each with gained, lost, changed or same."""
        mine = {alert.story_id: alert for alert in self.alerts}
        others = mine if self.against is None else {alert.story_id: alert for alert in self.against}
        changes = [(_change(alert, others.get(story)), alert) for story, alert in mine.items()]
        changes += [("lost", alert) for story, alert in others.items() if story not in mine]
        return sorted(changes, key=lambda each: _order(each[1]))


def replay(
    database: Database,
    rules: Rules,
    against: Rules | None,
    *,
    since: datetime | None,
    until: datetime,
    progress: Progress,
    batch: int = 500,
) -> list[Replay]:
    """Run each claim of some rules over what was seen since a moment, or over everything.

    ``against`` holds the rules to compare with; a claim is found there by its id or by a former id. ``batch`` is the
    number of revisions that are read in one transaction.
    """
    mine = [_rerun(database, rules, claim) for claim in rules.book.claims]
    others = {claim.id: _same_claim(database, against, claim) for claim in rules.book.claims}
    runs = [run for run in (*mine, *others.values()) if run is not None]
    first, items = until, set()
    for row in _stored(database, since, progress, batch):
        first = min(first, moment(row))
        items.add(row.item_id)
        for run in runs:
            run.take(row)
    return [
        Replay(
            claim=run.claim,
            since=since or first,
            until=until,
            items=len(items),
            alerts=_alerts(run),
            logged=run.logged,
            suppressed=run.suppressed,
            against=None if against is None else _alerts(others[run.claim.id]),
        )
        for run in mine
    ]


def size(database: Database, since: datetime | None) -> int:
    """Return the number of revisions that a replay reads."""
    with database.read() as connection:
        return history.count(connection, since=since)


def _rerun(database: Database, rules: Rules, claim: Claim) -> Rerun:
    def earlier(row: PastRevision) -> PastRevision | None:
        if row.seen_at <= row.first_seen_at:
            return None
        with database.read() as connection:
            return history.before(connection, row.item_id, row.id)

    return Rerun(rules, claim, Judgement.learnt(database, [claim]), earlier)


def _same_claim(database: Database, rules: Rules | None, claim: Claim) -> Rerun | None:
    if rules is None:
        return None
    known = {each.id: each for each in rules.book.claims}
    same = next((known[name] for name in (claim.id, *claim.was) if name in known), None)
    return None if same is None else _rerun(database, rules, same)


def _stored(database: Database, since: datetime | None, progress: Progress, batch: int) -> Iterator[PastRevision]:
    """Yield every stored revision, in batches, so that no transaction is open for long."""
    after = 0
    while True:
        with database.read() as connection:
            rows = history.page(connection, after=after, since=since, limit=batch)
        yield from (row for row in rows if since is None or moment(row) >= since)
        progress(len(rows))
        if len(rows) < batch:
            return
        after = rows[-1].id


def _alerts(run: Rerun | None) -> tuple[Alerted, ...]:
    return tuple(sorted(run.alerted.values(), key=_order)) if run is not None else ()


def _order(alert: Alerted) -> tuple[datetime, int]:
    return alert.at, alert.story_id


def _change(mine: Alerted, other: Alerted | None) -> str:
    if other is None:
        return "gained"
    same = (mine.rules, mine.priority, mine.attention) == (other.rules, other.priority, other.attention)
    return "same" if same else "changed"

"""A rule file run over everything stored: what it would have alerted, beside what others would. Reads only."""

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
from watcher.rulebook import Rulebook

PAGE = 500
WEEK = timedelta(days=7)

Progress = Callable[[int], None]
"""Told how many more revisions were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What one claim's rules would have made of everything that was seen in a stretch of time."""

    claim: Claim
    since: datetime
    until: datetime
    items: int
    alerts: tuple[Alerted, ...]
    """Oldest first."""
    logged: int
    suppressed: int
    against: tuple[Alerted, ...] | None = None
    """What the other rules would have alerted; None where none were asked."""

    @property
    def weeks(self) -> list[int]:
        """Alerts in each whole week, the last one first."""
        ages = [(self.until - alert.at) // WEEK for alert in self.alerts]
        return [ages.count(week) for week in range((self.until - self.since) // WEEK)]

    @property
    def unexpected(self) -> str:
        """How many weeks were not as the claim expects them, in words; empty when all were."""
        if self.claim.expect_per_week is None:
            return ""
        least, most = self.claim.expect_per_week
        below, above = sum(week < least for week in self.weeks), sum(week > most for week in self.weeks)
        of = f"of {len(self.weeks)} whole weeks"
        return ", ".join(f"{number} {of} {side}" for number, side in ((below, "below"), (above, "above")) if number)

    def compared(self) -> list[tuple[str, Alerted]]:
        """Every alert of either set, oldest first: gained, lost, changed or, where both say so, same."""
        mine = {alert.story_id: alert for alert in self.alerts}
        theirs = mine if self.against is None else {alert.story_id: alert for alert in self.against}
        told = [(_change(alert, theirs.get(story)), alert) for story, alert in mine.items()]
        told += [("lost", alert) for story, alert in theirs.items() if story not in mine]
        return sorted(told, key=lambda each: _order(each[1]))


def replay(
    database: Database,
    book: Rulebook,
    against: Rulebook | None,
    *,
    since: datetime | None,
    until: datetime,
    progress: Progress,
) -> list[Replay]:
    """Run each claim of a rulebook over what was seen since a moment, or ever.

    ``against``: the rules to compare with, which know a claim by its id or by what it was called before.
    """
    mine = [_rerun(database, book, claim) for claim in book.claims]
    theirs = {claim.id: _rival(database, against, claim) for claim in book.claims}
    runs = [run for run in (*mine, *theirs.values()) if run is not None]
    first, items = until, set()
    for row in _stored(database, since, progress):
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
            alerts=_told(run),
            logged=run.logged,
            suppressed=run.suppressed,
            against=None if against is None else _told(theirs[run.claim.id]),
        )
        for run in mine
    ]


def size(database: Database, since: datetime | None) -> int:
    """How many revisions a replay reads."""
    with database.read() as connection:
        return history.count(connection, since=since)


def _rerun(database: Database, book: Rulebook, claim: Claim) -> Rerun:
    def earlier(row: PastRevision) -> PastRevision | None:
        if row.seen_at <= row.first_seen_at:
            return None
        with database.read() as connection:
            return history.before(connection, row.item_id, row.id)

    return Rerun(book, claim, Judgement.learnt(database, [claim]), earlier)


def _rival(database: Database, book: Rulebook | None, claim: Claim) -> Rerun | None:
    known = {each.id: each for each in book.claims} if book is not None else {}
    same = next((known[name] for name in (claim.id, *claim.was) if name in known), None)
    return None if book is None or same is None else _rerun(database, book, same)


def _stored(database: Database, since: datetime | None, progress: Progress) -> Iterator[PastRevision]:
    """Everything that was seen, page by page, so that no transaction is open for long."""
    after = 0
    while True:
        with database.read() as connection:
            page = history.page(connection, after=after, since=since, limit=PAGE)
        yield from (row for row in page if since is None or moment(row) >= since)
        progress(len(page))
        if len(page) < PAGE:
            return
        after = page[-1].id


def _told(run: Rerun | None) -> tuple[Alerted, ...]:
    return tuple(sorted(run.told.values(), key=_order)) if run is not None else ()


def _order(alert: Alerted) -> tuple[datetime, int]:
    return alert.at, alert.story_id


def _change(mine: Alerted, theirs: Alerted | None) -> str:
    if theirs is None:
        return "gained"
    same = (mine.rules, mine.priority, mine.attention) == (theirs.rules, theirs.priority, theirs.attention)
    return "same" if same else "changed"

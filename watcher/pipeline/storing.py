"""Store what a poll brought: items, revisions, matches, and in the same transaction the alerts they call for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nlargest
from urllib.parse import urlsplit

import structlog

from storage import history, items, pages, sources
from storage.database import Connection
from storage.items import StoredItem
from storage.notes import is_forgotten
from storage.sources import SourceState
from watcher import canary
from watcher.messages import DigestReason
from watcher.model import EventKind, Keeps, Reading
from watcher.pipeline import entries, removals
from watcher.pipeline.alerting import AlertWriter, Finding, remember
from watcher.pipeline.pages import REREAD_AFTER, PageResult, has_page
from watcher.pipeline.removals import MissingItems

log = structlog.get_logger()

ALREADY_THERE = "already there"
FLOOD_ITEMS, FLOOD_SHARE = 10, 0.5
"""So many items that were never seen, and such a share of the document: a feed that was reset, or a burst."""
MAX_AT_ONCE = 5
"""Alerts of one claim that one reading makes at once when it shows many new items; the others rank with the day's."""
MAX_EDITS_A_DAY = 24
"""Edits of one item per day: a page that changes at every poll is not stored more often, unless a rule newly hits."""
ITEMS_FOR_PACE = 200
"""Items that say how often a source publishes."""
OVERRUN = "no item of the last reading is left: some may have been missed; write a shorter `every`"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """What the source's row stores of a poll."""

    fingerprints: bytes
    read_again: bool
    """Whether items are missing, so that the next reading has to be a full one to confirm it."""
    lost: int = 0
    """How many items are out of sight at once, as if the source had been rebuilt."""
    remark: str = ""
    published: Sequence[datetime] = ()
    """When its newest items appeared; empty if there was nothing new."""


@dataclass(slots=True)
class ReadingWriter:
    """Stores what one reading brought, batch by batch.

    Only the last batch stores the source's memory of the reading. If the service ends before, the source is read again,
    and stored entries are recognised.
    """

    row: SourceState
    reading: Reading
    findings: Sequence[Finding]
    writer: AlertWriter
    digest_reason: DigestReason | None
    """The digest for everything that this poll found; None if it makes single alerts."""
    at_once: frozenset[tuple[int, str]] = frozenset()
    """Of what goes into that digest: findings that are told at once all the same, each with the claim."""
    _item_ids: list[int] = field(default_factory=list)
    """The ids of the items stored so far."""

    def batches(self, size: int) -> Sequence[Sequence[Finding]]:
        """Return the findings in their order, one batch for each transaction: others can write in between."""
        starts = range(0, max(1, len(self.findings)), size)
        return [self.findings[start : start + size] for start in starts]

    def keep(self, connection: Connection, batch: Sequence[Finding]) -> None:
        """Store every finding of a batch, with everything that follows from it."""
        first_poll = self.digest_reason is DigestReason.ALREADY_THERE
        for finding in batch:
            told = {claim_id for number, claim_id in self.at_once if number == len(self._item_ids)}
            item_id = _keep_one(connection, self.row.id, finding, self.writer, self.digest_reason, told)
            _plan_page(connection, finding, item_id, self.writer.now, first_poll=first_poll)
            self._item_ids.append(item_id)

    def finish(self, connection: Connection) -> WriteResult:
        """Store which items are missing, after the last batch."""
        before = sources.unpack_fingerprints(self.row.fingerprints)
        here = {print_: before[print_] for print_ in self.reading.skipped if print_ in before}
        present = {*here.values(), *self._item_ids}
        for finding, item_id in zip(self.findings, self._item_ids, strict=True):
            here[finding.decision.entry.fingerprint] = item_id
        source, absence = self.writer.live.rulebook.source(self.row.name), MissingItems()
        whole = self.reading.complete and not self.reading.damaged and self.reading.total > 0
        if whole and source.keeps is Keeps.ALL:  # then what it does not have is not in the source any more
            absence = removals.note(connection, self.row.id, source, present, self.writer)
        new = _new(self.findings)
        all_new = new == len(self.findings) and not here.keys() & before.keys()
        overrun = self.digest_reason is DigestReason.FLOOD and all_new
        if overrun:
            log.warning("window overrun", source=self.row.name)
        return WriteResult(
            fingerprints=sources.pack_fingerprints(here),
            read_again=absence.again,
            lost=absence.lost,
            remark=OVERRUN if overrun else "",
            published=history.published(connection, self.row.id, limit=ITEMS_FOR_PACE) if new else (),
        )


def begin(
    connection: Connection, row: SourceState, reading: Reading, findings: Sequence[Finding], writer: AlertWriter
) -> ReadingWriter:
    """Decide whether the findings go into one digest, before any of them is stored."""
    reason = _digest_reason(connection, row, reading, findings, writer.now)
    return ReadingWriter(row, reading, findings, writer, reason, _best(findings) if reason else frozenset())


def _best(findings: Sequence[Finding]) -> frozenset[tuple[int, str]]:
    """Return of each claim the findings that are told at once although many come together: those that rank highest."""
    by_claim = defaultdict[str, list[tuple[float, int]]](list)
    for number, finding in enumerate(findings):
        for claim_id, hits in entries.unsuppressed(finding.matches).items():
            if any(hit.at_once and hit.score for hit in hits):
                by_claim[claim_id].append((max(hit.score for hit in hits), -number))
    return frozenset(
        (-number, claim_id) for claim_id, scored in by_claim.items() for _, number in nlargest(MAX_AT_ONCE, scored)
    )


def _digest_reason(
    connection: Connection, row: SourceState, reading: Reading, findings: Sequence[Finding], now: datetime
) -> DigestReason | None:
    if row.kind == canary.SOURCE.kind:
        return DigestReason.PROOF
    if row.baselined_at is None:
        return DigestReason.ALREADY_THERE
    if new := _new(findings):  # what a reading has stored that did not end was as new
        new += items.first_seen_between(connection, row.id, row.last_ok_at or row.baselined_at, now)
    return DigestReason.FLOOD if new >= FLOOD_ITEMS and new >= FLOOD_SHARE * reading.total else None


def _new(findings: Sequence[Finding]) -> int:
    return sum(1 for finding in findings if finding.decision.event is EventKind.NEW)


def _keep_one(
    connection: Connection,
    source_id: int,
    finding: Finding,
    writer: AlertWriter,
    digest_reason: DigestReason | None,
    told: Collection[str] = (),
) -> int:
    """Store one finding; return the id of its item. ``told``: the claims told at once even if a digest is written."""
    decision = finding.decision
    page = finding.page.text or None if finding.page is not None else None
    if decision.item_id is None:
        first_poll = digest_reason is DigestReason.ALREADY_THERE
        said = entries.new_revision(decision, page)
        item_id, revision_id = items.add(
            connection, source_id, decision.keys, said, now=writer.now, already_there=first_poll
        )
        remember(connection, finding, item_id)
    else:
        item_id = decision.item_id
        items.add_keys(connection, source_id, decision.keys, item_id)
        if decision.event is None or is_forgotten(connection, item_id) or _is_restless(connection, finding, writer):
            return item_id
        revision_id = items.add_revision(connection, item_id, entries.new_revision(decision, page), now=writer.now)
        remember(connection, finding, item_id)
    event = ALREADY_THERE if digest_reason is DigestReason.ALREADY_THERE else str(decision.event)
    matches = entries.new_matches(finding.matches, event)
    items.add_matches(connection, item_id, revision_id, matches, now=writer.now)
    writer.note_near(connection, finding, item_id)
    if digest_reason is DigestReason.ALREADY_THERE or (digest_reason and decision.event is EventKind.NEW):
        writer.take(connection, finding, item_id, told)
        writer.collect(connection, finding, item_id, digest_reason, told)
    else:
        writer.take(connection, finding, item_id)
    return item_id


def store_reread(
    connection: Connection, row: StoredItem, page: PageResult, finding: Finding | None, writer: AlertWriter
) -> bool:
    """Store what the page behind an item says by now, or that it is gone, with all that follows from it.

    ``row``: the item as it was when the page was asked for. Gives whether the page is to be read again.
    """
    now_stored = items.get(connection, row.id)
    if page.gone and row.page is not None and now_stored.removed_at is None:
        items.remove(connection, row.id, now=writer.now)
        writer.gone(connection, writer.live.rulebook.source(row.source), row.id)
        return False
    if finding is not None and now_stored.revision_id == row.revision_id:
        _keep_one(connection, row.source_id, finding, writer, None)
    return not page.text or any(not match.suppressed_by for match in items.matches_of(connection, row.id))


def _plan_page(connection: Connection, finding: Finding, item_id: int, now: datetime, *, first_poll: bool) -> None:
    """Have a page read later: one that was put off at once, one that failed or that matters at set times.

    What was there before anything was watched is told in one digest, with as many pages as its first poll could read.
    """
    entry, page = finding.decision.entry, finding.page
    if not has_page(entry, finding.source):
        return
    put_off = page is not None and page.put_off and not first_poll
    unread = page is not None and bool(page.missing) and not first_poll
    if put_off or unread or entries.unsuppressed(finding.matches):
        read_at = now if page is not None and page.evidence else None
        due_at = now if put_off else now + REREAD_AFTER[0]
        host = urlsplit(entry.link).hostname or ""
        pages.plan(connection, item_id, host=host, now=now, due_at=due_at, read_at=read_at)


def _is_restless(connection: Connection, finding: Finding, writer: AlertWriter) -> bool:
    """Whether an item was edited so often today that one more edit is left for tomorrow."""
    hit = {(match.claim_id, match.rule_id) for match in finding.matches if not match.suppressed_by}
    if finding.decision.item_id is None or hit - finding.before:
        return False
    today = items.revisions_since(connection, finding.decision.item_id, writer.now - timedelta(days=1))
    return today >= MAX_EDITS_A_DAY

"""Many items in one message: what was there when watching began, and what can wait for the daily digest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

import structlog

from storage import claims, digests, items, notes, rankings, sources
from storage.database import Connection, Database
from storage.items import StoredItem
from watcher import messages, schedule
from watcher.jobs import ranked_lines
from watcher.messages import DigestEntry, DigestReason, DigestView
from watcher.model import Claim, Clock, Rule, Source
from watcher.pipeline import entries, views
from watcher.pipeline.alerting import send
from watcher.pipeline.live import Live, Recipients
from watcher.pipeline.rules_in_force import Matched, Rules
from watcher.pipeline.storing import ALREADY_THERE
from watcher.rulebook import Rulebook
from watcher.text.humanize import pluralize

log = structlog.get_logger()

PAGE_SIZE = 500


@dataclass(slots=True)
class Digests:
    """Writes digests, and runs new claims and rules over the stored items."""

    database: Database
    clock: Clock
    recipients: Recipients
    at: time
    zone: ZoneInfo

    def catch_up(self, rules: Rules) -> None:
        """Run rules that were never live over the stored items; what they hit waits for one digest."""
        book = rules.book
        for claim in book.claims:
            with self.database.read() as connection:
                told = claims.caught_up_rules(connection, claim.id)
                stored = items.count(connection)
            new = [rule for rule in claim.rules if told.isdisjoint({rule.id})]
            fresh = [rule for rule in new if told.isdisjoint(rule.was)]
            found = self._search(rules, claim, fresh) if fresh and stored else []
            with self.database.write() as connection:
                for row, matched in found:
                    self._keep_hit(connection, claim, row, matched)
                claims.mark_caught_up(connection, claim.id, [rule.id for rule in new], now=self.clock())

    def _search(self, rules: Rules, claim: Claim, fresh: Sequence[Rule]) -> list[tuple[StoredItem, Matched]]:
        """Return what these rules find in stored items; they make no alerts, since a person looks at them together."""
        wanted, found = {(claim.id, rule.id) for rule in fresh}, []
        for row in self._stored():
            matched = rules.matched(entries.entry(row), rules.book.source_of(row.source)).of(wanted)
            if matched.matches or matched.rankings:
                found.append((row, matched))
        return found

    def _stored(self) -> Iterable[StoredItem]:
        after = 0
        while True:
            with self.database.read() as connection:
                page = items.page(connection, after=after, limit=PAGE_SIZE)
            yield from page
            if len(page) < PAGE_SIZE:
                return
            after = page[-1].id

    def _keep_hit(self, connection: Connection, claim: Claim, row: StoredItem, matched: Matched) -> None:
        """Store what new rules found, unless a poll with the same rules has found and told it meanwhile."""
        now = self.clock()
        # as old as the item is: what was stored long ago does not compete with the news of today
        rankings.add(connection, row.id, matched.rankings, now=row.seen_at)
        found = entries.new_matches(matched.matches, ALREADY_THERE)
        new = items.add_matches(connection, row.id, row.revision_id, found, now=now)
        if hits := [hit for hit in new if not hit.suppressed_by]:
            line = digests.NewDigestLine(
                claim_id=claim.id,
                item_id=row.id,
                rules=tuple(sorted(hit.rule_id for hit in hits)),
                reason=DigestReason.ALREADY_THERE,
            )
            digests.add(connection, line, now=now)

    # --------------------------------------------------------------------------------- already there

    def announce(self, book: Rulebook) -> list[DigestView]:
        """Send each claim's digest of what was already there, as soon as all of its sources were visited once."""
        with self.database.read() as connection:
            unread = set(sources.unread(connection))
            due = [claim for claim in book.claims if self._is_due(connection, book, claim, unread)]
        return [self._announce(book, claim) for claim in due]

    def _is_due(self, connection: Connection, book: Rulebook, claim: Claim, unread: set[str]) -> bool:
        if unread & {source.id for source in _read_by(book, claim)}:
            return False
        row = claims.get(connection, claim.id)
        never = row is not None and row.announced_at is None
        return never or self._is_whole(connection, claim, DigestReason.ALREADY_THERE)

    def _announce(self, book: Rulebook, claim: Claim) -> DigestView:
        with self.database.write() as connection:
            view = self._send(connection, book, claim, DigestReason.ALREADY_THERE)
            claims.mark_announced(connection, claim.id, now=self.clock())
        return view

    def tell_floods(self, book: Rulebook) -> None:
        """Send at once, in one digest per claim, what matched when a source showed many new items together."""
        with self.database.read() as connection:
            due = [claim for claim in book.claims if self._is_whole(connection, claim, DigestReason.FLOOD)]
        for claim in due:
            with self.database.write() as connection:
                self._send(connection, book, claim, DigestReason.FLOOD)

    def _is_whole(self, connection: Connection, claim: Claim, reason: DigestReason) -> bool:
        """Return whether something waits, and nothing more of it is about to be stored."""
        waits = digests.waiting(connection, claim.id, reason)
        return bool(waits) and not digests.more_to_come(connection, claim.id, reason)

    # --------------------------------------------------------------------------------- daily

    def daily(self, live: Live) -> int:
        """Send what has waited once a day, at the set hour or when the service runs again. Return how many digests."""
        now, book = self.clock(), live.rulebook
        due = schedule.daily(now, self.at, self.zone)
        with self.database.write() as connection:
            last = notes.last_daily_digest(connection)
            if last is not None and due <= last <= now:  # a time in the future was stored by a wrong clock
                return 0
            notes.set_last_daily_digest(connection, due)
            waiting = [claim for claim in book.claims if digests.waiting(connection, claim.id, DigestReason.DAILY)]
            for claim in waiting:
                self._send(connection, book, claim, DigestReason.DAILY)
            ranked = ranked_lines.send_best(connection, live, now)
        return len(waiting) + ranked

    def _send(self, connection: Connection, book: Rulebook, claim: Claim, reason: DigestReason) -> DigestView:
        now = self.clock()
        lines = digests.waiting(connection, claim.id, reason)
        entries = [_entry(connection, book, claim, line) for line in lines]
        newest_first = sorted(entries, key=lambda entry: entry.item.published or entry.item.first_seen, reverse=True)
        read = _read_by(book, claim)
        rows = {row.name: row for row in sources.all_sources(connection, enabled=True)}
        answered = [source for source in read if source.id in rows and rows[source.id].last_ok_at]
        view = DigestView(
            reason=reason,
            claim=views.claim(claim),
            at=now,
            sources=len(answered),
            items=items.count(connection, [rows[source.id].id for source in answered]),
            entries=tuple(newest_first),
            notes=_notes(claim, [source for source in read if source not in answered], now),
        )
        about = tuple(line.alert_id for line in lines if line.alert_id is not None)
        message_id = send(connection, messages.digest(view), self.recipients(claim), now=now, about=about)
        digests.settle(connection, [line.id for line in lines], message_id)
        return view


def _entry(connection: Connection, book: Rulebook, claim: Claim, line: digests.DigestLine) -> DigestEntry:
    row = items.get(connection, line.item_id)
    rules = {rule.id for rule in claim.rules} & set(line.rules)
    stored = items.matches_of(connection, row.id)
    hits = entries.matches(
        [match for match in stored if match.claim_id == claim.id], revision_id=row.revision_id, rules=rules
    )
    alert_id = "" if line.alert_id is None else str(line.alert_id)
    item = views.item(entries.entry(row), book.source_of(row.source), first_seen=row.first_seen_at)
    shown = views.hits(claim, hits, item.parts)
    return DigestEntry(item=item, hits=shown, alert_id=alert_id)


def _notes(claim: Claim, unread: Sequence[Source], now: datetime) -> tuple[str, ...]:
    notes = []
    if unread:
        names = ", ".join(source.id for source in unread)
        notes.append(f"{pluralize(len(unread), 'source')} could not be read yet: {names}")
    if claim.review_by and claim.review_by < now.date().isoformat():
        notes.append(f"the rule file of {claim.id} was to be reviewed by {claim.review_by}")
    return tuple(notes)


def _read_by(book: Rulebook, claim: Claim) -> list[Source]:
    """Return the enabled sources that any rule of the claim applies to."""
    return [source for source in book.sources if source.enabled and any(r.listens_to(source) for r in claim.rules)]

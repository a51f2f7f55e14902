"""Turn what was read into what happened: decide, match, compare. Reads the database, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from storage import items, sources
from storage.database import Database
from storage.items import Revision, StoredItem
from storage.sources import SourceState
from watcher import identity
from watcher.judging import denial_signature, fingerprint
from watcher.messages import SentenceChange
from watcher.model import Entry, EventKind, Evidence, Reading, Source
from watcher.pipeline import entries
from watcher.pipeline.alerting import Finding
from watcher.pipeline.changes import changed_sentences
from watcher.pipeline.judgement import body
from watcher.pipeline.live import Live
from watcher.pipeline.pages import PageBudget, PageResult
from watcher.pipeline.rules_in_force import RuleIds
from watcher.pipeline.stories import StoryFingerprint
from watcher.text.lead import lead


@dataclass(frozen=True, slots=True)
class FindingBuilder:
    """Builds findings from what was read in one source, with one set of rules."""

    database: Database
    live: Live
    source: Source
    budget: PageBudget

    def build(self, row: SourceState, reading: Reading) -> list[Finding]:
        """Return a finding for each distinct entry that was read, in their order."""
        every_key = [key for entry in reading.entries for key in identity.keys(entry).all]
        with self.database.read() as connection:
            owners = items.owners(connection, row.id, every_key)
            stored = items.latest(connection, set(owners.values()))
        known = {item_id: entries.known_item(said) for item_id, said in stored.items()}
        before = sources.unpack_fingerprints(row.fingerprints)
        unparsed = {before[own] for own in reading.skipped if own in before}  # what else the document holds
        decisions = identity.decide(reading.entries, owners, known, unparsed)
        return [self._built(decision, stored, reading) for decision in decisions]

    def after_rereading(self, row: StoredItem, page: PageResult) -> Finding | None:
        """Return the finding about a new text of the page behind a stored item; None if nothing changed."""
        if not page.text or page.text == row.page:
            return None
        first = row.page is None and not self._hits(entries.entry(row))
        decision = identity.Decision(
            entry=entries.supplied(row),
            keys=(),
            hash=bytes(row.hash),
            event=EventKind.NEW if first else EventKind.EDITED,
            item_id=row.id,
        )
        return self._finding(decision, row, page, ())

    def _built(self, decision: identity.Decision, stored: Mapping[int, Revision], reading: Reading) -> Finding:
        if decision.event is None:
            return Finding(source=self.source, decision=decision)
        earlier = None if decision.item_id is None else stored[decision.item_id]
        return self._finding(decision, earlier, self._page(decision.entry, earlier), reading.evidence)

    def _page(self, entry: Entry, earlier: Revision | None) -> PageResult | None:
        """Return the page behind an entry; if it cannot be read now, with the text of before."""
        known = None if earlier is None else earlier.page
        document = entries.document(entry, self.source)
        page = self.budget.run(entry, self.source, document, before=known)
        return replace(page, text=known) if page is not None and known and not page.text else page

    def _finding(
        self, decision: identity.Decision, earlier: Revision | None, page: PageResult | None, seen: tuple[Evidence, ...]
    ) -> Finding:
        if page is not None:
            seen = (*seen, *page.evidence)
        bare = Finding(source=self.source, decision=decision, page=page, evidence=seen)
        entry, before = bare.entry, frozenset[tuple[str, str]]()
        changes: tuple[SentenceChange, ...] = ()
        if earlier is not None:
            before = self._hits(entries.entry(earlier), self._told(decision.item_id))
            changes = _changes(earlier, decision.entry, page)
        matched = self.live.rules.matched(entry, self.source, before)
        return replace(
            bare,
            matches=matched.matches,
            rankings=matched.rankings,
            before=before,
            changes=changes,
            parts=entries.document(entry, self.source).parts,
            fingerprint=StoryFingerprint(
                hashes=fingerprint(body(entry)),
                signature=denial_signature(entry.title, lead(entry.summary, entry.text)),
            ),
            near=self.live.judgement.near(entry, self.source),
        )

    def _told(self, item_id: int | None) -> frozenset[tuple[str, str]]:
        """Return the rules that last hit a stored item."""
        if item_id is None or not self.live.rules.ranker.rules:  # a condition says by itself whether it hit
            return frozenset()
        with self.database.read() as connection:
            stored = items.matches_of(connection, item_id)
        last = stored[-1].revision_id if stored else 0
        return frozenset((hit.claim_id, hit.rule_id) for hit in stored if hit.revision_id == last)

    def _hits(self, entry: Entry, told: RuleIds = ()) -> frozenset[tuple[str, str]]:
        matches = self.live.rules.matched(entry, self.source, told).matches
        return frozenset((hit.claim_id, hit.rule_id) for hit in matches if not hit.suppressed_by)


def _changes(earlier: Revision, entry: Entry, page: PageResult | None) -> tuple[SentenceChange, ...]:
    """Return what changed in the source and on the page, each compared with its own past."""
    if earlier.page is None or page is None:
        return changed_sentences(entries.supplied(earlier), entry)
    return changed_sentences(entries.entry(earlier), entries.with_page(entry, page.text))

"""From what was read to what happened: decide, match, compare. Reads the database, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage import items
from storage.database import Database, Row
from watcher import identity
from watcher.judging import denial_signature, fingerprint
from watcher.messages import SentenceChange
from watcher.model import Entry, Reading, Source
from watcher.rulebook import Rulebook
from watcher.steps import records
from watcher.steps.alerting import Finding
from watcher.steps.changes import changed_sentences
from watcher.steps.judgement import Judgement, body
from watcher.steps.stories import Print


@dataclass(frozen=True, slots=True)
class Sieve:
    """Turns what was read in one source into findings, with the rules of one moment."""

    database: Database
    rulebook: Rulebook
    judgement: Judgement
    source: Source

    def sift(self, row: Row, reading: Reading) -> list[Finding]:
        """One finding for each distinct entry that was read, in their order."""
        every_key = [key for entry in reading.entries for key in identity.keys(entry).all]
        with self.database.read() as connection:
            owners = items.owners(connection, row["id"], every_key)
            stored = items.latest(connection, set(owners.values()))
        known = {item_id: records.said(said) for item_id, said in stored.items()}
        decisions = identity.decide(reading.entries, owners, known, _present(row, reading))
        return [self._finding(decision, stored) for decision in decisions]

    def _finding(self, decision: identity.Decision, stored: Mapping[int, Row]) -> Finding:
        if decision.event is None:
            return Finding(source=self.source, decision=decision)
        entry = decision.entry
        document = records.document(entry, self.source)
        before: frozenset[tuple[str, str]] = frozenset()
        changes: tuple[SentenceChange, ...] = ()
        if decision.item_id is not None:
            earlier = records.entry(stored[decision.item_id])
            before, changes = self._hits(earlier), changed_sentences(earlier, entry)
        return Finding(
            source=self.source,
            decision=decision,
            matches=self.rulebook.match(self.source, document),
            before=before,
            changes=changes,
            parts=document.parts,
            mark=Print(hashes=fingerprint(body(entry)), signature=denial_signature(entry.title, _lead(entry))),
            near=self.judgement.near(entry, self.source),
        )

    def _hits(self, entry: Entry) -> frozenset[tuple[str, str]]:
        matches = self.rulebook.match(self.source, records.document(entry, self.source))
        return frozenset((hit.claim_id, hit.rule_id) for hit in matches if not hit.suppressed_by)


def _lead(entry: Entry) -> str:
    return entry.summary or entry.text[:300]


def _present(row: Row, reading: Reading) -> set[int]:
    """Items that the document holds beside the entries that were parsed."""
    here = records.fingerprints(row["fingerprints"])
    return {here[print_] for print_ in reading.skipped if print_ in here}

"""An alert about an item that ranked, made some time after it was read: as a line of a digest, or affirmed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from storage import alerts, items
from storage.database import Connection
from storage.items import StoredItem
from storage.rankings import StoredRanking
from watcher.judging import Attention, Novelty
from watcher.model import Claim, Entry, EventKind, Impact, Priority, Source
from watcher.pipeline import entries
from watcher.pipeline.live import Live


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """A stored item that a rule of a claim ranked, with all that an alert about it shows."""

    claim: Claim
    ranking: StoredRanking
    row: StoredItem
    entry: Entry
    source: Source
    impact: Impact

    @staticmethod
    def read(connection: Connection, live: Live, claim: Claim, ranking: StoredRanking) -> JudgedItem:
        """Read the item as it is stored now, and judge it."""
        row, source = items.get(connection, ranking.item_id), live.rulebook.source_of(ranking.source)
        entry = entries.entry(row)
        impact = live.judgement.impact(claim, [ranking.rule_id], entry, source, Novelty.NEW, ranking.score)
        return JudgedItem(claim, ranking, row, entry, source, impact)

    def because(self, reason: str) -> JudgedItem:
        """Return it with one more reason, said first."""
        return replace(self, impact=replace(self.impact, reasons=(reason, *self.impact.reasons)))


def add(connection: Connection, item: JudgedItem, attention: Attention, priority: Priority, *, now: datetime) -> int:
    """Store the alert of a claim about the story of an item; return its id."""
    new: alerts.NewAlert = {
        "claim_id": item.claim.id,
        "story_id": item.ranking.story_id,
        "item_id": item.row.id,
        "created_at": now,
        "updated_at": now,
        "withdrawn_at": None,
        "attention": attention.value,
        "priority": priority.value,
        "impact": item.impact.score,
        "direction": item.impact.direction,
        "reasons": list(item.impact.reasons),
        "rules": [item.ranking.rule_id],
        "official": item.source.official,
        "event": EventKind.NEW.value,
    }
    return alerts.add(connection, new)

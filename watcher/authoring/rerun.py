"""Run one claim's rules over stored revisions and decide as the service would have decided. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from storage.history import PastRevision
from watcher.judging import Attention, Novelty, attention
from watcher.model import Claim, Entry, EventKind, Impact, Match, Priority, Source
from watcher.pipeline import entries
from watcher.pipeline.deciding import ClaimEvent, Step, ToldBefore, decide
from watcher.pipeline.judgement import Judgement
from watcher.pipeline.rules_in_force import Rules

Earlier = Callable[[PastRevision], PastRevision | None]
"""Returns the revision of an item before the given one; None if that is its first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """An alert that the rules would have made."""

    story_id: int
    at: datetime
    event: EventKind
    rules: frozenset[str]
    priority: Priority
    attention: Attention
    """Now or digest; a hit that would only have been logged is not an alert."""
    impact: int
    official: bool
    direction: str
    source: str
    title: str
    link: str
    withdrawn: bool = False

    @property
    def before(self) -> ToldBefore:
        """Return what the claim was alerted to before, as the decision needs it."""
        return ToldBefore(
            rules=self.rules,
            priority=self.priority,
            official=self.official,
            direction=self.direction,
            withdrawn=self.withdrawn,
        )


@dataclass(slots=True)
class Rerun:
    """The alerts of one claim, from one revision to the next."""

    rules: Rules
    claim: Claim
    judgement: Judgement
    earlier: Earlier
    alerted: dict[int, Alerted] = field(default_factory=dict)
    """By story."""
    logged: int = 0
    """Hits that would only have been logged, because their impact is too low."""
    suppressed: int = 0
    """Hits that an unless condition suppressed."""
    _rules_of: dict[int, frozenset[str]] = field(default_factory=dict)
    """Which rules hit an item when it was last seen."""
    _tellers: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """The items of a story that a rule hits."""

    def take(self, row: PastRevision) -> None:
        """Decide about one revision."""
        entry, source = entries.entry(row), self.rules.book.source_of(row.source)
        before = self._before(row, source)
        matches = self._matches(entry, source, before)
        self.suppressed += sum(1 for match in matches if match.suppressed_by)
        hits = [match for match in matches if not match.suppressed_by]
        self._rules_of[row.item_id] = _unsuppressed_rules(hits)
        if hits or before:
            self._note_teller(row, still=bool(hits))
            self._tell(row, entry, source, hits, before)

    def _note_teller(self, row: PastRevision, *, still: bool) -> None:
        tellers = self._tellers[row.story_id]
        (tellers.add if still else tellers.discard)(row.item_id)

    def _tell(
        self, row: PastRevision, entry: Entry, source: Source, hits: Sequence[Match], before: frozenset[str]
    ) -> None:
        known = self.alerted.get(row.story_id)
        novelty = Novelty.NEW if known is None else Novelty.COPY
        rank = max((hit.score for hit in hits if hit.score), default=None)
        impact = self.judgement.impact(self.claim, _unsuppressed_rules(hits), entry, source, novelty, rank)
        event = self._event(row, source, impact, hits, before)
        step, _ = decide(event, None if known is None else known.before, self.claim.events[event.event])
        level = attention(impact.score, event.priority, at_once=any(hit.at_once for hit in hits))
        if known is not None:
            self.alerted[row.story_id] = _updated(known, step, event, impact, level)
        elif step is Step.ALERT and level is Attention.LOG:
            self.logged += 1
        elif step is Step.ALERT:
            self.alerted[row.story_id] = _alerted(row, event, impact, level)

    def _event(
        self, row: PastRevision, source: Source, impact: Impact, hits: Sequence[Match], before: frozenset[str]
    ) -> ClaimEvent:
        rules = _unsuppressed_rules(hits)
        return ClaimEvent(
            event=EventKind.NEW if row.seen_at <= row.first_seen_at else EventKind.EDITED,
            rules=rules,
            newly=rules - before,
            priority=Priority.highest(hit.priority for hit in hits),
            official=source.official,
            direction=impact.direction,
            matches_elsewhere=not rules and bool(self._tellers[row.story_id]),
        )

    def _before(self, row: PastRevision, source: Source) -> frozenset[str]:
        """Return the rules that hit the previous revision of the item."""
        if row.item_id in self._rules_of:
            return self._rules_of[row.item_id]
        earlier = self.earlier(row)
        return frozenset() if earlier is None else _unsuppressed_rules(self._matches(entries.entry(earlier), source))

    def _matches(self, entry: Entry, source: Source, before: frozenset[str] = frozenset()) -> list[Match]:
        found = self.rules.matched(entry, source, {(self.claim.id, rule_id) for rule_id in before})
        return [match for match in found.matches if match.claim_id == self.claim.id]


def _unsuppressed_rules(matches: Sequence[Match]) -> frozenset[str]:
    return frozenset(match.rule_id for match in matches if not match.suppressed_by)


def _alerted(row: PastRevision, event: ClaimEvent, impact: Impact, level: Attention) -> Alerted:
    return Alerted(
        story_id=row.story_id,
        at=moment(row),
        event=event.event,
        rules=event.rules,
        priority=event.priority,
        attention=level,
        impact=impact.score,
        official=event.official,
        direction=event.direction,
        source=row.source,
        title=row.title,
        link=row.link,
    )


def _updated(known: Alerted, step: Step, event: ClaimEvent, impact: Impact, level: Attention) -> Alerted:
    """Return the alert as updated by another item of its story."""
    if step is Step.WITHDRAW:
        return replace(known, withdrawn=True)
    if step is not Step.UPDATE:
        return known
    return replace(
        known,
        rules=known.rules | event.rules,
        priority=Priority.highest((known.priority, event.priority)),
        attention=Attention.NOW if Attention.NOW in (known.attention, level) else known.attention,
        impact=max(known.impact, impact.score),
        official=known.official or event.official,
        direction=event.direction,
        withdrawn=False,
    )


def moment(row: PastRevision) -> datetime:
    """Return when an item would have alerted: when first seen, or when published if it was there before watching."""
    seen: datetime = row.seen_at
    return min(row.published_at or seen, seen) if row.already_there else seen

"""What becomes of a finding inside the transaction that stores it: story, alert, message, deliveries.

Whether anything is said, and what, is decided by `decide` from values alone. `Desk` writes it down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto

from storage import alerts, digests, items, outbox
from storage import stories as kept_stories
from storage.database import Connection
from storage.items import StoredItem
from watcher import identity, messages
from watcher.judging import Attention, attention
from watcher.messages import AlertView, DigestReason, SentenceChange
from watcher.model import Claim, Entry, EventKind, EventPolicy, Evidence, Impact, Match, Priority, Rendered, Source
from watcher.pipeline import evidence, records, stories, views
from watcher.pipeline.live import Live
from watcher.pipeline.pages import Page
from watcher.pipeline.stories import Place, Print

WITHDRAWN = "the text no longer matches any rule of this claim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One entry of a poll, decided and matched: ready to be written."""

    source: Source
    decision: identity.Decision
    matches: tuple[Match, ...] = ()
    before: frozenset[tuple[str, str]] = frozenset()
    """(claim, rule) pairs that hit what the item said before, evaluated with the rules of now."""
    changes: tuple[SentenceChange, ...] = ()
    page: Page | None = None
    """What came of reading the page behind it; None where nobody needs it."""
    evidence: tuple[Evidence, ...] = ()
    """The answers that it was read in."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """The texts that the matches' spans point into."""
    mark: Print = field(default_factory=Print)
    near: Mapping[str, float] = field(default_factory=dict)
    """Topic of each claim that the item is close to."""

    @property
    def entry(self) -> Entry:
        """What was matched: what the source supplied, with the page behind it."""
        return records.with_page(self.decision.entry, None if self.page is None else self.page.text)

    @property
    def summary_only(self) -> bool:
        """Whether there is more that could not be read."""
        return not self.entry.text or (self.page is not None and bool(self.page.problem))

    @property
    def unread(self) -> str:
        """In words, why text is missing."""
        return "" if self.page is None else self.page.missing


class Step(Enum):
    """What a finding means for one claim."""

    NOTHING = auto()
    ALERT = auto()
    UPDATE = auto()
    WITHDRAW = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a claim was already told of a story."""

    rules: frozenset[str]
    priority: Priority
    official: bool
    direction: str
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiding:
    """What a finding says to one claim."""

    event: EventKind
    rules: frozenset[str]
    newly: frozenset[str]
    """Those that did not hit before."""
    priority: Priority
    official: bool
    direction: str
    fresh: tuple[str, ...] = ()
    """Sentences that a known story gains."""
    told_elsewhere: bool = False
    """Another item of the story still matches."""


def decide(tiding: Tiding, standing: Standing | None, policy: EventPolicy) -> tuple[Step, tuple[str, ...]]:
    """What to do about a tiding, and for an update what is new about it, in words."""
    if standing is None:
        wanted = policy is EventPolicy.ALERT or (policy is EventPolicy.IF_NEWLY_MATCHING and tiding.newly)
        return (Step.ALERT if wanted and tiding.rules else Step.NOTHING), ()
    if not tiding.rules and tiding.told_elsewhere:
        return Step.UPDATE, ("this outlet no longer says what matched; others of the story still do",)
    if not tiding.rules:
        return (Step.NOTHING if standing.withdrawn else Step.WITHDRAW), ()
    news = [words for words, holds in _news(tiding, standing).items() if holds]
    return (Step.UPDATE if news else Step.NOTHING), tuple(news)


def _news(tiding: Tiding, standing: Standing) -> dict[str, bool]:
    """Everything that is always told about a story that was told before."""
    turned = tiding.direction != standing.direction and "denies" in {tiding.direction, standing.direction}
    return {
        "it matches again": standing.withdrawn,
        f"newly hit: {', '.join(sorted(tiding.rules - standing.rules))}": bool(tiding.rules - standing.rules),
        f"priority is now {tiding.priority}": tiding.priority.rank > standing.priority.rank,
        "an official source has it now": tiding.official and not standing.official,
        "its denial wording changed": turned,
        f"another outlet has more: {' '.join(tiding.fresh)[:1000]}": bool(tiding.fresh),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What was decided about a tiding, and how it is told."""

    step: Step
    tiding: Tiding
    impact: Impact
    voice: Attention
    news: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """Writes what findings mean, for the rules and recipients of one moment."""

    live: Live
    now: datetime

    def take(self, connection: Connection, finding: Finding, item_id: int) -> None:
        """Write every alert, message and delivery that a stored finding calls for."""
        hits = records.standing(finding.matches)
        told = {claim_id for claim_id, _ in finding.before}
        claims = [claim for claim in self.live.rulebook.claims if claim.id in hits or claim.id in told]
        if not claims:
            return
        row = items.get(connection, item_id)
        place = Place()
        if finding.decision.event is EventKind.NEW:
            place = stories.place(connection, row, finding.entry, finding.source, finding.mark, self.live.rulebook)
            row = items.get(connection, item_id) if place.relation is not None else row
        for claim in claims:
            self._tell(connection, claim, finding, row, place)

    def collect(self, connection: Connection, finding: Finding, item_id: int, reason: DigestReason) -> None:
        """What was there before anything was watched, or came with a flood, is told in one digest."""
        for claim_id, hits in records.standing(finding.matches).items():
            rules = sorted({hit.rule_id for hit in hits})
            line = digests.NewDigestLine(claim_id=claim_id, item_id=item_id, rules=tuple(rules), reason=reason)
            digests.add(connection, line, now=self.now)

    def gone(self, connection: Connection, source: Source, item_id: int) -> None:
        """An item is no longer in a source that keeps its items: said of what was alerted, in careful words."""
        row = items.get(connection, item_id)
        for claim in self.live.rulebook.claims:
            known = alerts.find(connection, claim.id, row.story_id)
            if known is None or known.item_id != item_id or known.attention != Attention.NOW:
                continue
            if claim.events[EventKind.REMOVED] is not EventPolicy.IGNORE:
                self._tell_gone(connection, claim, known, row, source)

    def _tell_gone(
        self, connection: Connection, claim: Claim, known: alerts.Alert, row: StoredItem, source: Source
    ) -> None:
        item = views.item(records.entry(row), source, first_seen=row.first_seen_at)
        rules = {rule.id for rule in claim.rules}
        stored = [match for match in items.matches_of(connection, row.id) if match.claim_id == claim.id]
        hits = records.matches(stored, revision_id=row.revision_id, rules=rules)
        there, absent = row.missing_since or row.first_seen_at, self.now
        view = AlertView(
            alert_id=str(known.id),
            at=self.now,
            claim=views.claim(claim),
            priority=Priority(known.priority),
            event=EventKind.REMOVED,
            item=item,
            hits=views.hits(claim, hits, item.parts),
            evidence=evidence.lines(connection, known.id),
            news=(f"present until {messages.when(there)}, absent on {messages.when(absent)}; why is not known",),
        )
        alerts.change(connection, known.id, {"event": EventKind.REMOVED.value, "updated_at": self.now})
        thread, about = f"alert-{known.id}", (known.id,)
        send(connection, messages.update(view), self.live.recipients(claim), now=self.now, thread=thread, about=about)

    def note_near_misses(self, connection: Connection, finding: Finding, item_id: int) -> None:
        """Keep which claims an item was close to without a rule of theirs hitting."""
        hit = {match.claim_id for match in finding.matches}
        missed = {claim_id: topic for claim_id, topic in finding.near.items() if claim_id not in hit}
        items.add_near_misses(connection, item_id, missed, now=self.now)

    def _tell(self, connection: Connection, claim: Claim, finding: Finding, row: StoredItem, place: Place) -> None:
        known = alerts.find(connection, claim.id, row.story_id)
        ruling = self._rule(connection, claim, finding, row, place, known)
        if ruling.step is Step.NOTHING or (known is None and ruling.voice is Attention.LOG):
            return
        if known is None:
            alert_id = alerts.add(connection, self._new(claim, row, ruling))
        else:
            alert_id = known.id
            alerts.change(connection, alert_id, self._changes(known, ruling))
        evidence.keep(connection, alert_id, finding.evidence, finding.decision.entry, finding.page)
        if ruling.voice is Attention.DIGEST:
            rules = tuple(sorted(ruling.tiding.rules))
            reason = DigestReason.DAILY
            line = digests.NewDigestLine(
                claim_id=claim.id, item_id=row.id, rules=rules, reason=reason, alert_id=alert_id
            )
            digests.add(connection, line, now=self.now)
        elif ruling.voice is Attention.NOW:
            view = self._view(connection, claim, finding, row, alert_id, ruling)
            first = known is None or known.attention != Attention.NOW
            message = _render(Step.ALERT if first and ruling.step is Step.UPDATE else ruling.step, view)
            thread = f"alert-{alert_id}"
            send(connection, message, self.live.recipients(claim), now=self.now, thread=thread, about=(alert_id,))

    def _rule(
        self,
        connection: Connection,
        claim: Claim,
        finding: Finding,
        row: StoredItem,
        place: Place,
        known: alerts.Alert | None,
    ) -> Ruling:
        hits = records.standing(finding.matches).get(claim.id, ())
        rules = {hit.rule_id for hit in hits}
        impact = self.live.judgement.impact(claim, rules, finding.entry, finding.source, place.novelty)
        tiding = _tiding(claim, finding, hits, impact, place)
        if not hits and known is not None:
            elsewhere = items.others_match(connection, claim.id, row.story_id, row.id)
            tiding = replace(tiding, priority=Priority(known.priority), told_elsewhere=elsewhere)
        step, news = decide(tiding, None if known is None else _standing(known), claim.events[tiding.event])
        voice = _voice(step, known, attention(impact.score, tiding.priority))
        return Ruling(step=step, tiding=tiding, impact=impact, voice=voice, news=news)

    def _new(self, claim: Claim, row: StoredItem, ruling: Ruling) -> alerts.NewAlert:
        return {
            **self._content(ruling),
            "claim_id": claim.id,
            "story_id": row.story_id,
            "item_id": row.id,
            "created_at": self.now,
            "attention": ruling.voice.value,
        }

    def _content(self, ruling: Ruling) -> alerts.AlertContent:
        tiding, impact = ruling.tiding, ruling.impact
        return {
            "priority": tiding.priority.value,
            "impact": impact.score,
            "direction": tiding.direction,
            "reasons": list(impact.reasons),
            "rules": sorted(tiding.rules),
            "official": tiding.official,
            "event": tiding.event.value,
            "updated_at": self.now,
            "withdrawn_at": None,
        }

    def _changes(self, known: alerts.Alert, ruling: Ruling) -> alerts.AlertChange:
        if ruling.step is Step.WITHDRAW:
            return {"withdrawn_at": self.now, "updated_at": self.now}
        tiding = ruling.tiding
        highest = max(Priority(known.priority), tiding.priority, key=lambda one: one.rank)
        return {
            **self._content(ruling),
            "rules": sorted({*known.rules, *tiding.rules}),
            "priority": highest.value,
            "official": known.official or tiding.official,
            "impact": max(known.impact, ruling.impact.score),
            "attention": Attention.NOW.value if ruling.voice is Attention.NOW else known.attention,
        }

    def _view(
        self, connection: Connection, claim: Claim, finding: Finding, row: StoredItem, alert_id: int, ruling: Ruling
    ) -> AlertView:
        item = views.item(finding.entry, finding.source, first_seen=row.first_seen_at)
        item = replace(item, summary_only=finding.summary_only, unread=finding.unread)
        hits = records.standing(finding.matches).get(claim.id, ())
        outlets, likely_origin = stories.others(connection, row.story_id, row.id, self.live.rulebook)
        return AlertView(
            alert_id=str(alert_id),
            at=self.now,
            claim=views.claim(claim),
            priority=ruling.tiding.priority,
            event=ruling.tiding.event,
            item=item,
            hits=views.hits(claim, hits, item.parts),
            changed_sentences=finding.changes,
            impact=ruling.impact,
            outlets=outlets,
            likely_origin=likely_origin,
            evidence=evidence.lines(connection, alert_id),
            news=ruling.news,
            withdrawn_because=WITHDRAWN if ruling.step is Step.WITHDRAW else "",
        )


def remember(connection: Connection, finding: Finding, item_id: int) -> None:
    """Keep by what the copies of a new item will be found."""
    kept_stories.remember(connection, item_id, finding.mark.hashes, finding.mark.signature)


def send(
    connection: Connection,
    message: Rendered,
    to: Sequence[tuple[str, str]],
    *,
    now: datetime,
    thread: str = "",
    about: tuple[int, ...] = (),
) -> int:
    """Freeze a message and put it into the outbox; gives its id."""
    new = outbox.NewMessage(
        kind=message.kind.value,
        subject=message.subject,
        text=message.text,
        html=message.html,
        data=message.data,
        priority=message.priority.value if message.priority is not None else "",
        thread=thread,
        alerts=about,
    )
    return outbox.add(connection, new, to, now=now)


def _tiding(claim: Claim, finding: Finding, hits: Sequence[Match], impact: Impact, place: Place) -> Tiding:
    rules = frozenset(hit.rule_id for hit in hits)
    before = {rule_id for claim_id, rule_id in finding.before if claim_id == claim.id}
    priorities = [claim.rule(rule_id).priority for rule_id in rules]
    matched = tuple(finding.parts[span.part][span.start : span.end] for hit in hits for span in hit.spans)
    return Tiding(
        event=finding.decision.event or EventKind.NEW,
        rules=rules,
        newly=rules - before,
        priority=max(priorities, key=lambda one: one.rank, default=Priority.DIGEST),
        official=finding.source.official,
        direction=impact.direction,
        fresh=place.fresh(matched),
    )


def _standing(known: alerts.Alert) -> Standing:
    return Standing(
        rules=frozenset(known.rules),
        priority=Priority(known.priority),
        official=known.official,
        direction=known.direction,
        withdrawn=known.withdrawn_at is not None,
    )


def _voice(step: Step, known: alerts.Alert | None, wanted: Attention) -> Attention:
    """How a step is told: what was told at once stays so; what only waits for a digest may be raised."""
    if known is not None and known.attention == Attention.NOW:
        return Attention.NOW
    return Attention.LOG if step is Step.WITHDRAW else wanted


def _render(step: Step, view: AlertView) -> Rendered:
    if step is Step.WITHDRAW:
        return messages.withdrawn(view)
    return messages.update(view) if step is Step.UPDATE else messages.alert(view)

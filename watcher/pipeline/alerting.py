"""What becomes of a finding inside the transaction that stores it: story, alert, message, deliveries.

`decide` decides from values alone whether a message is sent, and which; `AlertWriter` stores it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from storage import alerts, digests, items, outbox, rankings
from storage import stories as kept_stories
from storage.database import Connection
from storage.items import StoredItem
from storage.rankings import NewRanking
from watcher import identity, messages
from watcher.judging import Attention, attention
from watcher.messages import AlertView, DigestReason, SentenceChange
from watcher.model import Claim, Entry, EventKind, EventPolicy, Evidence, Impact, Match, Priority, Rendered, Source
from watcher.pipeline import entries, evidence, stories, views
from watcher.pipeline.deciding import ClaimEvent, Step, ToldBefore, decide
from watcher.pipeline.live import Live
from watcher.pipeline.pages import PageResult
from watcher.pipeline.stories import StoryFingerprint, StoryMatch
from watcher.text.humanize import when

WITHDRAWN = "the text no longer matches any rule of this claim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One entry of a poll, decided and matched: ready to be written."""

    source: Source
    decision: identity.Decision
    matches: tuple[Match, ...] = ()
    before: frozenset[tuple[str, str]] = frozenset()
    """(claim, rule) pairs that hit the item's text before the change, evaluated with the present rules."""
    changes: tuple[SentenceChange, ...] = ()
    page: PageResult | None = None
    """The result of reading the page behind it; None if the page was not needed."""
    evidence: tuple[Evidence, ...] = ()
    """The responses that it was read in."""
    rankings: tuple[NewRanking, ...] = ()
    """How rules with examples rank it."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Return the texts that the spans of matches point into."""
    fingerprint: StoryFingerprint = field(default_factory=StoryFingerprint)
    near: Mapping[str, float] = field(default_factory=dict)
    """The topic of each claim that the item is close to."""

    @property
    def entry(self) -> Entry:
        """Return what was matched: what the source supplied, with the page behind it."""
        return entries.with_page(self.decision.entry, None if self.page is None else self.page.text)

    @property
    def summary_only(self) -> bool:
        """Return whether more of the text exists and could not be read."""
        return not self.entry.text or (self.page is not None and bool(self.page.problem))

    @property
    def unread(self) -> str:
        """Return in words why text is missing."""
        return "" if self.page is None else self.page.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDecision:
    """What was decided about an event: the step, and how soon people hear of it."""

    step: Step
    event: ClaimEvent
    impact: Impact
    attention: Attention
    news: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertWriter:
    """Writes the alerts that findings call for, with one set of rules and recipients."""

    live: Live
    now: datetime

    def take(self, connection: Connection, finding: Finding, item_id: int, only: Collection[str] | None = None) -> None:
        """Write every alert, message and delivery that a stored finding calls for.

        ``only``: the ids of the claims that are told of it; None for all.
        """
        hits = entries.unsuppressed(finding.matches)
        concerned = hits.keys() | {claim_id for claim_id, _ in finding.before}
        if only is not None:
            concerned &= set(only)
        claims = [claim for claim in self.live.rulebook.claims if claim.id in concerned]
        if not claims:
            return
        row = items.get(connection, item_id)
        place = StoryMatch()
        if finding.decision.event is EventKind.NEW:
            place = stories.place(
                connection, row, finding.entry, finding.source, finding.fingerprint, self.live.rulebook
            )
            row = items.get(connection, item_id) if place.relation is not None else row
        for claim in claims:
            self._tell(connection, claim, finding, row, place)

    def collect(
        self, connection: Connection, finding: Finding, item_id: int, reason: DigestReason, told: Collection[str]
    ) -> None:
        """Keep a finding for one digest: it was there before watching began, or came with a flood.

        Left out are the claims that were ``told`` of it at once, and what only ranks: that competes for lines.
        """
        for claim_id, hits in entries.unsuppressed(finding.matches).items():
            rules = sorted({hit.rule_id for hit in hits if not hit.ranked_alone})
            if claim_id in told or not rules:
                continue
            line = digests.NewDigestLine(claim_id=claim_id, item_id=item_id, rules=tuple(rules), reason=reason)
            digests.add(connection, line, now=self.now)

    def gone(self, connection: Connection, source: Source, item_id: int) -> None:
        """Report, in careful words, that an alerted item is no longer in a source that keeps its items."""
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
        rules = {rule.id for rule in claim.rules}
        view = views.stored_alert(connection, known, claim, row, source, rules=rules, at=self.now)
        there, absent = row.missing_since or row.first_seen_at, self.now
        news = f"present until {when(there)}, absent on {when(absent)}; why is not known"
        message = messages.update(replace(view, event=EventKind.REMOVED, news=(news,)))
        alerts.change(connection, known.id, {"event": EventKind.REMOVED.value, "updated_at": self.now})
        send_about(connection, known.id, message, self.live.recipients(claim), now=self.now)

    def note_near(self, connection: Connection, finding: Finding, item_id: int) -> None:
        """Store how an item ranks, and for claims that do not rank the near misses: close to them, and no hit."""
        if self.live.rules.ranker.rules:
            rankings.put(connection, item_id, finding.rankings, now=self.now)
        hit = {match.claim_id for match in finding.matches}
        ranking = {claim.id for claim in self.live.rulebook.claims if claim.ranks}
        missed = {claim_id: topic for claim_id, topic in finding.near.items() if claim_id not in hit | ranking}
        items.add_near_misses(connection, item_id, missed, now=self.now)

    def _tell(self, connection: Connection, claim: Claim, finding: Finding, row: StoredItem, place: StoryMatch) -> None:
        known = alerts.find(connection, claim.id, row.story_id)
        decided = self._decide(connection, claim, finding, row, place, known)
        if decided.step is Step.NOTHING or (known is None and decided.attention is Attention.LOG):
            return
        if known is None:
            alert_id = alerts.add(connection, self._new(claim, row, decided))
        else:
            alert_id = known.id
            alerts.change(connection, alert_id, self._changes(known, decided))
        evidence.keep(connection, alert_id, finding.evidence, finding.decision.entry, finding.page)
        if decided.attention is Attention.DIGEST:
            rules = tuple(sorted(decided.event.rules))
            reason = DigestReason.DAILY
            line = digests.NewDigestLine(
                claim_id=claim.id, item_id=row.id, rules=rules, reason=reason, alert_id=alert_id
            )
            digests.add(connection, line, now=self.now)
        elif decided.attention is Attention.NOW:
            view = self._view(connection, claim, finding, row, alert_id, decided)
            first = known is None or known.attention != Attention.NOW
            step = Step.ALERT if first and decided.step is Step.UPDATE else decided.step
            message = _RENDERERS[step](view)
            send_about(connection, alert_id, message, self.live.recipients(claim), now=self.now)

    def _decide(
        self,
        connection: Connection,
        claim: Claim,
        finding: Finding,
        row: StoredItem,
        place: StoryMatch,
        known: alerts.Alert | None,
    ) -> AlertDecision:
        hits = entries.unsuppressed(finding.matches).get(claim.id, ())
        rules = {hit.rule_id for hit in hits}
        rank = max((hit.score for hit in hits if hit.score), default=None)
        impact = self.live.judgement.impact(claim, rules, finding.entry, finding.source, place.novelty, rank)
        event = _claim_event(claim, finding, hits, impact, place)
        if not hits and known is not None:
            elsewhere = items.others_match(connection, claim.id, row.story_id, row.id)
            event = replace(event, priority=Priority(known.priority), matches_elsewhere=elsewhere)
        step, news = decide(event, None if known is None else _told_before(known), claim.events[event.event])
        if known is not None and known.attention == Attention.NOW:
            voice = Attention.NOW  # an alert that went out at once stays so; a waiting one may rise
        else:
            at_once = any(hit.at_once for hit in hits)
            voice = Attention.LOG if step is Step.WITHDRAW else attention(impact.score, event.priority, at_once=at_once)
        return AlertDecision(step=step, event=event, impact=impact, attention=voice, news=news)

    def _new(self, claim: Claim, row: StoredItem, decided: AlertDecision) -> alerts.NewAlert:
        return {
            **self._content(decided),
            "claim_id": claim.id,
            "story_id": row.story_id,
            "item_id": row.id,
            "created_at": self.now,
            "attention": decided.attention.value,
        }

    def _content(self, decided: AlertDecision) -> alerts.AlertContent:
        event, impact = decided.event, decided.impact
        return {
            "priority": event.priority.value,
            "impact": impact.score,
            "direction": event.direction,
            "reasons": list(impact.reasons),
            "rules": sorted(event.rules),
            "official": event.official,
            "event": event.event.value,
            "updated_at": self.now,
            "withdrawn_at": None,
        }

    def _changes(self, known: alerts.Alert, decided: AlertDecision) -> alerts.AlertChange:
        if decided.step is Step.WITHDRAW:
            return {"withdrawn_at": self.now, "updated_at": self.now}
        event = decided.event
        highest = Priority.highest((Priority(known.priority), event.priority))
        return {
            **self._content(decided),
            "rules": sorted({*known.rules, *event.rules}),
            "priority": highest.value,
            "official": known.official or event.official,
            "impact": max(known.impact, decided.impact.score),
            "attention": Attention.NOW.value if decided.attention is Attention.NOW else known.attention,
        }

    def _view(
        self,
        connection: Connection,
        claim: Claim,
        finding: Finding,
        row: StoredItem,
        alert_id: int,
        decided: AlertDecision,
    ) -> AlertView:
        item = views.item(finding.entry, finding.source, first_seen=row.first_seen_at)
        item = replace(item, summary_only=finding.summary_only, unread=finding.unread)
        hits = entries.unsuppressed(finding.matches).get(claim.id, ())
        outlets, likely_origin = stories.others(connection, row.story_id, row.id, self.live.rulebook)
        return AlertView(
            alert_id=str(alert_id),
            at=self.now,
            claim=views.claim(claim),
            priority=decided.event.priority,
            event=decided.event.event,
            item=item,
            hits=views.hits(claim, hits, item.parts),
            label=views.label(claim, hits, item),
            changed_sentences=finding.changes,
            impact=decided.impact,
            outlets=outlets,
            likely_origin=likely_origin,
            evidence=evidence.lines(connection, alert_id),
            news=decided.news,
            withdrawn_because=WITHDRAWN if decided.step is Step.WITHDRAW else "",
        )


def remember(connection: Connection, finding: Finding, item_id: int) -> None:
    """Store the fingerprints by which copies of a new item will be found."""
    kept_stories.remember(connection, item_id, finding.fingerprint.hashes, finding.fingerprint.signature)


def send(
    connection: Connection,
    message: Rendered,
    to: Sequence[tuple[str, str]],
    *,
    now: datetime,
    thread: str = "",
    about: tuple[int, ...] = (),
) -> int:
    """Freeze a message and put it into the outbox; return its id."""
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


def send_about(
    connection: Connection, alert_id: int, message: Rendered, to: Sequence[tuple[str, str]], *, now: datetime
) -> None:
    """Put a message about one alert into the outbox, in the thread of that alert."""
    send(connection, message, to, now=now, thread=f"alert-{alert_id}", about=(alert_id,))


def _claim_event(
    claim: Claim, finding: Finding, hits: Sequence[Match], impact: Impact, place: StoryMatch
) -> ClaimEvent:
    rules = frozenset(hit.rule_id for hit in hits)
    before = {rule_id for claim_id, rule_id in finding.before if claim_id == claim.id}
    matched = tuple(finding.parts[span.part][span.start : span.end] for hit in hits for span in hit.spans)
    return ClaimEvent(
        event=finding.decision.event or EventKind.NEW,
        rules=rules,
        newly=rules - before,
        priority=Priority.highest(hit.priority for hit in hits),
        official=finding.source.official,
        direction=impact.direction,
        fresh=place.fresh(matched),
    )


def _told_before(known: alerts.Alert) -> ToldBefore:
    return ToldBefore(
        rules=frozenset(known.rules),
        priority=Priority(known.priority),
        official=known.official,
        direction=known.direction,
        withdrawn=known.withdrawn_at is not None,
    )


_RENDERERS = {Step.ALERT: messages.alert, Step.UPDATE: messages.update, Step.WITHDRAW: messages.withdrawn}

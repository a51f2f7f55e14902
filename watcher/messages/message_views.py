"""The input of messages: frozen values, filled from rows by the code that writes the alert.

Strings may hold anything that was fetched; rendering makes them safe to show. Datetimes are timezone-aware.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.model import Bearing, EventKind, Impact, Label, Priority, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """The claim an alert or a digest is about."""

    id: str
    claim_reviewed: str
    rating: str
    url: str = ""
    date_published: str = ""
    """The day on which the verdict was published, as the rule file has it: year-month-day."""
    owner: str = ""
    """Who looks after the rule file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HitView:
    """One rule that hit."""

    rule_id: str
    asks: str = ""
    bearing: Bearing = Bearing.CONTEXT
    priority: Priority = Priority.NORMAL
    spans: tuple[Span, ...] = ()
    """Into ``ItemView.parts``."""
    distance: int | None = None
    why: str = ""
    """Which lists and words matched, in words."""
    suppressed_by: str = ""
    resembles: str = ""
    """The example that the matched passage is most like; empty for the hit of a condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """The item, in the revision that was matched."""

    title: str
    link: str
    source_id: str
    first_seen: datetime
    official: bool = False
    outlet: str = ""
    author: str = ""
    published: datetime | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    """The texts that were matched, by the names spans use: title, lead, text."""
    summary_only: bool = False
    """The full text could not be read."""
    unread: str = ""
    """In words, why text is missing, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceChange:
    """The change of one sentence by an edit; ``before`` is empty if it was added, ``after`` if it was removed."""

    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletView:
    """Another outlet that published the same story."""

    outlet: str
    link: str = ""
    seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert when one of its messages is written."""

    alert_id: str
    at: datetime
    """When the message is written; the same at every attempt to deliver it."""
    claim: ClaimView
    priority: Priority
    event: EventKind
    item: ItemView
    hits: tuple[HitView, ...]
    """The highest priority first."""
    label: Label | None = None
    """What the passage that matched says, and how that is known; None where nothing matches any more."""
    changed_sentences: tuple[SentenceChange, ...] = ()
    impact: Impact | None = None
    outlets: tuple[OutletView, ...] = ()
    likely_origin: str = ""
    evidence: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    """For an update: what changed since the last message, in words."""
    withdrawn_because: str = ""


class DigestReason(StrEnum):
    """Why a digest is written."""

    ALREADY_THERE = "already there"
    FLOOD = "many at once"
    DAILY = "daily"
    RANKED = "ranked"
    """The best of what only ranks; a message of its own."""
    PROOF = "proof of life"
    """Sent as a message of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEntry:
    """One item of a digest, with the rules of its claim that hit it."""

    item: ItemView
    hits: tuple[HitView, ...]
    alert_id: str = ""
    """None where no alert was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """Many items in one message."""

    reason: DigestReason
    claim: ClaimView
    at: datetime
    sources: int
    """How many sources were read."""
    items: int
    """How many items were in them."""
    entries: tuple[DigestEntry, ...]
    """Newest first."""
    window: timedelta = timedelta(days=30)
    """Days back in which "would have alerted" counts."""
    notes: tuple[str, ...] = ()
    """What else a reader should know: rule files past their review date, sources that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedLine:
    """One line of a ranked digest: the best item of a story."""

    claim_id: str
    rule_id: str
    asks: str
    item: ItemView
    passage: str
    """The sentence that made it likely."""
    label: Label
    """What the sentence says, and how that is known."""
    resembles: str
    """The example of the rule that the sentence is most like."""
    alert_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedClaimView:
    """A claim of a ranked digest."""

    claim: ClaimView
    others: int
    """Stories above the floor that got no line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedDigestView:
    """The best lines of a day, for all claims of one desk."""

    at: datetime
    claims: tuple[RankedClaimView, ...]
    lines: tuple[RankedLine, ...]
    """The most likely first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofView:
    """Proof that a claim is watched, and what its sources and rules found ``since``."""

    claim: ClaimView
    at: datetime
    since: datetime
    canary_at: datetime
    """When the item was seen that proves it."""
    sources: int
    """How many sources were read."""
    unread: tuple[str, ...] = ()
    """The sources that could not be read, a line each."""
    items: int
    """How many new items were seen."""
    hits: int
    suppressed: int
    near_misses: int
    last: tuple[str, ...] = ()
    """Where the proof of life before this one went."""


class HealthEvent(StrEnum):
    """An event of the service itself."""

    SOURCE_FAILING = "source.failing"
    SOURCE_RECOVERED = "source.recovered"
    SOURCE_MOVED = "source.moved"
    CLAIM_BLIND = "claim.blind"
    CLAIM_SEES = "claim.sees"
    NETWORK_DOWN = "network.down"
    NETWORK_UP = "network.up"
    DELIVERY_DEAD = "delivery.dead"
    DESTINATION_FAILING = "destination.failing"
    DESTINATION_RECOVERED = "destination.recovered"
    RULES_REFUSED = "rules.refused"
    SEND_TEST = "send.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """Something that operators must know."""

    event: HealthEvent
    at: datetime
    about: str
    """The source, the destination, the file or the channel."""
    since: datetime | None = None
    details: tuple[str, ...] = ()
    """Reasons and errors, a line each; they hold no secrets."""
    blind_claims: tuple[str, ...] = ()
    """Ids of the claims that cannot be watched fully because of this."""
    command: str = ""
    """The command to type next."""

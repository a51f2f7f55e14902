"""What messages are made from: frozen, and filled from rows by whoever writes the alert.

Strings may hold anything that was fetched; what they become is safe to show. Moments are aware.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.model import Bearing, EventKind, Impact, Priority, Span


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
    """In words: which lists and words met."""
    suppressed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """The item, as it stands in the revision that was matched."""

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
    """What an edit did to one sentence; ``before`` or ``after`` is empty where it was added or taken out."""

    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletView:
    """Another outlet of the same story."""

    outlet: str
    link: str = ""
    seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert at the moment one of its messages is written."""

    alert_id: str
    at: datetime
    """When the message is written; the same at every attempt to deliver it."""
    claim: ClaimView
    priority: Priority
    event: EventKind
    item: ItemView
    hits: tuple[HitView, ...]
    """Most pressing first."""
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
    PROOF = "proof of life"
    """Told in a message of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEntry:
    """One item of a digest, with the rules of its claim that hit it."""

    item: ItemView
    hits: tuple[HitView, ...]
    alert_id: str = ""
    """Empty where no alert was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """Many items in one message."""

    reason: DigestReason
    claim: ClaimView
    at: datetime
    sources: int
    """How many sources were read."""
    items: int
    """How many items they held."""
    entries: tuple[DigestEntry, ...]
    """Newest first."""
    window: timedelta = timedelta(days=30)
    """How far back "would have alerted" counts."""
    notes: tuple[str, ...] = ()
    """What else a reader should know: rule files past their review date, sources that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofView:
    """That a claim is watched, and what its sources and rules brought ``since``."""

    claim: ClaimView
    at: datetime
    since: datetime
    canary_at: datetime
    """When the item was seen that proves it."""
    sources: int
    """How many sources were read."""
    unread: tuple[str, ...] = ()
    """Those that were not, a line each."""
    items: int
    """New ones."""
    hits: int
    suppressed: int
    near_misses: int
    last: tuple[str, ...] = ()
    """Where the proof of life before this one went."""


class HealthEvent(StrEnum):
    """What happened to the service itself."""

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
    """Something an operator must hear."""

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
    """What to type next."""

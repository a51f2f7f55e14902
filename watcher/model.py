"""The words of watcher as types, and its errors.

Everything here is a value: frozen, comparable, without behaviour that touches the world. What each word means
is in DESIGN.md, section 2. The errors, as a tree::

    WatcherError
     ├─ ConfigError        settings or files a person wrote: with what, where and what to do
     ├─ FetchError         a source could not be read, with a Reason
     └─ DeliveryError      a message could not be handed over, with a Reason
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:  # at run time it would bring pydantic into the reading processes
    from watcher.source_options import SourceOptions

Clock = Callable[[], datetime]
"""Returns the present moment, always aware and in UTC."""

DIGEST_LINES = 10
"""Lines of a day that a rule which ranks may fill, unless its file says otherwise: what a person reads in a minute."""

PAGE_BORDER = "\f"
"""Separates the pages of a document in a text, and one document from the next; it occurs for no other reason."""
DOCUMENT_START = "\x1c"
"""After a page border: an attached document begins here. Its first line is its name."""


class Priority(StrEnum):
    """How soon a person must hear of a hit: at once, or in the daily digest."""

    URGENT = "urgent"
    NORMAL = "normal"
    DIGEST = "digest"

    @property
    def rank(self) -> int:
        """Larger is more urgent."""
        return _PRIORITY_RANK[self]

    @classmethod
    def highest(cls, given: Iterable[Priority]) -> Priority:
        """Return the most urgent of these; digest if there are none."""
        return max(given, key=lambda one: one.rank, default=cls.DIGEST)


_PRIORITY_RANK = {Priority.DIGEST: 0, Priority.NORMAL: 1, Priority.URGENT: 2}


class Bearing(StrEnum):
    """What a rule's hit would mean for the published verdict."""

    AGAINST = "against-verdict"
    FOR = "for-verdict"
    CONTEXT = "context"


class EventKind(StrEnum):
    """What happened to an item in a poll."""

    NEW = "new"
    EDITED = "edited"
    REMOVED = "removed"


class EventPolicy(StrEnum):
    """What a claim's rule file asks for at a kind of event."""

    ALERT = "alert"
    IF_NEWLY_MATCHING = "alert-if-newly-matching"
    IF_ALERTED = "alert-if-alerted"
    IGNORE = "ignore"


class Keeps(StrEnum):
    """Whether a source shows only its newest items, or keeps all of them."""

    WINDOW = "window"
    ALL = "all"


class TextFrom(StrEnum):
    """Where the text of a source's items is taken from."""

    AUTO = "auto"
    """From the page behind an item if the source gives only a summary and a word of a rule is in it."""
    PAGE = "page"
    """From the page, always."""
    ATTACHED = "attached"
    """From the page and from the PDFs that are attached to it, always."""
    FEED = "feed"
    """From the source itself, always."""


class AlertState(StrEnum):
    """The last answer to an alert."""

    OPEN = "open"
    CHECKING = "checking"
    NO_CHANGE = "no-change"
    VERDICT_UPDATED = "verdict-updated"
    BAD_MATCH = "bad-match"


GOOD_MATCH = frozenset({AlertState.NO_CHANGE, AlertState.VERDICT_UPDATED})
"""Answers that say: the rule found what it is for, whether or not the verdict changed."""


class MessageKind(StrEnum):
    """What a message is for."""

    ALERT = "alert"
    UPDATE = "update"
    WITHDRAWN = "withdrawn"
    DIGEST = "digest"
    HEALTH = "health"
    PROOF = "proof"


class DeliveryState(StrEnum):
    """The state of a delivery. UNKNOWN was interrupted while sending and is repeated with the same key."""

    PENDING = "pending"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"


class Reason(StrEnum):
    """Why reading a source or delivering a message failed. A fixed list, so that reasons can be counted."""

    ADDRESS_REFUSED = "address refused"
    ADDRESS_UNKNOWN = "address unknown"
    AUTHENTICATION = "authentication"
    BAD_URL = "bad url"
    BLOCKED = "blocked"
    CONNECTION = "connection"
    DAMAGED = "damaged"
    EMPTY = "empty where there was something"
    FILE = "file"
    GONE = "gone"
    HOSTILE = "hostile document"
    HTTP_STATUS = "http status"
    INTERNAL = "internal error"
    INTERRUPTED = "interrupted"
    """watcher itself is stopping; nothing is wrong with the other end."""
    NOT_A_FEED = "not a feed"
    REDIRECT = "redirect"
    REFUSED = "refused"
    ROBOTS = "robots.txt"
    SELECTOR = "selector finds nothing"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    TLS = "tls"
    TOO_LARGE = "too large"


class WatcherError(Exception):
    """Base of everything watcher raises on purpose."""


class ConfigError(WatcherError):
    """Something a person wrote cannot be used; the text tells what, where and what to do."""


class FetchError(WatcherError):
    """A source could not be read.

    ``unacknowledged``: the request may have reached the server, although no usable answer came back.
    ``status``: the HTTP status, if that is what went wrong.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        retry_after: timedelta | None = None,
        unacknowledged: bool = False,
        status: int | None = None,
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after
        self.unacknowledged = unacknowledged
        self.status = status


class DeliveryError(WatcherError):
    """A message could not be handed over.

    ``permanent``: trying again cannot help (an address that does not exist).
    ``unacknowledged``: the message may have arrived; it is repeated with the same key.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        permanent: bool = False,
        unacknowledged: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.permanent = permanent
        self.unacknowledged = unacknowledged
        self.retry_after = retry_after


# ------------------------------------------------------------------------------------------------ reading


def host_of(url: str) -> str:
    """Return the host of an address without ``www.``: sources that share it must not visit it at the same time."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something polled, as the rule files describe it."""

    id: str
    kind: str
    url: str
    tags: frozenset[str] = frozenset()
    every: timedelta = timedelta(minutes=15)
    adapts: bool = False
    """Whether the pace comes from what the source publishes, since the rule file gives no interval."""
    keeps: Keeps = Keeps.WINDOW
    enabled: bool = True
    disabled_because: str = ""
    was: tuple[str, ...] = ()
    options: SourceOptions | None = None
    """The validated options of its kind; None for a source that is known only by its name."""
    text_from: TextFrom = TextFrom.AUTO
    spacing: timedelta = timedelta(seconds=1)
    """The least time between two visits to its host."""

    @property
    def official(self) -> bool:
        """Whether an authority whose records decide publishes it, not the press."""
        return "official" in self.tags

    @property
    def names(self) -> frozenset[str]:
        """Return the names by which a rule's ``sources`` or a claim's ``needs`` refer to it: its id and its tags."""
        return self.tags | {self.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A document that a page links to."""

    url: str
    name: str
    """The text of the link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing a fetcher read in a source. All text is plain: no markup, no entities."""

    guid: str = ""
    """The source's own key, exactly as given; empty if it gives none."""
    guid_shared: bool = False
    """Whether other entries of the same document have the same guid, so that it identifies nothing."""
    link: str = ""
    title: str = ""
    summary: str = ""
    text: str = ""
    author: str = ""
    outlet: str = ""
    """Who published it, if the source only passes it on."""
    published: datetime | None = None
    tags: tuple[str, ...] = ()
    attached: tuple[Attached, ...] = ()
    """Documents that the entry itself links to, if its source is set to have them read."""
    fingerprint: bytes = b""
    """A hash of the raw entry, sixteen bytes; empty if the document could not be split into entries before parsing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A response as it came, safe to be stored: without cookies, and without secrets in its address."""

    what: str
    """The kind of source; or article, for the page behind an item."""
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    """The body, decompressed."""
    fetched_at: datetime
    text: str | None = field(default=None, repr=False)
    """The text that was read in it; None: what the source supplied of the item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a source's fetcher gets back at the next poll."""

    etag: bytes | None = None
    """The validators are echoed byte for byte (RFC 9110, section 8.8)."""
    last_modified: bytes | None = None
    body_hash: bytes | None = None
    """SHA-256 of the last complete body."""
    fingerprints: frozenset[bytes] = frozenset()
    """Hashes of the raw entries in that body: these were read before, and have not changed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one visit to a source brought."""

    entries: tuple[Entry, ...] = ()
    """Only those whose raw form was not in ``Memory.fingerprints``."""
    skipped: frozenset[bytes] = frozenset()
    """Fingerprints of the entries of the document that were known."""
    memory: Memory
    """To be stored if, and only if, the entries are."""
    unchanged: bool = False
    """Whether the source answered "not modified", or with the same bytes."""
    total: int = 0
    """The number of entries in the document, including known ones."""
    damaged: str = ""
    """What was wrong with a document that has entries nevertheless."""
    hold: timedelta | None = None
    """How long the source asks not to be visited again."""
    skip_hours: frozenset[int] = frozenset()
    """Hours of the day, in UTC, at which it asks not to be visited."""
    title: str = ""
    """The title that the source gives itself."""
    complete: bool = True
    """Whether the source was read completely, so that an item that is missing was removed."""
    evidence: tuple[Evidence, ...] = ()
    """The responses that were read."""
    moved_to: str = ""
    """The new address, if the source redirects permanently."""


# ------------------------------------------------------------------------------------------------ rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One named condition of a claim that could change its verdict."""

    id: str
    when: str = ""
    """The condition that a person wrote; empty for a rule that ranks by examples alone."""
    always: bool = False
    """Whether what the condition hits is told at once, whatever its impact."""
    ranks: bool = False
    """Whether it ranks items by its examples, beside the condition."""
    lines: int = DIGEST_LINES
    """Lines of a day's digest that the best of what it ranks may fill."""
    asks: str = ""
    bearing: Bearing = Bearing.CONTEXT
    priority: Priority = Priority.NORMAL
    sources: tuple[str, ...] = ()
    """Ids or tags of the sources it applies to; empty: every source."""
    was: tuple[str, ...] = ()

    def listens_to(self, source: Source) -> bool:
        """Return whether the rule applies to items of this source."""
        return not self.sources or not source.names.isdisjoint(self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A published statement that is watched, with its verdict (names of schema.org's ClaimReview)."""

    id: str
    claim_reviewed: str
    rating: str
    rules: tuple[Rule, ...]
    url: str = ""
    date_published: str = ""
    last_checked: str = ""
    owner: str = ""
    review_by: str = ""
    events: Mapping[EventKind, EventPolicy] = field(default_factory=dict)
    alert_to: tuple[str, ...] = ()
    """Names of channels; empty: every configured channel."""
    remind_after: timedelta | None = None
    needs: tuple[str, ...] = ()
    expect_per_week: tuple[int, int] | None = None
    was: tuple[str, ...] = ()

    @property
    def ranks(self) -> bool:
        """Return whether any of its rules ranks items by examples."""
        return any(rule.ranks for rule in self.rules)

    def rule(self, rule_id: str) -> Rule:
        """Return the rule with this id. Raises KeyError if the claim has none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a part of an item: offsets into the original text of ``part``, end exclusive."""

    part: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule hit in an item, with the spans that explain it."""

    claim_id: str
    rule_id: str
    spans: tuple[Span, ...] = ()
    suppressed_by: str = ""
    """The ``unless`` condition that suppressed the hit; empty: it counts."""
    distance: int | None = None
    """Words between the outermost spans of a proximity, if the rule has one."""
    priority: Priority = Priority.NORMAL
    """How urgent it is: the rule's priority, or less if it only ranks high."""
    at_once: bool = False
    """Whether it is told at once whatever its impact: it ranks so high, or the rule's ``always`` hit."""
    score: float = 0.0
    """How likely the item is what the rule looks for; 0 if only a condition hit."""
    resembles: str = ""
    """The example that the matched passage is most like; empty for the hit of a condition."""
    ranked_alone: bool = False
    """Whether no condition hit: it only ranks high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """How much an item bears on the published verdict."""

    score: int
    """0 to 100."""
    reasons: tuple[str, ...] = ()
    direction: str = "asserts"
    """asserts, denies, reports (unconfirmed) or mentions (the subject, not the point)."""
    spans: tuple[Span, ...] = ()
    """Spans of the wording that decided, in ``title`` and ``lead``."""


class Direction(StrEnum):
    """What a passage says about the statement of a claim."""

    ASSERTS = "asserts"
    DENIES = "denies"
    ASKS = "asks"
    REPORTS = "reports"
    """Repeats what others say, or what may be, without saying it itself."""


class Attribution(StrEnum):
    """How what a passage says is known, by its own wording."""

    RECORD = "record"
    """A document, a recording, sworn testimony, or an official source."""
    NAMED = "named"
    """A person or body that answers for it by name or office."""
    ANONYMOUS = "anonymous"
    """People who are not named."""
    HEARSAY = "hearsay"
    """Second hand: rumours, posts, what somebody heard."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the passage that matched says, and how that is known. It orders and words alerts; nothing depends on it."""

    direction: Direction
    direction_words: str = ""
    """The words that show the direction; empty for one that asserts."""
    known: Attribution = Attribution.UNKNOWN
    known_words: str = ""
    """The words that show how it is known; empty where the source is official, and where nothing is known."""


# ------------------------------------------------------------------------------------------------ delivering


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as people and programs will see it; frozen when it is written."""

    kind: MessageKind
    subject: str
    text: str
    html: str
    data: Mapping[str, Any]
    """The payload of a webhook, ready for JSON."""
    priority: Priority | None = None
    """The priority of its alert; None if it is about no alert, or about many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One message on its way to one destination."""

    key: str
    """The idempotency key: the same at every attempt."""
    destination: str
    created_at: datetime
    message: Rendered
    thread: str = ""
    """The id that all messages about one alert share."""
    attempt: int = 1

"""The tables. SQLModel declares them; Core statements over them (``source``, ``item`` ...) move the rows.

Times are aware and in UTC at both ends (`UtcDateTime`). States are plain strings, never native enums, so that a
new word needs no migration. ``lease``, ``leased_until`` and ``unsettled`` are explained in `storage.leases`.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Dialect, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint
from sqlalchemy import Column as SqlColumn
from sqlalchemy.types import DateTime, TypeDecorator
from sqlmodel import Field, SQLModel

from storage.poll_state import PollState

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Refuses naive values, since SQLite would silently drop the time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC on the way in; SQLite keeps no zone, so it gets none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: every time in the database has a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PollStateText(TypeDecorator[PollState]):
    """A `PollState`, as text."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: PollState | None, dialect: Dialect) -> str | None:
        """Its text."""
        return None if value is None else PollState(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> PollState | None:
        """The state of this text; an unknown one is a ValueError, since no version has ever written it."""
        return None if value is None else PollState(value)


class CompressedText(TypeDecorator[str]):
    """Long text, deflated: half the space, and the time is negligible beside parsing."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Deflated UTF-8."""
        return None if value is None else zlib.compress(value.encode(), 6)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """The text again."""
        return None if value is None else zlib.decompress(value).decode()


class CompressedBytes(TypeDecorator[bytes]):
    """What was fetched, deflated."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Deflated."""
        return None if value is None else zlib.compress(value, 6)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """The bytes again."""
        return None if value is None else zlib.decompress(value)


def _moment(*, index: bool = False, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=SqlColumn(UtcDateTime, index=index, nullable=nullable))


def _json() -> Any:
    return Field(sa_column=SqlColumn(JSON, nullable=False))


def _text() -> Any:
    return Field(default="", sa_column=SqlColumn(Text, nullable=False))


def _belongs_to(target: str, *, primary_key: bool = False, nullable: bool = False) -> Any:
    return Field(
        sa_column=SqlColumn(ForeignKey(target), primary_key=primary_key, index=not primary_key, nullable=nullable)
    )


class _Row(SQLModel, defer_build=True):
    """A table. Its validators are not built, since Core statements write the rows: a command starts 0.02 s sooner."""


class SourceRow(_Row, table=True):
    """A source and the state of its polling. Rows outlive the rule file, so what was seen stays known."""

    __tablename__ = "source"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    kind: str
    url: str
    host: str = Field(index=True)
    enabled: bool = True
    next_poll_at: datetime = _moment(index=True, nullable=False)
    lease: int = 0
    leased_until: datetime | None = _moment()
    unsettled: int = 0
    failures: int = 0
    """Settled failures in a row."""
    failing_since: datetime | None = _moment()
    told_failing_at: datetime | None = _moment()
    state: PollState = Field(
        default=PollState.NEW, sa_column=SqlColumn(PollStateText, default=PollState.NEW, nullable=False)
    )
    reason: str = _text()
    """Why its last poll failed; empty where it did not."""
    detail: str = _text()
    recent: str = _text()
    """The results of its last polls, a letter each, the newest last."""
    expected_by: datetime | None = _moment()
    """When something new is due by its own history; empty while that is too short."""
    pace: int = 0
    """The polling interval in seconds that fits its publishing; 0 while unknown."""
    skip_hours: str = _text()
    """Hours of the day, in UTC, at which it asks not to be polled, with spaces between."""
    rests_until: datetime | None = _moment()
    """Until then its host is not visited, for any source."""
    address: str = _text()
    """The address after a permanent redirect; empty while that of the rule files is used."""
    moved_to: str = _text()
    """The target of a permanent redirect that is not confirmed yet."""
    moved_since: datetime | None = _moment()
    moved_times: int = 0
    held_until: datetime | None = _moment()
    last_poll_at: datetime | None = _moment()
    last_ok_at: datetime | None = _moment()
    read_in_full_at: datetime | None = _moment()
    baselined_at: datetime | None = _moment()
    etag: bytes | None = None
    last_modified: bytes | None = None
    body_hash: bytes | None = None
    fingerprints: bytes = b""
    """The hashes of the raw entries last read, sixteen bytes each, concatenated."""


class ItemRow(_Row, table=True):
    """A stored entry."""

    __tablename__ = "item"

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = _belongs_to("source.id")
    story_id: int | None = Field(default=None, index=True)
    """The first item of its story; its own id until it is found to be a copy."""
    signature: str = ""
    """The signature of the denial wording in title and lead: copies have the same."""
    first_seen_at: datetime = _moment(index=True, nullable=False)
    published_at: datetime | None = _moment()
    missing_since: datetime | None = _moment()
    """A complete reading of a source that keeps its items did not have it; a second one makes it removed."""
    removed_at: datetime | None = _moment()
    already_there: bool = False
    """Whether it was there at the first poll of its source."""


class ItemKeyRow(_Row, table=True):
    """Every key that an item ever had. Never deleted while the source exists."""

    __tablename__ = "item_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    source_id: int = Field(primary_key=True)
    key: bytes = Field(primary_key=True)
    item_id: int = _belongs_to("item.id")


class FingerprintRow(_Row, table=True):
    """One sampled five-gram of an item's text, by which its copies are found."""

    __tablename__ = "fingerprint"
    __table_args__ = (Index(None, "item_id"), {"sqlite_with_rowid": False})

    hash: int = Field(sa_column=SqlColumn(BigInteger, primary_key=True, autoincrement=False))
    item_id: int = _belongs_to("item.id", primary_key=True)


class RevisionRow(_Row, table=True):
    """The content of an item at one time."""

    __tablename__ = "revision"

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = _belongs_to("item.id")
    seen_at: datetime = _moment(nullable=False)
    hash: bytes
    title: str = _text()
    link: str = _text()
    author: str = _text()
    outlet: str = _text()
    published_at: datetime | None = _moment()
    tags: list[str] = _json()
    summary: str = _text()
    body: str = Field(default="", sa_column=SqlColumn(CompressedText, nullable=False))
    attached: list[list[str]] = _json()
    """Address and name of each document that it links to, where they are read."""
    page: str | None = Field(default=None, sa_column=SqlColumn(CompressedText))
    """The text of the page behind it; empty if it was not read. ``hash`` does not cover it: it has a
    history of its own, so a revision may differ from the one before only in this."""


class PageRow(_Row, table=True):
    """The page behind an item, and the state of its reading."""

    __tablename__ = "page"

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(sa_column=SqlColumn(ForeignKey("item.id"), unique=True, nullable=False))
    host: str
    since: datetime = _moment(nullable=False)
    """From when the times at which it is read again are counted."""
    due_at: datetime | None = _moment(index=True)
    """When it is read next; empty: never."""
    read_at: datetime | None = _moment()
    """When it last existed."""
    lease: int = 0
    leased_until: datetime | None = _moment(index=True)
    unsettled: int = 0
    problem: str = _text()
    """Why it could not be read the last time; empty if it could."""


class ClaimRow(_Row, table=True):
    """A claim as it is watched now."""

    __tablename__ = "claim"

    id: str = Field(primary_key=True)
    claim_reviewed: str
    rating: str
    watched_since: datetime = _moment(nullable=False)
    announced_at: datetime | None = _moment()
    """When the digest of what was already there went out."""
    told_blind_at: datetime | None = _moment()
    """When it was reported that it is blind; empty while that is not so, or not reported."""


class VerdictRow(_Row, table=True):
    """One entry of a claim's verdict history."""

    __tablename__ = "verdict"

    id: int | None = Field(default=None, primary_key=True)
    claim_id: str = _belongs_to("claim.id")
    rating: str
    last_checked: str = ""
    recorded_at: datetime = _moment(nullable=False)


class RuleRow(_Row, table=True):
    """A rule that has run over the items that were already there."""

    __tablename__ = "rule"

    claim_id: str = _belongs_to("claim.id", primary_key=True)
    rule_id: str = Field(primary_key=True)
    watched_since: datetime = _moment(nullable=False)


class MatchRow(_Row, table=True):
    """A rule hit, kept whether or not it became an alert."""

    __tablename__ = "match"
    __table_args__ = (
        UniqueConstraint("revision_id", "claim_id", "rule_id"),
        Index(None, "claim_id", "rule_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = _belongs_to("item.id")
    revision_id: int = _belongs_to("revision.id")
    claim_id: str
    rule_id: str
    event: str
    at: datetime = _moment(index=True, nullable=False)
    spans: list[list[Any]] = _json()
    suppressed_by: str = ""
    resembles: str = _text()
    """The example that the matched passage is most like; empty for the hit of a condition."""


class RankingRow(_Row, table=True):
    """How likely an item, as it reads now, is what a rule with examples looks for."""

    __tablename__ = "ranking"
    __table_args__ = (Index(None, "claim_id", "at"),)

    item_id: int = _belongs_to("item.id", primary_key=True)
    claim_id: str = Field(primary_key=True)
    rule_id: str = Field(primary_key=True)
    at: datetime = _moment(nullable=False)
    score: float
    floor: float
    """Score from which it could be a line of a digest when it was ranked."""
    tier: str
    passage: str = _text()
    """The sentence that made it likely."""
    resembles: str = _text()
    """The example that the passage is most like; empty under the floor."""


class TrainingRow(_Row, table=True):
    """What a rule learnt from its examples, so that a restart and every worker rank the same."""

    __tablename__ = "training"

    claim_id: str = Field(primary_key=True)
    rule_id: str = Field(primary_key=True)
    digest: bytes
    """Digest of all that it was taught with but for the ordinary items."""
    content: str = Field(default="", sa_column=SqlColumn(CompressedText, nullable=False))
    """JSON, as `watcher.ranking.lesson` writes it."""


class StreamWordsRow(_Row, table=True):
    """How rare words were in the own stream when rules last learnt from it: a single row."""

    __tablename__ = "stream_words"

    id: int | None = Field(default=None, primary_key=True)
    learnt_at: datetime = _moment(nullable=False)
    items: int
    counts: str = Field(default="", sa_column=SqlColumn(CompressedText, nullable=False))
    """JSON: in how many of the items each word occurs."""


class NearMissRow(_Row, table=True):
    """An item that no rule of a claim hit, although it is close to the claim's subject."""

    __tablename__ = "near_miss"
    __table_args__ = (UniqueConstraint("item_id", "claim_id"),)

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = _belongs_to("item.id")
    claim_id: str = Field(index=True)
    topic: float
    at: datetime = _moment(index=True, nullable=False)


class OpinionRow(_Row, table=True):
    """What the second reader answered to a rule's question about an item."""

    __tablename__ = "opinion"

    key: bytes = Field(primary_key=True)
    """Digest of the model, the question and what was shown of the item."""
    item_id: int = _belongs_to("item.id")
    answer: str
    quote: str = _text()
    confidence: str
    at: datetime = _moment(nullable=False)


class AlertRow(_Row, table=True):
    """The alert of one claim about one story."""

    __tablename__ = "alert"
    __table_args__ = (UniqueConstraint("claim_id", "story_id"),)

    id: int | None = Field(default=None, primary_key=True)
    claim_id: str = Field(index=True)
    story_id: int
    item_id: int = _belongs_to("item.id")
    state: str = "open"
    priority: str
    attention: str
    """How soon people hear of it: now, or digest while it waits for one."""
    impact: int = 0
    direction: str = ""
    reasons: list[str] = _json()
    rules: list[str] = _json()
    event: str
    official: bool = False
    created_at: datetime = _moment(index=True, nullable=False)
    updated_at: datetime = _moment(nullable=False)
    withdrawn_at: datetime | None = _moment()
    reminded_at: datetime | None = _moment()


class EvidenceRow(_Row, table=True):
    """A response as received, stored once for any number of alerts."""

    __tablename__ = "evidence"

    id: int | None = Field(default=None, primary_key=True)
    key: bytes = Field(unique=True)
    """Hash of address and bytes."""
    sha256: bytes
    """SHA-256 of the bytes."""
    url: str = _text()
    status: int
    headers: list[list[str]] = _json()
    body: bytes = Field(sa_column=SqlColumn(CompressedBytes, nullable=False))


class AlertEvidenceRow(_Row, table=True):
    """A response that an alert is based on."""

    __tablename__ = "alert_evidence"

    alert_id: int = _belongs_to("alert.id", primary_key=True)
    evidence_id: int = _belongs_to("evidence.id", primary_key=True)
    what: str
    """The kind of source; or article, for the page behind an item."""
    fetched_at: datetime = _moment(nullable=False)
    text: str = Field(default="", sa_column=SqlColumn(CompressedText, nullable=False))
    """The text in it that the alert is about."""


class AnswerRow(_Row, table=True):
    """A person's answer to an alert; every answer is stored, and the last one counts."""

    __tablename__ = "answer"

    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = _belongs_to("alert.id")
    at: datetime = _moment(nullable=False)
    state: str
    note: str = _text()


class MessageRow(_Row, table=True):
    """A rendered, frozen payload."""

    __tablename__ = "message"

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    priority: str = ""
    """The priority of its alert at that time; empty if it is about no alert, or about many."""
    thread: str = ""
    created_at: datetime = _moment(index=True, nullable=False)
    subject: str = _text()
    text: str = _text()
    html: str = _text()
    data: dict[str, Any] = _json()


class MessageAlertRow(_Row, table=True):
    """Which alerts a message is about."""

    __tablename__ = "message_alert"

    message_id: int = _belongs_to("message.id", primary_key=True)
    alert_id: int = _belongs_to("alert.id", primary_key=True)


class DigestLineRow(_Row, table=True):
    """Something that waits for the next digest of its claim."""

    __tablename__ = "digest_line"

    id: int | None = Field(default=None, primary_key=True)
    claim_id: str = Field(index=True)
    item_id: int = _belongs_to("item.id")
    alert_id: int | None = _belongs_to("alert.id", nullable=True)
    """Empty if no alert was made: the item was already there, or came with a flood."""
    reason: str
    """Which digest it waits for: already there, many at once, daily."""
    rules: list[str] = _json()
    at: datetime = _moment(nullable=False)
    message_id: int | None = _belongs_to("message.id", nullable=True)


class DeliveryRow(_Row, table=True):
    """A row of the outbox: one message to one destination."""

    __tablename__ = "delivery"

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = _belongs_to("message.id")
    channel: str
    destination: str
    lane: str = Field(index=True)
    """Channel and destination: a dead receiver delays only the deliveries of its lane."""
    key: str = Field(unique=True)
    state: str = Field(default="pending", index=True)
    attempts: int = 0
    next_attempt_at: datetime = _moment(index=True, nullable=False)
    rests_until: datetime | None = _moment(index=True)
    """Until then nothing else is sent to its destination."""
    lease: int = 0
    leased_until: datetime | None = _moment(index=True)
    unsettled: int = 0
    reason: str = ""
    detail: str = _text()
    sent_at: datetime | None = _moment()
    told_dead_at: datetime | None = _moment()


class RulebookRow(_Row, table=True):
    """A valid set of rule files: a restart uses the last one, whatever is on the disk then."""

    __tablename__ = "rulebook"

    id: int | None = Field(default=None, primary_key=True)
    digest: str
    loaded_at: datetime = _moment(nullable=False)
    files: dict[str, str] = _json()


class NoteRow(_Row, table=True):
    """A note of the service for itself: when the last digest went out, for example."""

    __tablename__ = "note"

    name: str = Field(primary_key=True)
    value: str = _text()


def _table(model: type[SQLModel]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel adds it without declaring it


source = _table(SourceRow)
item = _table(ItemRow)
item_key = _table(ItemKeyRow)
fingerprint = _table(FingerprintRow)
revision = _table(RevisionRow)
page = _table(PageRow)
claim = _table(ClaimRow)
verdict = _table(VerdictRow)
rule = _table(RuleRow)
match = _table(MatchRow)
ranking = _table(RankingRow)
training = _table(TrainingRow)
stream_words = _table(StreamWordsRow)
near_miss = _table(NearMissRow)
opinion = _table(OpinionRow)
alert = _table(AlertRow)
evidence = _table(EvidenceRow)
alert_evidence = _table(AlertEvidenceRow)
answer = _table(AnswerRow)
message = _table(MessageRow)
message_alert = _table(MessageAlertRow)
digest_line = _table(DigestLineRow)
delivery = _table(DeliveryRow)
rulebook = _table(RulebookRow)
note = _table(NoteRow)

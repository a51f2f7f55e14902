"""What a reading process may answer, and the distrust it meets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from watcher.model import Article, Attached, Entry, FetchError, Lead, Paper, Part, Proposal, Reading, Reason
from watcher.reading import text
from watcher.reading.attached import MOST as ATTACHED_LIMIT

FINGERPRINT_SIZE = 16
"""Bytes."""
ENTRY_LIMIT = 100_000
"""Entries of one document."""
HOURS = frozenset(range(24))
TAG_LIMIT = 100
"""Tags of one entry."""

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a document could not be read."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[Read]):
    """Either what was read or why not."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "val_json_bytes": "hex"}

    read: Read | None = None
    refusal: Refusal | None = None

    def result(self) -> Read:
        """What was read. Raises FetchError with the refusal, ValueError when there is neither."""
        if self.refusal:
            _check_lines(self.refusal.detail)
            raise FetchError(self.refusal.reason, self.refusal.detail)
        if self.read is None:
            raise ValueError("an empty answer")
        return self.read


def encode(answer: Answer[Any]) -> bytes:
    """An answer as JSON, bytes in hexadecimal and spans of time in seconds."""
    return json.dumps(asdict(answer), default=_encodable).encode()


def trusted(reading: Reading) -> Reading:
    """The reading of a feed, dates in UTC. Raises ValueError unless it keeps what ``text`` and ``feed`` promise."""
    if len(reading.entries) > ENTRY_LIMIT or len(reading.entries) > reading.total:
        raise ValueError("more entries than there can be")
    if any(len(own) != FINGERPRINT_SIZE for own in reading.skipped | reading.memory.fingerprints):
        raise ValueError("a fingerprint that is none")
    if not reading.skip_hours <= HOURS:
        raise ValueError("an hour that no day has")
    _check_lines(reading.title, reading.damaged)
    return replace(reading, entries=tuple(map(_trusted_entry, reading.entries)))


def trusted_part(part: Part) -> Part:
    """The part, its reading as ``trusted`` gives it. Raises ValueError for a link that is none."""
    if part.next and text.web_link(part.next) != part.next:
        raise ValueError("a link that leads elsewhere than to the web")
    return replace(part, reading=trusted(part.reading))


def trusted_paper(paper: Paper) -> Paper:
    """The text of a PDF. Raises ValueError unless it is plain, and of no more pages than there are."""
    if len(paper.pages) > paper.total:
        raise ValueError("more pages than there are")
    _check_lines(paper.problem)
    _check_passages(*paper.pages)
    return paper


def trusted_article(article: Article) -> Article:
    """The text of a page. Raises ValueError unless it is plain, and for a link that is none."""
    _check_lines(article.title, article.blocked)
    _check_attached(article.attached)
    _check_passages(article.text)
    return article


def trusted_proposals(answer: Answer[list[Proposal]]) -> list[Proposal]:
    """The proposals. Raises FetchError with the refusal, ValueError unless they are lines."""
    proposals = answer.result()
    for proposal in proposals:
        _check_lines(*proposal.options, *proposal.options.values())
    return proposals


def trusted_leads(answer: Answer[list[Lead]]) -> list[Lead]:
    """The leads. Raises FetchError with the refusal, ValueError unless each is a line that leads to the web."""
    leads = answer.result()
    for lead in leads:
        _check_lines(lead.kind, lead.title)
        if text.web_link(lead.url) != lead.url:
            raise ValueError("a link that leads elsewhere than to the web")
    return leads


def _trusted_entry(entry: Entry) -> Entry:
    _check_lines(entry.title, entry.author, entry.outlet, *entry.tags)
    _check_lines(entry.guid, entry.link, limit=text.KEY_LIMIT)
    if len(entry.tags) > TAG_LIMIT or len(entry.fingerprint) != FINGERPRINT_SIZE:
        raise ValueError("an entry that is none")
    _check_passages(entry.summary, entry.text)
    _check_attached(entry.attached)
    if entry.link and text.web_link(entry.link) != entry.link:
        raise ValueError("a link that leads elsewhere than to the web")
    if entry.published is None:
        return entry
    if entry.published.tzinfo is None:
        raise ValueError("a date without a time zone")
    return replace(entry, published=entry.published.astimezone(UTC))


def _check_attached(documents: Sequence[Attached]) -> None:
    if len(documents) > ATTACHED_LIMIT:
        raise ValueError("more documents than are named")
    _check_lines(*(document.name for document in documents))
    if any(text.web_link(document.url) != document.url for document in documents):
        raise ValueError("a link that leads elsewhere than to the web")


def _check_lines(*lines: str, limit: int = text.LINE_LIMIT) -> None:
    for line in lines:
        if len(line) > limit or "\n" in line or text.FORBIDDEN.search(line):
            raise ValueError("a line that is not plain")


def _check_passages(*passages: str) -> None:
    for passage in passages:
        if len(passage) > text.TEXT_LIMIT or text.FORBIDDEN.search(passage):
            raise ValueError("a text that is not plain")


def _encodable(value: object) -> object:
    match value:
        case bytes():
            return value.hex()
        case frozenset():
            return list(value)
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no place in an answer")

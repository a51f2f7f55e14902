"""The replies of reading processes, and the checks that make them trustworthy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from watcher.model import Attached, Entry, FetchError, Reading, Reason
from watcher.reading import plain_text
from watcher.reading.attached import MAX_ATTACHED
from watcher.reading.fingerprints import FINGERPRINT_BYTES
from watcher.reading.results import Article, FactCheck, FeedLink, OptionsProposal, Part, PdfText

MAX_ENTRIES = 100_000
"""Entries of one document."""
MAX_TAGS = 100
"""Tags of one entry."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a document could not be read."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Generic[Result]):
    """Either what was read or why it could not be."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "val_json_bytes": "hex"}

    read: Result | None = None
    refusal: Refusal | None = None

    def result(self) -> Result:
        """Return what was read. Raise FetchError with the refusal, ValueError when there is neither."""
        if self.refusal:
            _check_lines(self.refusal.detail)
            raise FetchError(self.refusal.reason, self.refusal.detail)
        if self.read is None:
            raise ValueError("an empty reply")
        return self.read


def encode(reply: Reply[Any]) -> bytes:
    """Return a reply as JSON, bytes in hexadecimal and durations in seconds."""
    return json.dumps(asdict(reply), default=_encodable).encode()


def trusted(reading: Reading) -> Reading:
    """Return the reading with dates in UTC. Raise ValueError unless it keeps what the reading process promises."""
    if len(reading.entries) > MAX_ENTRIES or len(reading.entries) > reading.total:
        raise ValueError("more entries than there can be")
    if any(len(own) != FINGERPRINT_BYTES for own in reading.skipped | reading.memory.fingerprints):
        raise ValueError("a fingerprint of a wrong length")
    if not reading.skip_hours <= frozenset(range(24)):
        raise ValueError("an hour that does not exist")
    _check_lines(reading.title, reading.damaged)
    return replace(reading, entries=tuple(map(_trusted_entry, reading.entries)))


def trusted_part(part: Part) -> Part:
    """Return the part with a trusted reading. Raise ValueError also for a link that is not one."""
    _check_links(part.next)
    return replace(part, reading=trusted(part.reading))


def trusted_pdf(pdf: PdfText) -> PdfText:
    """Return the text of a PDF. Raise ValueError unless it is plain and has no more pages than there are."""
    if len(pdf.pages) > pdf.total:
        raise ValueError("more pages than there are")
    _check_lines(pdf.problem)
    _check_passages(*pdf.pages)
    return pdf


def trusted_article(article: Article) -> Article:
    """Return the article. Raise ValueError unless its text is plain and its links are links."""
    _check_lines(article.title, article.blocked)
    _check_attached(article.attached)
    _check_passages(article.text)
    return article


def trusted_fact_check(found: FactCheck) -> FactCheck:
    """Return the fact-check. Raise ValueError unless its texts are plain, its links are links and its days are days."""
    trusted_article(found.article)
    _check_lines(found.outlet)
    _check_links(found.url)
    for review in found.reviews:
        _check_lines(review.claim, review.rating, review.outlet)
        _check_links(review.url)
        _check_passages(review.text)
    for day in (found.published, *(review.published for review in found.reviews)):
        if day and date.fromisoformat(day).isoformat() != day:
            raise ValueError("a day that is not written as one")
    return found


def trusted_proposals(proposals: list[OptionsProposal]) -> list[OptionsProposal]:
    """Return the proposals. Raise ValueError unless their options are lines."""
    for proposal in proposals:
        _check_lines(*proposal.options, *proposal.options.values())
    return proposals


def trusted_feed_links(links: list[FeedLink]) -> list[FeedLink]:
    """Return the links. Raise ValueError unless they are lines and lead to the web."""
    for link in links:
        _check_lines(link.kind, link.title)
        _check_links(link.url)
    return links


def _trusted_entry(entry: Entry) -> Entry:
    _check_lines(entry.title, entry.author, entry.outlet, *entry.tags)
    _check_lines(entry.guid, entry.link, limit=plain_text.KEY_LIMIT)
    if len(entry.tags) > MAX_TAGS or len(entry.fingerprint) != FINGERPRINT_BYTES:
        raise ValueError("an entry that is malformed")
    _check_passages(entry.summary, entry.text)
    _check_attached(entry.attached)
    _check_links(entry.link)
    if entry.published is None:
        return entry
    if entry.published.tzinfo is None:
        raise ValueError("a date without a time zone")
    return replace(entry, published=entry.published.astimezone(UTC))


def _check_attached(documents: Sequence[Attached]) -> None:
    if len(documents) > MAX_ATTACHED:
        raise ValueError("more attached documents than there can be")
    _check_lines(*(document.name for document in documents))
    if not all(document.url for document in documents):
        raise ValueError("a document without a link")
    _check_links(*(document.url for document in documents))


def _check_links(*links: str) -> None:
    """Raise ValueError unless each is empty or leads to the web."""
    if any(link and plain_text.web_link(link) != link for link in links):
        raise ValueError("a link that does not lead to the web")


def _check_lines(*lines: str, limit: int = plain_text.LINE_LIMIT) -> None:
    for line in lines:
        if len(line) > limit or "\n" in line or plain_text.FORBIDDEN.search(line):
            raise ValueError("a line that is not plain")


def _check_passages(*passages: str) -> None:
    for passage in passages:
        if len(passage) > plain_text.TEXT_LIMIT or plain_text.FORBIDDEN.search(passage):
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
    raise TypeError(f"{type(value).__name__} cannot be in a reply")

"""Rows into values and values into rows: what storage keeps, in the words of `watcher.model`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from storage import items
from storage.items import Revision, StoredMatch
from storage.outbox import Delivery
from storage.sources import SourceState, Wanted
from watcher import identity
from watcher.matching import Document
from watcher.model import Attached, Entry, Match, Memory, MessageKind, Rendered, Source, Span

_FINGERPRINT, _ITEM_ID = 16, 8


def wanted(source: Source) -> Wanted:
    """A source as its row should be."""
    return Wanted(
        name=source.id,
        kind=source.kind,
        url=source.url,
        host=host(source.url),
        enabled=source.enabled,
        was=source.was,
    )


def host(url: str) -> str:
    """Whom an address asks: what sources share, and must not ask at the same time."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def at_its_address(source: Source, row: SourceState) -> Source:
    """The source where it has moved to for good, if it has."""
    return replace(source, url=row.address) if row.address else source


def memory(row: SourceState) -> Memory:
    """What the source's fetcher asked to be told again."""
    return Memory(
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        fingerprints=frozenset(fingerprints(row.fingerprints)),
    )


def fingerprints(packed: bytes) -> dict[bytes, int]:
    """The raw entries of the document last read, each with the item it is."""
    step = _FINGERPRINT + _ITEM_ID
    parts = (packed[start : start + step] for start in range(0, len(packed), step))
    return {part[:_FINGERPRINT]: int.from_bytes(part[_FINGERPRINT:]) for part in parts}


def pack_fingerprints(by_fingerprint: Mapping[bytes, int]) -> bytes:
    """The other way round."""
    return b"".join(
        print_ + item_id.to_bytes(_ITEM_ID) for print_, item_id in by_fingerprint.items() if len(print_) == _FINGERPRINT
    )


def revision(decision: identity.Decision, page: str | None) -> items.NewRevision:
    """What an entry says, and the page behind it, to be stored."""
    entry = decision.entry
    return items.NewRevision(
        hash=decision.hash,
        title=entry.title,
        link=entry.link,
        author=entry.author,
        outlet=entry.outlet,
        published_at=entry.published,
        tags=entry.tags,
        summary=entry.summary,
        body=entry.text,
        attached=tuple((document.url, document.name) for document in entry.attached),
        page=page,
    )


def with_page(entry: Entry, page: str | None) -> Entry:
    """The entry with the text of its page; where the page gives less than the source does, it was read badly."""
    return replace(entry, text=page) if page and len(page) > len(entry.text) else entry


def entry(row: Revision) -> Entry:
    """What a stored revision says, with the page behind it."""
    return with_page(supplied(row), row.page)


def supplied(row: Revision) -> Entry:
    """What the source itself supplied of a stored revision."""
    return Entry(
        link=row.link,
        title=row.title,
        summary=row.summary,
        text=row.body,
        author=row.author,
        outlet=row.outlet,
        published=row.published_at,
        tags=tuple(row.tags),
        attached=attached(row),
    )


def attached(row: Revision) -> tuple[Attached, ...]:
    """The documents that a stored revision links to."""
    return tuple(Attached(url=url, name=name) for url, name in row.attached)


def said(row: Revision) -> identity.KnownItem:
    """What identity needs to know of a stored revision."""
    words = f"{row.summary} {row.body}"
    return identity.KnownItem(bytes(row.hash), row.title, row.link, words, row.published_at)


def document(entry: Entry, source: Source) -> Document:
    """An entry, ready to be matched."""
    return Document.of(
        title=entry.title,
        summary=entry.summary,
        text=entry.text,
        author=entry.author,
        source=source.names,
        tags=entry.tags,
        url=entry.link,
    )


def new_matches(matches: Iterable[Match], event: str) -> list[items.NewMatch]:
    """Rule hits, to be stored."""
    return [
        items.NewMatch(
            claim_id=match.claim_id,
            rule_id=match.rule_id,
            event=event,
            spans=tuple((span.part, span.start, span.end) for span in match.spans),
            suppressed_by=match.suppressed_by,
        )
        for match in matches
    ]


def matches(rows: Iterable[StoredMatch], *, revision_id: int, rules: Collection[str]) -> tuple[Match, ...]:
    """The stored hits of these rules in one revision."""
    return tuple(
        Match(
            claim_id=row.claim_id,
            rule_id=row.rule_id,
            spans=tuple(Span(*span) for span in row.spans),
            suppressed_by=row.suppressed_by,
        )
        for row in rows
        if row.revision_id == revision_id and row.rule_id in rules
    )


def rendered(row: Delivery) -> Rendered:
    """A frozen message, as it was written."""
    return Rendered(kind=MessageKind(row.kind), subject=row.subject, text=row.text, html=row.html, data=row.data)


def unsuppressed(matches: Sequence[Match]) -> dict[str, tuple[Match, ...]]:
    """Hits that nothing suppressed, by claim."""
    by_claim: dict[str, tuple[Match, ...]] = {}
    for match in matches:
        if not match.suppressed_by:
            by_claim[match.claim_id] = (*by_claim.get(match.claim_id, ()), match)
    return by_claim

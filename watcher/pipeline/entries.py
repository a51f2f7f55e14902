"""Convert entries and matches to the values of storage, and back to those of `watcher.model`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from storage import items
from storage.items import Revision, StoredMatch
from watcher import identity
from watcher.matching import Document
from watcher.model import Attached, Entry, Match, Source, Span


def new_revision(decision: identity.Decision, page: str | None) -> items.NewRevision:
    """Return the text of an entry, and of the page behind it, to be stored."""
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
    """Return the entry with the text of its page, unless it is shorter than the source's own."""
    return replace(entry, text=page) if page and len(page) > len(entry.text) else entry


def entry(row: Revision) -> Entry:
    """Return the text of a stored revision, with the page behind it."""
    return with_page(supplied(row), row.page)


def supplied(row: Revision) -> Entry:
    """Return what the source itself supplied of a stored revision."""
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
    """Return the documents that a stored revision links to."""
    return tuple(Attached(url=url, name=name) for url, name in row.attached)


def known_item(row: Revision) -> identity.KnownItem:
    """Return what `identity` needs to know of a stored revision."""
    words = f"{row.summary} {row.body}"
    return identity.KnownItem(bytes(row.hash), row.title, row.link, words, row.published_at)


def document(entry: Entry, source: Source) -> Document:
    """Return an entry as a document, ready to be matched."""
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
    """Return rule hits as storage takes them."""
    return [
        items.NewMatch(
            claim_id=match.claim_id,
            rule_id=match.rule_id,
            event=event,
            spans=tuple((span.part, span.start, span.end) for span in match.spans),
            suppressed_by=match.suppressed_by,
            resembles=match.resembles,
        )
        for match in matches
    ]


def matches(rows: Iterable[StoredMatch], *, revision_id: int, rules: Collection[str]) -> tuple[Match, ...]:
    """Return the stored hits of these rules in one revision."""
    return tuple(
        Match(
            claim_id=row.claim_id,
            rule_id=row.rule_id,
            spans=tuple(Span(*span) for span in row.spans),
            suppressed_by=row.suppressed_by,
            resembles=row.resembles,
        )
        for row in rows
        if row.revision_id == revision_id and row.rule_id in rules
    )


def unsuppressed(matches: Sequence[Match]) -> dict[str, tuple[Match, ...]]:
    """Return the hits that nothing suppressed, by claim."""
    by_claim: dict[str, tuple[Match, ...]] = {}
    for match in matches:
        if not match.suppressed_by:
            by_claim[match.claim_id] = (*by_claim.get(match.claim_id, ()), match)
    return by_claim

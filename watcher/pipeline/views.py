"""Build the views that messages are rendered from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from storage import items
from storage.alerts import Alert
from storage.database import Connection
from storage.items import StoredItem
from watcher import judging
from watcher.messages import AlertView, ClaimView, HitView, ItemView
from watcher.model import Claim, Entry, EventKind, Label, Match, Priority, Rule, Source
from watcher.pipeline import entries, evidence


def stored_alert(
    connection: Connection,
    known: Alert,
    watched: Claim,
    row: StoredItem,
    source: Source,
    *,
    rules: Collection[str],
    at: datetime,
) -> AlertView:
    """Return a stored alert with its item, the hits of these rules in it, and its evidence."""
    shown = item(entries.entry(row), source, first_seen=row.first_seen_at)
    stored = [match for match in items.matches_of(connection, row.id) if match.claim_id == watched.id]
    matches = entries.matches(stored, revision_id=row.revision_id, rules=rules)
    return AlertView(
        alert_id=str(known.id),
        at=at,
        claim=claim(watched),
        priority=Priority(known.priority),
        event=EventKind(known.event),
        item=shown,
        hits=hits(watched, matches, shown.parts),
        label=label(watched, matches, shown),
        evidence=evidence.lines(connection, known.id),
    )


def claim(watched: Claim) -> ClaimView:
    """Return the claim as messages show it."""
    return ClaimView(
        id=watched.id,
        claim_reviewed=watched.claim_reviewed,
        rating=watched.rating,
        url=watched.url,
        date_published=watched.date_published,
        owner=watched.owner,
    )


def item(entry: Entry, source: Source, *, first_seen: datetime) -> ItemView:
    """Return an item as messages show it."""
    return ItemView(
        title=entry.title,
        link=entry.link,
        source_id=source.id,
        first_seen=first_seen,
        official=source.official,
        outlet=entry.outlet,
        author=entry.author,
        published=entry.published,
        parts=entries.document(entry, source).parts,
        summary_only=not entry.text,
    )


def label(watched: Claim, matches: Sequence[Match], shown: ItemView) -> Label | None:
    """Return what the passage that matched says of the claim, and how that is known; None if nothing matches."""
    spans = [span for match in matches if not match.suppressed_by for span in match.spans]
    if not matches:
        return None
    texts = {part: text for part, text in shown.parts.items() if part in ("title", "lead", "text")}
    return judging.label(judging.matched_passage(texts, spans, official=shown.official), watched.claim_reviewed)


def hits(watched: Claim, matches: Sequence[Match], parts: Mapping[str, str]) -> tuple[HitView, ...]:
    """Return rule hits as messages show them, the most urgent first."""
    views = [_hit(watched.rule(match.rule_id), match, parts) for match in matches]
    return tuple(sorted(views, key=lambda view: -view.priority.rank))


def _hit(rule: Rule, match: Match, parts: Mapping[str, str]) -> HitView:
    words = dict.fromkeys(parts[span.part][span.start : span.end] for span in match.spans)
    return HitView(
        rule_id=rule.id,
        asks=rule.asks,
        bearing=rule.bearing,
        priority=match.priority if match.ranked_alone else rule.priority,
        spans=match.spans,
        distance=match.distance,
        why=", ".join(f"“{word}”" for word in words),
        suppressed_by=match.suppressed_by,
        resembles=match.resembles,
    )

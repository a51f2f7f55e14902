"""The ``data`` of a webhook payload: plain dicts with stable names.

An alert (``alert.created``, ``alert.updated``, ``alert.withdrawn``)::

    alert               id, priority, event (new, edited, removed), answers (what can be answered)
    claim               id, claimReviewed, rating, url, datePublished, owner
    rules               [id, asks, bearing, priority, why, distance, suppressed_by, resembles,
                         quotes: [part, document, page, text, matched: [words]]]
    item                title, url, source, official, outlet, author, published, first_seen, summary_only, unread
    label               direction (asserts, denies, asks, reports), known (record, named, anonymous, hearsay, unknown),
                        direction_words, known_words: the words that show it; or null
    changed_sentences   [before, after]
    impact              score (0 to 100), direction, reasons: [text]; or null
    outlets             [outlet, url, seen]
    likely_origin       text
    evidence            [text]
    caution             text

An update has ``news: [text]`` besides, a withdrawal ``withdrawn_because``. A digest has ``reason``, ``sources``,
``claim``, ``items``, ``recent``, ``days``, ``notes`` and ``entries: [alert_id, rules, item]``; the ranked one of a
desk has ``claims``, each with the number of ``others`` beyond its lines, and its entries have ``claim``, ``passage``,
``label`` and ``resembles`` besides. Health has ``event``,
``about``, ``since``, ``details``, ``blind_claims`` and ``command``. A proof of life has ``claim``, ``since``,
``canary``, ``sources``, ``unread``, ``items``, ``hits``, ``suppressed``, ``near_misses`` and ``last``. Moments are
RFC 3339 in UTC, or null; an address that is not safe to follow is empty.
"""

from __future__ import annotations

from typing import Any

from watcher.messages.message_views import (
    AlertView,
    ClaimView,
    DigestEntry,
    HitView,
    ItemView,
    OutletView,
    RankedLine,
)
from watcher.messages.quote import quotes
from watcher.model import Label
from watcher.text.humanize import rfc3339
from watcher.text.lines import one_line
from watcher.text.links import web_link

CAUTION = "Automated match, unverified; names may be other people's."

ANSWERS = ("no-change", "verdict-updated", "checking", "bad-match")
"""The possible answers to an alert."""


def answer_lines(alert_id: str) -> tuple[str, str]:
    """Return the command that answers an alert, ready to paste, and the other possible answers."""
    return f"watcher alerts answer {one_line(alert_id)} {ANSWERS[0]}", f"or: {', '.join(ANSWERS[1:])}"


def alert(view: AlertView) -> dict[str, Any]:
    """Return an alert, complete."""
    return {
        "alert": {
            "id": view.alert_id,
            "priority": view.priority.value,
            "event": view.event.value,
            "answers": list(ANSWERS),
        },
        "claim": claim(view.claim),
        "rules": [_rule(hit, view.item) for hit in view.hits],
        "item": _item(view.item),
        "changed_sentences": [{"before": each.before, "after": each.after} for each in view.changed_sentences],
        "label": None if view.label is None else _label(view.label),
        "impact": None
        if view.impact is None
        else {
            "score": view.impact.score,
            "direction": view.impact.direction,
            "reasons": list(view.impact.reasons),
        },
        "outlets": [_outlet(other) for other in view.outlets],
        "likely_origin": view.likely_origin,
        "evidence": list(view.evidence),
        "caution": CAUTION,
    }


def entry(each: DigestEntry) -> dict[str, Any]:
    """Return one item of a digest, its rules with id and bearing only."""
    return {
        "alert_id": each.alert_id,
        "rules": [{"id": hit.rule_id, "bearing": hit.bearing.value} for hit in each.hits],
        "item": _item(each.item),
    }


def ranked_entry(line: RankedLine) -> dict[str, Any]:
    """Return one line of a ranked digest."""
    return {
        "alert_id": line.alert_id,
        "claim": line.claim_id,
        "rules": [{"id": line.rule_id, "asks": line.asks}],
        "passage": line.passage,
        "resembles": line.resembles,
        "label": _label(line.label),
        "item": _item(line.item),
    }


def claim(view: ClaimView) -> dict[str, Any]:
    """Return a claim, by schema.org's names."""
    return {
        "id": view.id,
        "claimReviewed": view.claim_reviewed,
        "rating": view.rating,
        "url": web_link(view.url),
        "datePublished": view.date_published,
        "owner": view.owner,
    }


def _rule(hit: HitView, item: ItemView) -> dict[str, Any]:
    return {
        "id": hit.rule_id,
        "asks": hit.asks,
        "bearing": hit.bearing.value,
        "priority": hit.priority.value,
        "why": hit.why,
        "distance": hit.distance,
        "suppressed_by": hit.suppressed_by,
        "resembles": hit.resembles,
        "quotes": [
            {
                "part": quote.part,
                "document": quote.document,
                "page": quote.page,
                "text": quote.text,
                "matched": list(quote.matched),
            }
            for quote in quotes(item.parts, hit.spans)
        ],
    }


def _label(label: Label) -> dict[str, Any]:
    return {
        "direction": label.direction.value,
        "direction_words": label.direction_words,
        "known": label.known.value,
        "known_words": label.known_words,
    }


def _item(item: ItemView) -> dict[str, Any]:
    return {
        "title": item.title,
        "url": web_link(item.link),
        "source": item.source_id,
        "official": item.official,
        "outlet": item.outlet,
        "author": item.author,
        "published": rfc3339(item.published) if item.published else None,
        "first_seen": rfc3339(item.first_seen),
        "summary_only": item.summary_only,
        "unread": item.unread,
    }


def _outlet(other: OutletView) -> dict[str, Any]:
    return {
        "outlet": other.outlet,
        "url": web_link(other.link),
        "seen": rfc3339(other.seen) if other.seen else None,
    }

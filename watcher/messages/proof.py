"""Render the weekly proof of life of a claim: with it, the absence of alerts means that there was nothing to alert."""

from __future__ import annotations

from watcher.messages import data
from watcher.messages.layout import as_html, as_text, field
from watcher.messages.message_views import ProofView
from watcher.messages.payload import payload
from watcher.model import MessageKind, Rendered
from watcher.text.humanize import pluralize, rfc3339, when
from watcher.text.lines import one_line


def proof(view: ProofView) -> Rendered:
    """Return a proof of life (webhook type ``proof``). It goes the way of every alert, which is what it proves."""
    subject = f"[proof of life] {one_line(view.claim.claim_reviewed, 80)}: {_read(view)}"
    sections = [
        (
            field("", "This message came like an alert: from a source through a rule, the outbox and this channel."),
            field("Claim", f"{one_line(view.claim.claim_reviewed)} ({one_line(view.claim.rating)})"),
            field("The canary was seen", when(view.canary_at)),
        ),
        (
            field("Since", when(view.since)),
            field("Sources", _read(view)),
            field("Not read", *(one_line(line, 500) for line in view.unread[:50])),
            field("Items", f"{view.items:,} new"),
            field("Hits", f"{view.hits:,}, and {view.suppressed:,} suppressed by unless"),
            field("Near misses", f"{view.near_misses:,}: watcher near-misses {one_line(view.claim.id)}"),
        ),
        (field("The last proof of life", *(one_line(line, 500) for line in view.last[:20])),),
    ]
    return Rendered(
        kind=MessageKind.PROOF,
        subject=subject,
        text=as_text(sections),
        html=as_html(subject, sections),
        data=payload("proof", view.at, _data(view)),
    )


def _read(view: ProofView) -> str:
    return f"{view.sources} of {pluralize(view.sources + len(view.unread), 'source')} read"


def _data(view: ProofView) -> dict[str, object]:
    return {
        "claim": data.claim(view.claim),
        "since": rfc3339(view.since),
        "canary": rfc3339(view.canary_at),
        "sources": view.sources,
        "unread": list(view.unread),
        "items": view.items,
        "hits": view.hits,
        "suppressed": view.suppressed,
        "near_misses": view.near_misses,
        "last": list(view.last),
    }

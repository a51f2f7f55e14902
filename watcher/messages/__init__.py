"""Messages: render an event as a subject, a text, an HTML page and a webhook payload. Pure.

``alert``, ``update``, ``withdrawn``, ``digest``, ``health`` and ``proof`` each take a view, a frozen value filled
from rows, and give a ``Rendered``. The order of an alert is that of DESIGN.md, section 8, and stands in ``alert.py``
once, for text and HTML alike; ``data.py`` says what a webhook receives.
"""

from watcher.messages.alert import alert, update, withdrawn
from watcher.messages.digest import digest, would_have_alerted
from watcher.messages.health import health
from watcher.messages.message_views import (
    AlertView,
    ClaimView,
    DigestEntry,
    DigestReason,
    DigestView,
    HealthEvent,
    HealthView,
    HitView,
    ItemView,
    OutletView,
    ProofView,
    RankedClaimView,
    RankedDigestView,
    RankedLine,
    SentenceChange,
)
from watcher.messages.proof import proof
from watcher.messages.ranked_digest import ranked_digest

__all__ = [
    "AlertView",
    "ClaimView",
    "DigestEntry",
    "DigestReason",
    "DigestView",
    "HealthEvent",
    "HealthView",
    "HitView",
    "ItemView",
    "OutletView",
    "ProofView",
    "RankedClaimView",
    "RankedDigestView",
    "RankedLine",
    "SentenceChange",
    "alert",
    "digest",
    "health",
    "proof",
    "ranked_digest",
    "update",
    "withdrawn",
    "would_have_alerted",
]

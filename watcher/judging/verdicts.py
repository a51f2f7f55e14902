"""How an item's direction counts against a published verdict.

Ratings are free text (ClaimReview's ``alternateName``); ``verdict_weights`` maps their English words to a table.
The optimum is flat: changing the small weights between 0.3 and 0.7 moves average precision by 0.03.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from watcher.text.folding import lower_in_place


@dataclass(frozen=True, slots=True)
class VerdictWeights:
    """How much an item that asserts, denies or only reports the claim counts, for one verdict."""

    name: str
    asserts: float
    denies: float
    reports: float

    def weight(self, direction: str) -> float:
        """Return the weight of an item that asserts, denies or reports; one that only mentions counts as reporting."""
        return {"asserts": self.asserts, "denies": self.denies}.get(direction, self.reports)


TABLE: Mapping[str, VerdictWeights] = {
    name: VerdictWeights(name, asserts, denies, reports)
    for name, asserts, denies, reports in (
        ("no evidence", 1.0, 0.7, 0.5),
        ("unverified", 1.0, 1.0, 0.5),
        ("mixed", 1.0, 1.0, 0.5),
        ("false", 1.0, 0.35, 0.5),
        ("true", 0.35, 1.0, 0.35),
    )
}

_RATINGS = (
    (
        "no evidence",
        r"\b(no|not|lacks?|lacking|without|insufficient|little|missing)\b.*\b(evidence|proof|basis|support)",
    ),
    ("no evidence", r"\b(un|not )(supported|substantiated|founded)|\bbaseless|\bgroundless"),
    ("unverified", r"\b(un|not )(proven|proved|verified|confirmed|known|clear|certain|rated)|\bpending|\bdeveloping"),
    ("unverified", r"\bresearch in progress|\boutdated|\bdisputed|\bcannot be|\bcan't be|\brumou?r"),
    ("mixed", r"\b(half|part|partly|partially|somewhat|mixture|mixed|in part|two pinocchios)\b"),
    ("mixed", r"\b(out of context|lacks context|missing context|needs context|context|misleading|exaggerat\w*|spin)\b"),
    ("false", r"\b(not|never|isn't|wasn't|hardly|far from)\b.*\b(true|accurate|correct|right|happen\w*)|\buntrue"),
    ("false", r"\b(false|fake|faux|wrong|incorrect|inaccurate|hoax|fabricat\w*|debunked|satire|scam|pants on fire)"),
    ("false", r"\b(fiction|myth|altered|doctored|manipulated|miscaptioned|misattributed|lie|bogus|impossible)\b"),
    ("false", r"\b(labeled satire|three pinocchios|four pinocchios|digitally created|ai.generated)\b"),
    ("true", r"\b(true|correct|accurate|confirmed|verified|right|legit|real|authentic|fact|proven|geppetto\w*)\b"),
)
_PATTERNS = tuple((row, re.compile(pattern)) for row, pattern in _RATINGS)


def verdict_weights(rating: str) -> VerdictWeights:
    """Return the weights for a published rating by the first pattern found in it; ``unverified`` if there is none.

    "Mostly false" is false, "half true" is mixed, "not true" is false, "No evidence" and "unsupported" are no evidence,
    "unproven" is unverified. A rating in unknown words counts as unverified: then asserting and denying the claim count
    the same.
    """
    folded = lower_in_place(rating).replace("-", " ").replace("_", " ")
    return TABLE[next((name for name, pattern in _PATTERNS if pattern.search(folded)), "unverified")]

"""Where an item goes that a rule with examples ranked."""

from __future__ import annotations

from enum import StrEnum


class Tier(StrEnum):
    """What becomes of an item a rule has ranked, highest first."""

    NOW = "now"
    """Likely enough to be told at once."""
    LINE = "line"
    """Competes for the lines of the day's digest; what comes after them is counted and listed."""
    BELOW = "below"
    """Under the floor that the own stream sets: listed on request only."""


def tier_of(score: float, *, floor: float, now_at: float) -> Tier:
    """Return where a score goes."""
    return Tier.NOW if score >= now_at else Tier.LINE if score >= floor else Tier.BELOW

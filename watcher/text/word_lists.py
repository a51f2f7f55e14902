"""Known names in messages: a list of them, and the one that was most likely meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MAX_NAMES = 12
"""Shown of a list; a longer one hides what else the message says."""


def listed(names: Iterable[str]) -> str:
    """Return names in alphabetical order for a message, the first ``MAX_NAMES`` of them."""
    ordered = sorted(names)
    shown = ", ".join(ordered[:MAX_NAMES])
    return f"{shown}, and {len(ordered) - MAX_NAMES} more" if len(ordered) > MAX_NAMES else shown or "none"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the known name that was most likely meant, as the end of a sentence; empty when none is near."""
    near = nearest(name, known)
    return f"; did you mean {near}?" if near else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that looks most like this one, whatever their case; empty when none is near."""
    by_fold = {candidate.casefold(): candidate for candidate in known}
    near = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[near[0]] if near else ""

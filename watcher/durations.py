"""Stretches of time as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("min", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
)
_FAR = timedelta(days=2)


def said(stretch: timedelta) -> str:
    """A stretch in the largest unit that fits it twice, else in the next smaller: ``3 d``, ``26 h``, ``4 min``."""
    for unit, length in _UNITS:
        if stretch >= 2 * length:
            return f"{stretch // length} {unit}"
    return f"{max(stretch, timedelta(0)) // timedelta(seconds=1)} s"


def from_now(moment: datetime, now: datetime) -> str:
    """A moment by its distance while it is near, else by its day: ``5 min ago``, ``in 12 min``, ``2026-01-20``."""
    away = moment - now
    if abs(away) >= _FAR:
        return moment.date().isoformat()
    if abs(away) < timedelta(seconds=2):
        return "now"
    return f"in {said(away)}" if away > timedelta(0) else f"{said(-away)} ago"

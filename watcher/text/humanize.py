"""Moments, stretches of time and numbers as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_UNITS = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("min", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
)
_RELATIVE_WITHIN = timedelta(days=2)


def humanize(stretch: timedelta) -> str:
    """Return a stretch of time in the largest unit that fits it twice: ``3 d``, ``26 h``, ``4 min``."""
    for unit, length in _UNITS:
        if stretch >= 2 * length:
            return f"{stretch // length} {unit}"
    return f"{max(stretch, timedelta(0)) // timedelta(seconds=1)} s"


def from_now(moment: datetime, now: datetime) -> str:
    """Return a moment by its distance while near, else by its day: ``5 min ago``, ``in 12 min``, ``2026-01-20``."""
    away = moment - now
    if abs(away) >= _RELATIVE_WITHIN:
        return moment.date().isoformat()
    if abs(away) < timedelta(seconds=2):
        return "now"
    return f"in {humanize(away)}" if away > timedelta(0) else f"{humanize(-away)} ago"


def when(moment: datetime) -> str:
    """Return a moment as people read it, in UTC: ``2026-01-20 14:05 UTC``."""
    return f"{moment.astimezone(UTC).isoformat(' ')[:16]} UTC"


def rfc3339(moment: datetime) -> str:
    """Return a moment as programs read it, in UTC and to the second."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"


def pluralize(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 item``, ``2 items``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

"""Dates as sites and programming interfaces write them: epochs, ISO 8601, mail dates, and dates for American readers.

What does not say its time zone is in the zone that the source is in.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

from watcher.reading import feedparser_entries, plain_text

_EPOCH = re.compile(r"\d{9,13}(?:\.\d+)?")
_ASP_EPOCH = re.compile(r"/Date\((-?\d{1,14})")
_MIN_MILLISECONDS = 100_000_000_000
"""A larger epoch counts milliseconds: as seconds it would be past the year 5000."""
_TIME_ELEMENT = re.compile(r"""<time\b[^>]*\bdatetime\s*=\s*["']?([^"'>]+)""", re.IGNORECASE)
_MAIL = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? \S+")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})\b",
        rf"\b{_DAY}\.?\s+{_MONTH},?\s+(?P<year>\d{{4}})\b",
        r"\b(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?!\d)",
        r"\b(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d{2})\b",
    )
)
_TIMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?(?::\d{2})?\s*(?P<half>[ap])\.?m\b",
        r"(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d{2})",
    )
)
_MAX_CHARS = 500
"""In which a date is looked for."""


def parse(value: object, zone: tzinfo) -> datetime | None:
    """Return the moment that a value means, in UTC; None when it is not a date.

    Of several values the first date counts; a day and a time of day that come apart are put together.
    """
    if isinstance(value, list):
        together = " ".join(part for part in value if isinstance(part, str))
        return next(filter(None, (parse(part, zone) for part in [together, *value])), None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _first(lambda: _epoch(value))
    if not isinstance(value, str):
        return None
    given = value[: 2 * _MAX_CHARS]
    marked_up = _TIME_ELEMENT.search(given)
    words = plain_text.line(marked_up[1] if marked_up else plain_text.from_html(given), _MAX_CHARS)
    if asp := _ASP_EPOCH.search(words):
        return _first(lambda: _epoch(int(asp[1])))
    if _EPOCH.fullmatch(words):
        return _first(lambda: _epoch(float(words)))
    return _first(lambda: _iso(words, zone), lambda: _mail(words), lambda: _written(words, zone))


def _first(*readings: Callable[[], datetime | None]) -> datetime | None:
    for reading in readings:
        with contextlib.suppress(ValueError, OverflowError, OSError):
            if found := reading():
                return feedparser_entries.in_utc(found)
    return None


def _epoch(count: float) -> datetime:
    return datetime.fromtimestamp(count / 1000 if abs(count) >= _MIN_MILLISECONDS else count, UTC)


def _iso(words: str, zone: tzinfo) -> datetime:
    return _zoned(datetime.fromisoformat(words), zone)


def _mail(words: str) -> datetime | None:
    return parsedate_to_datetime(words) if _MAIL.fullmatch(words) else None


def _written(words: str, zone: tzinfo) -> datetime | None:
    """Return the first date in the words, with the time of day if there is one too."""
    found = next(_found(_DATES, words), None)
    if found is None:
        return None
    date = found.groupdict()
    year = int(date["year"]) + (2000 if len(date["year"]) == 2 else 0)
    month = _MONTHS.index(date["name"].lower()) + 1 if "name" in date else int(date["month"])
    rest = words[: found.start()] + " " + words[found.end() :]
    hour, minute = _time(rest)
    return datetime(year, month, int(date["day"]), hour, minute, tzinfo=zone)


def _time(words: str) -> tuple[int, int]:
    found = next(_found(_TIMES, words), None)
    if found is None:
        return 0, 0
    time = found.groupdict()
    hour = int(time["hour"])
    if half := time.get("half"):
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    return hour, int(time["minute"] or 0)


def _found(patterns: tuple[re.Pattern[str], ...], words: str) -> Iterator[re.Match[str]]:
    return (found for pattern in patterns if (found := pattern.search(words)))


def _zoned(found: datetime, zone: tzinfo) -> datetime:
    return found if found.tzinfo else found.replace(tzinfo=zone)

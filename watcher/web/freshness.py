"""When an origin wants to be asked again: Cache-Control, Expires, Age, Retry-After (RFC 9110, RFC 9111). Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from watcher.web.headers import Headers, first, members

MAX_HOLD: Final = timedelta(days=1)
"""No origin can silence us for longer; many that say a year never thought of feeds."""
_NOTHING: Final = timedelta(0)


def hold(status: int, headers: Headers, now: datetime) -> timedelta | None:
    """Return how long from ``now`` the origin asks not to be asked again, at most MAX_HOLD; None: it does not ask.

    Every response may say Retry-After; a successful one that is fresh for a while means the same.
    """
    good = 200 <= status < 300 or status == 304
    # seconds or a date (RFC 9110, section 10.2.3)
    retry_after = _seconds(first(headers, "Retry-After")) or _until(headers, "Retry-After", now)
    asked = max(retry_after, _fresh_for(headers, now) if good else _NOTHING)
    return min(asked, MAX_HOLD) if asked > _NOTHING else None


def _fresh_for(headers: Headers, now: datetime) -> timedelta:
    """Return what is left of the freshness lifetime (RFC 9111, section 4.2). Expires counts only without max-age."""
    directives = _directives(headers)
    if "no-cache" in directives or "no-store" in directives:
        return _NOTHING
    max_age = directives.get("max-age")
    lifetime = _seconds(max_age) if max_age is not None else _until(headers, "Expires", now)
    return lifetime - _seconds(first(headers, "Age"))


def _directives(headers: Headers) -> dict[str, bytes]:
    """Return the directives of Cache-Control by name, the first of each.

    ``no-cache="Set-Cookie"`` only concerns that field, and is left out.
    """
    found: dict[str, bytes] = {}
    for member in members(headers, "Cache-Control"):
        name, _, value = member.partition(b"=")
        directive = name.strip().lower().decode("latin-1")
        if directive != "no-cache" or not value:
            found.setdefault(directive, value.strip().strip(b'"'))
    return found


def _until(headers: Headers, name: str, now: datetime) -> timedelta:
    """Return the time to a date, from the server's own Date, in case its clock is wrong, or else from ``now``."""
    moment = _date(first(headers, name))
    return moment - (_date(first(headers, "Date")) or now) if moment is not None else _NOTHING


def _date(value: bytes | None) -> datetime | None:
    """Return an HTTP-date in any of its three forms, all of which are in UTC; None when it is not a date."""
    if value is None:
        return None
    try:
        moment = parsedate_to_datetime(value.decode("latin-1"))
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _seconds(value: bytes | None) -> timedelta:
    """Return a delta-seconds, which may be larger than any clock knows (RFC 9111, section 1.2.2)."""
    if value is None or not value.isdigit():
        return _NOTHING
    return timedelta(seconds=int(value.lstrip(b"0")[:10] or b"0"))

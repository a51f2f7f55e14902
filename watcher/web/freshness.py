"""When an origin wants to be asked again: Cache-Control, Expires, Age, Retry-After (RFC 9110, RFC 9111). Pure.

Headers come as pairs of bytes in the order they were sent, names in any case.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

Headers = tuple[tuple[bytes, bytes], ...]

LONGEST: Final = timedelta(days=1)
"""No origin can silence us for longer; many that say a year never thought of feeds."""
_NOTHING: Final = timedelta(0)


def first(headers: Headers, name: str) -> bytes | None:
    """The first header of this name."""
    wanted = name.lower().encode()
    return next((value for key, value in headers if key.lower() == wanted), None)


def listed(headers: Headers, name: str) -> list[bytes]:
    """The members of a header that is a list, which may be sent in several lines (RFC 9110, section 5.3)."""
    wanted = name.lower().encode()
    joined = b",".join(value for key, value in headers if key.lower() == wanted)
    return [member.strip() for member in joined.split(b",") if member.strip()]


def hold(status: int, headers: Headers, now: datetime) -> timedelta | None:
    """How long from ``now`` the origin asks not to be asked again; at most LONGEST, None when it does not ask.

    Any answer may say Retry-After; that a good one is fresh for a while says it too.
    """
    good = 200 <= status < 300 or status == 304
    asked = max(_retry_after(headers, now), _fresh_for(headers, now) if good else _NOTHING)
    return min(asked, LONGEST) if asked > _NOTHING else None


def _retry_after(headers: Headers, now: datetime) -> timedelta:
    """In seconds or as a date (RFC 9110, section 10.2.3)."""
    return _seconds(first(headers, "Retry-After")) or _until(headers, "Retry-After", now)


def _fresh_for(headers: Headers, now: datetime) -> timedelta:
    """What is left of the freshness lifetime (RFC 9111, section 4.2). Expires counts only without a max-age."""
    directives = _directives(headers)
    if "no-cache" in directives or "no-store" in directives:
        return _NOTHING
    max_age = directives.get("max-age")
    lifetime = _seconds(max_age) if max_age is not None else _until(headers, "Expires", now)
    return lifetime - _seconds(first(headers, "Age"))


def _directives(headers: Headers) -> dict[str, bytes]:
    """Of Cache-Control; the first counts. ``no-cache="Set-Cookie"`` only concerns that field, and is left out."""
    found: dict[str, bytes] = {}
    for member in listed(headers, "Cache-Control"):
        name, _, value = member.partition(b"=")
        directive = name.strip().lower().decode("latin-1")
        if directive != "no-cache" or not value:
            found.setdefault(directive, value.strip().strip(b'"'))
    return found


def _until(headers: Headers, name: str, now: datetime) -> timedelta:
    """From the server's own Date, so that a clock that is wrong does no harm, or else from ``now``."""
    moment = _date(first(headers, name))
    return moment - (_date(first(headers, "Date")) or now) if moment is not None else _NOTHING


def _date(value: bytes | None) -> datetime | None:
    """An HTTP-date in any of its three forms; all of them are in UTC."""
    if value is None:
        return None
    try:
        moment = parsedate_to_datetime(value.decode("latin-1"))
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _seconds(value: bytes | None) -> timedelta:
    """A delta-seconds; one that is too large for any clock is a very long time (RFC 9111, section 1.2.2)."""
    if value is None or not value.isdigit():
        return _NOTHING
    return timedelta(seconds=int(value.lstrip(b"0")[:10] or b"0"))

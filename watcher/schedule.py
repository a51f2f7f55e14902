"""When next: polls, back-off, retries. Pure: every moment is a parameter, and jitter is computed from a key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from itertools import pairwise
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
MAX_SPACING: Final = timedelta(minutes=15)
"""Between two visits to a host or two messages to a destination: the database believes no longer rest."""
MIN_INTERVAL: Final = timedelta(minutes=10)
MAX_INTERVAL: Final = timedelta(hours=1)
"""Limits of the polling interval of a source for which the rule file gives none."""
_MIN_ITEMS_FOR_PACE: Final = 10
"""Number of newest items from which the publishing pace of a source is computed."""
CONFIRMATIONS: Final = 5
"""When a permanent redirect is believed: sites answer 301 for an hour during repairs, and parked domains always do."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, which may be on the next day."""

    start: time
    end: time


def next_poll(
    now: datetime,
    *,
    every: timedelta,
    failures: int = 0,
    hold: timedelta | None = None,
    skip_hours: Collection[int] = (),
    key: str = "",
) -> datetime:
    """Return when a source is due again.

    ``hold`` is what the source asks for (max-age, ttl, Retry-After): the poll
    waits for it, but for no more than a day. The same holds for ``skip_hours``, hours of the day in UTC. Each failure
    doubles the interval, up to a day. Up to a tenth is added as jitter, from ``key``, so that sources that were due
    together spread out.
    """
    interval = every
    if failures:
        interval = min(max(every, timedelta(minutes=1)) * 2 ** min(failures, 16), max(DAY, every))
    asked = min(hold, DAY) if hold is not None else timedelta(0)
    moment = now + max(interval * (1 + spread(key) / 10), asked)
    return max(moment, min(_outside(skip_hours, moment), now + DAY))


def _outside(hours: Collection[int], moment: datetime) -> datetime:
    """Return the first moment from this one on that is in none of these hours."""
    begin = moment.replace(minute=0, second=0, microsecond=0)
    later = (begin + timedelta(hours=number) for number in range(1, 24))
    return next((each for each in (moment, *later) if each.hour not in hours), moment)


def pace(published: Sequence[datetime]) -> timedelta | None:
    """Return the polling interval for a source that publishes at these times: half of its usual pause, within limits.

    None if there are too few items.
    """
    moments = sorted(published)[-_MIN_ITEMS_FOR_PACE:]
    if len(moments) < _MIN_ITEMS_FOR_PACE:
        return None
    usual = median((after - before).total_seconds() for before, after in pairwise(moments))
    return min(max(timedelta(seconds=usual / 2), MIN_INTERVAL), MAX_INTERVAL)


def is_believed(times: int, over: timedelta) -> bool:
    """Return whether a permanent redirect is believed, after so many confirmations in a row over this time."""
    return times >= CONFIRMATIONS and over >= DAY


def next_attempt(
    now: datetime,
    *,
    schedule: tuple[timedelta, ...],
    attempts: int,
    key: str,
    retry_after: timedelta | None = None,
) -> datetime | None:
    """Return when a delivery that failed ``attempts`` times is tried again; None at the end of the schedule.

    Up to a tenth is added by ``key``, as Standard Webhooks asks; a receiver's Retry-After is honoured up to a day.
    """
    if attempts > len(schedule):
        return None
    wait = schedule[attempts - 1] * (1 + spread(f"{key} {attempts}") / 10)
    return now + max(wait, min(retry_after, DAY) if retry_after is not None else timedelta(0))


def daily(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """Return the last moment, not after ``now``, at which the clock in ``zone`` showed ``at``."""
    local = now.astimezone(zone)
    moment = datetime.combine(local.date(), at, zone)
    return moment if moment <= local else datetime.combine(local.date() - DAY, at, zone)


def quiet_until(now: datetime, hours: QuietHours, zone: ZoneInfo) -> datetime | None:
    """Return when the quiet hours around ``now`` end, in ``zone``; None if it is not in quiet hours."""
    begun = daily(now, hours.start, zone)
    over = datetime.combine(begun.date() + (DAY if hours.end <= hours.start else timedelta(0)), hours.end, zone)
    return over.astimezone(UTC) if now < over else None


def spread(key: str) -> float:
    """Return a number in [0, 1) that is always the same for the same key."""
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest()) / 2**32

"""When next: polls, back-off, retries. Pure: every moment comes in, and what must vary is drawn from a key."""

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
SHORTEST: Final = timedelta(minutes=10)
LONGEST: Final = timedelta(hours=1)
"""Bounds of the pace that suits a source, where nobody said how often it is polled."""
_RHYTHM: Final = 10
"""Items that say how often a source publishes."""
CONFIRMATIONS: Final = 5
"""Of a permanent redirect: sites say 301 for an hour while they are being repaired, and parked domains for ever."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day to another, which may be the next day's."""

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
    """When a source is due again.

    ``hold`` is what the source asks for (max-age, ttl, Retry-After): never sooner than that, never later than a
    day because of it; so it is with ``skip_hours``, of the day in UTC. After failures the interval doubles up to a
    day. Up to a tenth is added, by ``key``, so that sources that were due together do not stay together.
    """
    interval = every
    if failures:
        interval = min(max(every, timedelta(minutes=1)) * 2 ** min(failures, 16), max(DAY, every))
    asked = min(hold, DAY) if hold is not None else timedelta(0)
    moment = now + max(interval * (1 + spread(key) / 10), asked)
    return max(moment, min(_outside(skip_hours, moment), now + DAY))


def _outside(hours: Collection[int], moment: datetime) -> datetime:
    """The first moment from this one on that is in none of these hours."""
    begin = moment.replace(minute=0, second=0, microsecond=0)
    later = (begin + timedelta(hours=number) for number in range(1, 24))
    return next((each for each in (moment, *later) if each.hour not in hours), moment)


def pace(published: Sequence[datetime]) -> timedelta | None:
    """How often a source is polled that publishes like this: twice in its usual pause, within bounds.

    None: there is too little to tell.
    """
    moments = sorted(published)[-_RHYTHM:]
    if len(moments) < _RHYTHM:
        return None
    usual = median((after - before).total_seconds() for before, after in pairwise(moments))
    return min(max(timedelta(seconds=usual / 2), SHORTEST), LONGEST)


def is_believed(times: int, over: timedelta) -> bool:
    """Whether a source has moved for good that said so many times in a row, over such a time."""
    return times >= CONFIRMATIONS and over >= DAY


def next_attempt(
    now: datetime,
    *,
    schedule: tuple[timedelta, ...],
    attempts: int,
    key: str,
    retry_after: timedelta | None = None,
) -> datetime | None:
    """When a delivery that failed ``attempts`` times is tried again; None when the schedule is at its end.

    Up to a tenth is added by ``key``, as Standard Webhooks asks; a receiver's Retry-After is honoured up to a day.
    """
    if attempts > len(schedule):
        return None
    wait = schedule[attempts - 1] * (1 + spread(f"{key} {attempts}") / 10)
    return now + max(wait, min(retry_after, DAY) if retry_after is not None else timedelta(0))


def daily(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The last moment, not after ``now``, at which the clock in ``zone`` showed ``at``."""
    local = now.astimezone(zone)
    moment = datetime.combine(local.date(), at, zone)
    return moment if moment <= local else datetime.combine(local.date() - DAY, at, zone)


def quiet_until(now: datetime, hours: QuietHours, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours of ``zone`` that ``now`` lies in are over; None when it lies in none."""
    begun = daily(now, hours.start, zone)
    over = datetime.combine(begun.date() + (DAY if hours.end <= hours.start else timedelta(0)), hours.end, zone)
    return over.astimezone(UTC) if now < over else None


def spread(key: str) -> float:
    """A number in [0, 1) that is always the same for the same key."""
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest()) / 2**32

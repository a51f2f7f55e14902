"""When next: polls, back-off, retries. Pure: every moment comes in, and what must vary is drawn from a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
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
    key: str = "",
) -> datetime:
    """When a source is due again.

    ``hold`` is what the source asks for (max-age, ttl, Retry-After): never sooner than that, never later than a
    day because of it. After failures the interval doubles up to a day. Up to a tenth is added, by ``key``, so that
    sources that were due together do not stay together.
    """
    interval = every
    if failures:
        interval = min(max(every, timedelta(minutes=1)) * 2 ** min(failures, 16), max(DAY, every))
    asked = min(hold, DAY) if hold is not None else timedelta(0)
    return now + max(interval * (1 + spread(key) / 10), asked)


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

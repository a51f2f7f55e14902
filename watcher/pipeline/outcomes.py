"""The outcome of a poll or a delivery, as its row stores it: values in, values out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from storage.leases import MAX_REST
from storage.outbox import Delivery, DeliveryOutcome
from storage.pages import PageOutcome, PageState
from storage.poll_state import PollState
from storage.sources import PollOutcome, SourceState
from watcher import schedule, source_condition
from watcher.model import DeliveryError, DeliveryState, FetchError, Reading, Reason, Source, host_of
from watcher.pipeline.pages import REREAD_AFTER, PageResult
from watcher.pipeline.storing import WriteResult

FULL_READ_EVERY = timedelta(days=7)
"""A server that always answers "not modified" is asked without validators this often."""
THROTTLED_REST = timedelta(minutes=1)
"""How long a host is left alone that answers "too many requests" without Retry-After."""


def full_read_is_due(row: SourceState, now: datetime) -> bool:
    """Return whether this poll sends no validators."""
    return row.read_in_full_at is None or now - row.read_in_full_at >= FULL_READ_EVERY


def after_reading(source: Source, row: SourceState, reading: Reading, now: datetime, *, took: timedelta) -> PollOutcome:
    """Return the outcome of a source that was read, with anything new or not; ``took``: how long that took."""
    memory = reading.memory
    skipped = row.skip_hours if reading.unchanged else " ".join(map(str, sorted(reading.skip_hours)))
    hours = [int(hour) for hour in skipped.split()]
    changed = source_condition.CHANGED if reading.entries else source_condition.UNCHANGED
    poll = source_condition.SLOW if took > source_condition.SLOW_AFTER else changed
    return {
        "next_poll_at": schedule.next_poll(
            now, every=_every(source, row), hold=reading.hold, skip_hours=hours, key=source.id
        ),
        "skip_hours": skipped,
        "held_until": now + reading.hold if reading.hold and reading.hold > source.every else None,
        "rests_until": now + source.spacing,
        "last_poll_at": now,
        "last_ok_at": now,
        "read_in_full_at": now if full_read_is_due(row, now) else row.read_in_full_at,
        "failures": 0,
        "failing_since": None,
        "state": PollState.DAMAGED if reading.damaged else PollState.OK,
        "reason": "",
        "detail": reading.damaged,
        "recent": source_condition.extended(row.recent, poll),
        "etag": memory.etag,
        "last_modified": memory.last_modified,
        "body_hash": memory.body_hash,
        **_after_redirect(row, reading.moved_to, now),
    }


def _every(source: Source, row: SourceState) -> timedelta:
    return timedelta(seconds=row.pace) if source.adapts and row.pace else source.every


def _after_redirect(row: SourceState, moved_to: str, now: datetime) -> PollOutcome:
    """Adopt a permanent redirect once it was confirmed often enough, over long enough."""
    if not moved_to:
        return {"moved_to": "", "moved_since": None, "moved_times": 0}
    if moved_to != row.moved_to or row.moved_since is None:
        return {"moved_to": moved_to, "moved_since": now, "moved_times": 1}
    times = row.moved_times + 1
    if not schedule.is_believed(times, now - row.moved_since):
        return {"moved_times": times}
    host = host_of(moved_to)
    return {"address": moved_to, "host": host, "moved_to": "", "moved_since": None, "moved_times": 0}


def by_the_clock(values: PollOutcome, now: datetime) -> PollOutcome:
    """Return the outcome of a poll before the clock was set back, as if it had ended now."""
    ahead = values["last_poll_at"] - now
    if ahead <= timedelta(0):
        return values
    moved = {name: each - ahead if isinstance(each, datetime) and each > now else each for name, each in values.items()}
    return cast(PollOutcome, moved)  # these keys have values of the same types


def after_page(row: PageState, page: PageResult, now: datetime, *, again: bool) -> PageOutcome:
    """Return the outcome of a page that was read; it is read ``again`` at the remaining set times."""
    times = (row.since + step for step in REREAD_AFTER)
    return {
        "due_at": next((moment for moment in times if moment > now), None) if again else None,
        "read_at": now if page.evidence else row.read_at,
        "problem": page.missing,
    }


FORGET_VALIDATORS: PollOutcome = {"etag": None, "last_modified": None, "body_hash": None}
"""Make the next reading a full one."""


def after_keeping(row: SourceState, kept: WriteResult, now: datetime) -> PollOutcome:
    """Return what a reading with stored entries adds to `after_reading`."""
    values: PollOutcome = {"fingerprints": kept.fingerprints, "baselined_at": row.baselined_at or now}
    if kept.remark:
        values["detail"] = kept.remark
    if kept.published:
        last = now if row.baselined_at else max(kept.published)
        values["expected_by"] = source_condition.expected_by(kept.published, last)
        values["pace"] = round((schedule.pace(kept.published) or timedelta(0)).total_seconds())
    if kept.lost:
        values |= _rebuilt(row, kept.lost, now)
    return values | FORGET_VALIDATORS if kept.read_again else values


def _rebuilt(row: SourceState, lost: int, now: datetime) -> PollOutcome:
    """Return what a reading adds that was stored but does not look like the watched source."""
    return {
        "failures": row.failures + 1,
        "failing_since": row.failing_since or now,
        "state": PollState.FAILED,
        "reason": Reason.SELECTOR.value,
        "detail": f"{lost} items are out of sight together: it was probably rebuilt, and none is called removed",
    }


def after_failure(
    source: Source, row: SourceState, error: FetchError, now: datetime, *, network_down: bool = False
) -> PollOutcome:
    """Return the outcome of a source that could not be read. Its memory of earlier polls is kept.

    While the network on our side is down, no failures are counted, and no source is polled less often because of them.
    """
    blameless = network_down and error.reason in source_condition.UNREACHED
    failures = max(row.failures, 1) if blameless else row.failures + 1
    back_off = 0 if blameless else failures
    asked = error.retry_after or (THROTTLED_REST if error.reason is Reason.THROTTLED else timedelta(0))
    rest = max(source.spacing, min(asked, MAX_REST))  # of the host, for all sources that share it
    return {
        "next_poll_at": schedule.next_poll(
            now, every=_every(source, row), failures=back_off, hold=error.retry_after, key=source.id
        ),
        "held_until": now + error.retry_after if error.retry_after else None,
        "rests_until": now + rest,
        "last_poll_at": now,
        "failures": failures,
        "failing_since": row.failing_since or now,
        "state": PollState.GONE if error.reason is Reason.GONE else PollState.FAILED,
        "reason": error.reason.value,
        "detail": error.detail,
        "recent": source_condition.extended(row.recent, source_condition.FAILED),
    }


def after_sending(attempt: int, now: datetime) -> DeliveryOutcome:
    """Return the outcome of a delivery that was accepted."""
    return {"attempts": attempt, "state": DeliveryState.SENT.value, "reason": "", "detail": "", "sent_at": now}


def after_waiting(until: datetime) -> DeliveryOutcome:
    """Return the outcome of a delivery that was due in quiet hours: no attempt was made."""
    return {"next_attempt_at": until, "detail": "waits for the end of the quiet hours"}


def after_refusal(
    row: Delivery, attempt: int, error: DeliveryError, retries: tuple[timedelta, ...], now: datetime
) -> DeliveryOutcome:
    """Return the outcome of a delivery that failed: tried again by the channel's schedule, or dead."""
    again = None
    if not error.permanent:
        again = schedule.next_attempt(
            now, schedule=retries, attempts=attempt, key=row.key, retry_after=error.retry_after
        )
    waiting = DeliveryState.UNKNOWN if error.unacknowledged else DeliveryState.PENDING
    return {
        "attempts": attempt,
        "state": (DeliveryState.DEAD if again is None else waiting).value,
        "next_attempt_at": again or row.next_attempt_at,
        "reason": error.reason.value,
        "detail": error.detail,
    }

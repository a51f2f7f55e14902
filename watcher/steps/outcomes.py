"""How a poll or a delivery that ended is noted in its row: values in, values out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from storage.database import Row
from watcher import schedule
from watcher.model import DeliveryError, DeliveryState, FetchError, Reading, Reason, Source
from watcher.steps.full_story import AGAIN, Page

FULL_READ_EVERY = timedelta(days=7)
"""A server that answers "not modified" for ever is asked without validators this often."""


def full_read_is_due(row: Row, now: datetime) -> bool:
    """Whether the validators stay at home this time."""
    return row["read_in_full_at"] is None or now - row["read_in_full_at"] >= FULL_READ_EVERY


def after_reading(source: Source, row: Row, reading: Reading, now: datetime) -> dict[str, Any]:
    """A source that was read, whether or not it had anything new."""
    memory = reading.memory
    return {
        "next_poll_at": schedule.next_poll(now, every=source.every, hold=reading.hold, key=source.id),
        "held_until": now + reading.hold if reading.hold and reading.hold > source.every else None,
        "last_poll_at": now,
        "last_ok_at": now,
        "read_in_full_at": now if full_read_is_due(row, now) else row["read_in_full_at"],
        "failures": 0,
        "failing_since": None,
        "state": "damaged" if reading.damaged else "ok",
        "detail": reading.damaged,
        "etag": memory.etag,
        "last_modified": memory.last_modified,
        "body_hash": memory.body_hash,
    }


def after_page(row: Row, page: Page, now: datetime, *, again: bool) -> dict[str, Any]:
    """The page behind an item that was asked for; it is read ``again`` at the set times that are left."""
    times = (row["since"] + step for step in AGAIN)
    return {
        "due_at": next((moment for moment in times if moment > now), None) if again else None,
        "read_at": now if page.evidence is not None else row["read_at"],
        "problem": page.problem,
    }


FORGET_VALIDATORS = {"etag": None, "last_modified": None, "body_hash": None}
"""Makes the next reading a full one."""


def after_keeping(row: Row, fingerprints: bytes, remark: str, now: datetime) -> dict[str, Any]:
    """A reading whose entries were stored, on top of `after_reading`."""
    values = {"fingerprints": fingerprints, "baselined_at": row["baselined_at"] or now}
    return values | {"detail": remark} if remark else values


def after_failure(source: Source, row: Row, error: FetchError, now: datetime) -> dict[str, Any]:
    """A source that could not be read. What it taught us before stays as it was."""
    failures = row["failures"] + 1
    values = {
        "next_poll_at": schedule.next_poll(
            now, every=source.every, failures=failures, hold=error.retry_after, key=source.id
        ),
        "held_until": now + error.retry_after if error.retry_after else None,
        "last_poll_at": now,
        "failures": failures,
        "failing_since": row["failing_since"] or now,
        "state": error.reason.value,
        "detail": error.detail,
    }
    return values | {"enabled": False} if error.reason is Reason.GONE else values


def after_sending(attempt: int, now: datetime) -> dict[str, Any]:
    """A delivery that was accepted."""
    return {"attempts": attempt, "state": DeliveryState.SENT.value, "reason": "", "detail": "", "sent_at": now}


def after_refusal(
    row: Row, attempt: int, error: DeliveryError, retries: tuple[timedelta, ...], now: datetime
) -> dict[str, Any]:
    """A delivery that was not: tried again by the channel's schedule, or dead."""
    again = None
    if not error.permanent:
        again = schedule.next_attempt(
            now, schedule=retries, attempts=attempt, key=row["key"], retry_after=error.retry_after
        )
    waiting = DeliveryState.UNKNOWN if error.unacknowledged else DeliveryState.PENDING
    return {
        "attempts": attempt,
        "state": (DeliveryState.DEAD if again is None else waiting).value,
        "next_attempt_at": again or row["next_attempt_at"],
        "reason": error.reason.value,
        "detail": error.detail,
    }

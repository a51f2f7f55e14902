"""When the second reader is left alone because it fails. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MAX_BEARABLE_FAILURES: Final = 2
"""Failures in a row that change nothing; one more, and it is left alone."""
PAUSE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """How the last questions went. One more question is asked after each pause; any answer closes the breaker."""

    failures: int = 0
    """In a row."""
    why: str = ""
    """What the last failure was."""
    rests_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Return whether nothing may be asked at present."""
        return self.rests_until is not None and now < self.rests_until

    def after_failure(self, why: str, now: datetime, *, retry_after: timedelta | None = None) -> Breaker:
        """Return the breaker after a failure; ``retry_after`` is how long the endpoint asks to be left alone."""
        failures = self.failures + 1
        pauses = [
            pause for pause in (PAUSE if failures > MAX_BEARABLE_FAILURES else None, retry_after) if pause is not None
        ]
        return Breaker(failures=failures, why=why, rests_until=now + max(pauses) if pauses else None)

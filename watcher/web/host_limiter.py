"""One request at a time per host."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from watcher.model import FetchError, Reason


class HostLimiter:
    """Allow one request at a time per host, and ``spacing_seconds`` between the starts of two.

    A caller that has waited ``timeout_seconds`` gets a FetchError.
    """

    def __init__(self, *, spacing_seconds: float, timeout_seconds: float) -> None:
        self._spacing = spacing_seconds
        self._timeout = timeout_seconds
        self._changed = Condition()
        self._busy: set[str] = set()
        self._free_at: dict[str, float] = {}
        """Hosts that were asked less than the spacing ago, and when they may be asked again (monotonic)."""
        self._closed = False

    @contextmanager
    def slot(self, host: str) -> Iterator[None]:
        """Wait until ``host`` may be asked, and keep others waiting meanwhile. Raise FetchError."""
        self._acquire(host)
        try:
            yield
        finally:
            with self._changed:
                self._busy.discard(host)
                self._changed.notify_all()

    def close(self) -> None:
        """Make everyone who waits, and everyone who comes later, get a FetchError."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _acquire(self, host: str) -> None:
        deadline = time.monotonic() + self._timeout
        with self._changed:
            while True:
                if self._closed:
                    raise FetchError(Reason.INTERRUPTED, "shutting down")
                free_at, now = math.inf if host in self._busy else self._free_at.get(host, 0.0), time.monotonic()
                if free_at <= now:
                    break
                if now >= deadline:
                    raise FetchError(Reason.TIMEOUT, f"waited {self._timeout:g} s for other requests to {host}")
                self._changed.wait(min(free_at, deadline) - now)
            self._busy.add(host)
            self._free_at = {other: moment for other, moment in self._free_at.items() if moment > now}
            self._free_at[host] = now + self._spacing

"""Whose turn it is at a host."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from watcher.model import FetchError, Reason


class Turns:
    """At most one visitor at a host, and ``spacing`` seconds between the starts of two visits.

    Who has waited ``patience`` seconds goes away with a FetchError.
    """

    def __init__(self, *, spacing: float, patience: float) -> None:
        self._spacing = spacing
        self._patience = patience
        self._changed = Condition()
        self._visited: set[str] = set()
        self._opens: dict[str, float] = {}
        self._closed = False

    @contextmanager
    def at(self, host: str) -> Iterator[None]:
        """Wait for a turn at ``host`` and hold it."""
        self._enter(host)
        try:
            yield
        finally:
            with self._changed:
                self._visited.discard(host)
                self._changed.notify_all()

    def close(self) -> None:
        """Send everyone away who waits, and everyone who comes."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _enter(self, host: str) -> None:
        patience_ends = time.monotonic() + self._patience
        with self._changed:
            while (opens := self._next_opening(host)) > (now := time.monotonic()):
                if now >= patience_ends:
                    raise FetchError(Reason.TIMEOUT, f"no turn at {host} within {self._patience:g} s")
                self._changed.wait(min(opens, patience_ends) - now)
            self._visited.add(host)
            self._opens = {other: moment for other, moment in self._opens.items() if moment > now}
            self._opens[host] = now + self._spacing

    def _next_opening(self, host: str) -> float:
        if self._closed:
            raise FetchError(Reason.INTERRUPTED, "shutting down")
        return float("inf") if host in self._visited else self._opens.get(host, 0.0)

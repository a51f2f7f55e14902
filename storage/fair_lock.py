"""The lock of the one writing connection."""

from __future__ import annotations

import threading
from types import TracebackType


class FairLock:
    """A lock that goes to the thread that has waited longest, not to the one that has just released it.

    `threading.Lock` goes to the first thread that asks when it is free, which is usually the one that released it.
    """

    def __init__(self) -> None:
        self._next = threading.Lock()
        self._now = threading.Lock()

    def __enter__(self) -> None:
        with self._next:
            self._now.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._now.release()

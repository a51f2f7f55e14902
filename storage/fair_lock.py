"""Whose turn it is to write."""

from __future__ import annotations

import threading
from types import TracebackType


class Turn:
    """A lock that nobody gets a second time while somebody else waits for it.

    A plain one goes to whoever asks first after it is free, which is the thread that has just given it back.
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

"""Threads that work on leased rows, and what they are working on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from storage.database import StorageError
from storage.leases import Lease, StaleLease

log = structlog.get_logger()


class Pool:
    """A fixed number of threads. Knows which leases it holds, so that they can be renewed or reported."""

    def __init__(self, name: str, size: int) -> None:
        self.size = size
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._held: dict[tuple[int, int], tuple[Lease, float]] = {}

    def room(self) -> int:
        """Return how many more rows it can work on now."""
        with self._lock:
            return self.size - len(self._held)

    def submit(self, work: Callable[[Lease], None], lease: Lease) -> None:
        """Work on a leased row as soon as a thread is free."""
        with self._lock:
            self._held[lease.id, lease.token] = (lease, time.monotonic())
        try:
            self._threads.submit(self._run, work, lease)
        except RuntimeError:  # closed meanwhile: the lease expires, and the row is handed out again
            self._drop(lease)

    def renew(self, before: datetime, *, until: datetime) -> list[Lease]:
        """Return the held leases that end before ``due``, and note that they are renewed until ``until``."""
        with self._lock:
            ending = [(key, held) for key, held in self._held.items() if held[0].until < before]
            for key, (lease, started) in ending:
                self._held[key] = (replace(lease, until=until), started)
            return [lease for _, (lease, _) in ending]

    def in_hand(self) -> list[Lease]:
        """Return the leases of the work in progress."""
        with self._lock:
            return [lease for lease, _ in self._held.values()]

    def longest(self) -> timedelta:
        """Return the age of the oldest work in progress."""
        with self._lock:
            started = min((started for _, started in self._held.values()), default=time.monotonic())
        return timedelta(seconds=time.monotonic() - started)

    def close(self) -> None:
        """Take no more work; work in progress continues."""
        self._threads.shutdown(wait=False)

    def _run(self, work: Callable[[Lease], None], lease: Lease) -> None:
        try:
            work(lease)
        except StaleLease:
            log.warning("work came too late", row=lease.id)
        except StorageError as error:
            log.warning("work could not be written down", row=lease.id, problem=str(error))
        except Exception:
            # a fault in watcher costs this row its turn, never the thread; the lease expires, and the row comes again
            log.exception("work failed", row=lease.id)
        finally:
            self._drop(lease)

    def _drop(self, lease: Lease) -> None:
        with self._lock:
            self._held.pop((lease.id, lease.token), None)

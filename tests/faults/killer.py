"""Kills a service at random moments while it works, and starts it again each time."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from faults.journal import Record
from faults.service import Service

SHORTEST, LONGEST = 0.3, 5.0
"""Seconds of a life: the shortest ends before the service has opened its database."""


class Killer:
    """In a thread of its own, from ``with`` on, until it has killed often enough."""

    def __init__(self, service: Service, seed: int, times: int) -> None:
        generator = random.Random(seed)
        self._lives = [generator.uniform(SHORTEST, LONGEST) for _ in range(times)]
        self._service = service
        self._called_off = threading.Event()
        self._thread = threading.Thread(target=self._kill)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, where: object) -> None:
        if error is not None:
            self._called_off.set()
        self._thread.join()

    def _kill(self) -> None:
        for life in self._lives:
            if self._called_off.wait(life):
                return
            self._service.restart()


def recoveries(starts: Sequence[datetime], deaths: Sequence[datetime], events: Sequence[Record]) -> list[timedelta]:
    """How long each life took until the first of these events; lives that ended before it are left out."""
    ends = [*deaths, datetime.max.replace(tzinfo=starts[0].tzinfo)]
    first = [
        next((event["at"] for event in events if start < event["at"] < end), None)
        for start, end in zip(starts, ends, strict=True)
    ]
    return [moment - start for start, moment in zip(starts, first, strict=True) if moment]

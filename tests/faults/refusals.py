"""How a receiver was told to misbehave: so many times, to whom, and how; and how long it takes over everything."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

DROP = "drop"
"""Take the message, then end the connection without an answer."""
STALL = "stall"
"""Take the message, then say nothing until the sender has gone."""


@dataclass(slots=True)
class Refusals:
    """Refusals that were ordered and not yet given."""

    pause: float = 0
    """Seconds between a message and the answer to it."""
    _waiting: list[tuple[str, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def obey(self, order: str, **words: Any) -> int:
        """Refuse, or be slow, from now on."""
        orders: dict[str, Callable[..., int]] = {"refuse": self._refuse, "be slow": self._be_slow}
        return orders[order](**words)

    def _refuse(self, answer: str, to: str = "", times: int = 1) -> int:
        """``answer`` is what to say, or `DROP` or `STALL`; ``to`` one destination, or any. Gives how many wait."""
        with self._lock:
            self._waiting += [(answer, to)] * times
            return len(self._waiting)

    def _be_slow(self, seconds: float) -> int:
        self.pause = seconds
        return len(self._waiting)

    def next(self, destination: str, *, without_answer: bool) -> str:
        """How to refuse this one: with an answer, or without; empty: not at all."""
        with self._lock:
            for refusal in self._waiting:
                answer, to = refusal
                if to in ("", destination) and (answer in (DROP, STALL)) is without_answer:
                    self._waiting.remove(refusal)
                    return answer
        return ""

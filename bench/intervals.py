"""Shares with their 95 % intervals, as every bench on labelled items prints them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @staticmethod
    def holding(found: Iterable[bool]) -> Share:
        """Return the share of what holds."""
        seen = list(found)
        return Share(sum(seen), len(seen))

    @property
    def value(self) -> float:
        """Return the share, 0 to 1; 0 of nothing."""
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval (Wilson 1927); of nothing, everything is possible."""
        if not self.of:
            return 0.0, 1.0
        middle = (self.value + _Z * _Z / (2 * self.of)) / (1 + _Z * _Z / self.of)
        spread = sqrt(self.value * (1 - self.value) / self.of + _Z * _Z / (4 * self.of * self.of))
        half = _Z / (1 + _Z * _Z / self.of) * spread
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        if not self.of:
            return "-"
        low, high = self.interval
        return f"{_short(self.value)} [{_short(low)}, {_short(high)}]"


def _short(value: float) -> str:
    """Return it with three digits after the point, and nothing before it."""
    return f"{value:.3f}".removeprefix("0")

"""How many questions the second reader is asked in a day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionBudget:
    """The questions that may be asked in a day, and those that were. A failed one counts: it may cost as much."""

    a_day: int
    day: date
    """The last day on which any was asked."""
    asked: int
    """On that day."""

    def left(self, today: date) -> int:
        """Return how many may be asked today."""
        return max(self.a_day - self._asked_on(today), 0)

    def after_question(self, today: date) -> QuestionBudget:
        """Return the budget after one more question."""
        return QuestionBudget(a_day=self.a_day, day=today, asked=self._asked_on(today) + 1)

    def _asked_on(self, today: date) -> int:
        return self.asked if today == self.day else 0

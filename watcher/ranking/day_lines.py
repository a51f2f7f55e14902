"""Which of the items that compete become the lines of a day's digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

MAX_LINES_OF_SOURCE = 3
"""Lines of one source while others wait: a single busy outlet must not fill a digest."""

Story = TypeVar("Story", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Story]):
    """An item that competes for a line."""

    story: Story
    source: str


def choose(candidates: Sequence[Candidate[Story]], lines: int) -> list[int]:
    """Return which candidates get one of so many lines, in their order; the candidates come best first.

    A story gets one line. A source fills at most ``MAX_LINES_OF_SOURCE`` of them, unless nothing else is left.
    """
    stories: dict[Story, int] = {}
    for at, candidate in enumerate(candidates):
        stories.setdefault(candidate.story, at)
    filled = Counter[str]()
    first: list[int] = []
    others: list[int] = []
    for at in stories.values():
        filled[candidates[at].source] += 1
        (first if filled[candidates[at].source] <= MAX_LINES_OF_SOURCE else others).append(at)
    return sorted((first + others)[:lines])

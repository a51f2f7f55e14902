"""What the rules of a file learn from their examples, for its author: what they would place wrong, and what to add."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from watcher.pipeline.learning import learnt_alone
from watcher.ranking.training import LeftOut, Lesson
from watcher.rulebook import Rulebook
from watcher.text.humanize import pluralize

MIN_LIKE, MIN_UNLIKE = 6, 12
"""Examples from which a rule finds most of what is meant (bench/README.md, the curve); with fewer more is missed."""
_MISPLACED_OFTEN = 1 / 3
"""Share of the examples of what is meant: more of them placed wrong when left out says that none is like another."""


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An example that a rule would place wrong if it had learnt from the others only."""

    origin: str
    """Where it stands: ``like 3``, ``test 7``."""
    text: str
    meant: bool
    score: float


@dataclass(frozen=True, slots=True)
class RuleLesson:
    """What one rule learnt."""

    claim: str
    rule: str
    like: int
    unlike: int
    now_at: float
    """Score from which an item is told at once."""
    misplaced: tuple[Misplaced, ...]
    advice: tuple[str, ...]
    """What to add, in words."""


def rule_lessons(book: Rulebook) -> list[RuleLesson]:
    """Return what each rule that ranks learns from the examples of its file alone."""
    return [_rule_lesson(key.claim, key.rule, lesson) for key, lesson in learnt_alone(book).items()]


def _rule_lesson(claim: str, rule: str, lesson: Lesson) -> RuleLesson:
    meant = [each for each in lesson.left_out if each.example.positive]
    others = [each for each in lesson.left_out if not each.example.positive]
    misplaced = tuple(_misplaced(each) for each in lesson.left_out if each.misplaced)
    advice = tuple(_advice(len(meant), len(others), misplaced))
    return RuleLesson(claim, rule, len(meant), len(others), lesson.trained.now_at, misplaced, advice)


def _misplaced(each: LeftOut) -> Misplaced:
    return Misplaced(each.example.origin, each.example.item.whole, each.example.positive, each.score)


def _advice(like: int, unlike: int, misplaced: tuple[Misplaced, ...]) -> Iterator[str]:
    missed = sum(each.meant for each in misplaced)
    if like < MIN_LIKE:
        yield f"add to `like`: {pluralize(MIN_LIKE - like, 'more sentence')} as only news would have them"
    elif missed > _MISPLACED_OFTEN * like:
        yield "add to `like`: a second sentence for each of those that would be missed, in other words"
    if unlike < MIN_UNLIKE:
        yield f"add to `unlike`: {pluralize(MIN_UNLIKE - unlike, 'more sentence')} of what only looks like it"
    if missed < len(misplaced):
        yield "compare those of `unlike` that would be told with `like`: if they say nearly the same, one is wrong"

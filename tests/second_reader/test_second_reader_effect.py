"""The second reader only adds: nothing that is told without it is missing with it, whatever it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.ranking.tiers import Tier
from watcher.second_reader.answer import UNCLEAR, Confidence, Flaw, Opinion, Says
from watcher.second_reader.effect import Effect, effect

EVERY = [
    Opinion(answer=answer, quote="", confidence=confidence, flaw=flaw)
    for answer, confidence in product(Says, Confidence)
    for flaw in ((None, *Flaw) if answer is Says.UNCLEAR else (None,))
]
CERTAIN_NO = Opinion(answer=Says.NO, quote="", confidence=Confidence.HIGH)
YES = Opinion(answer=Says.YES, quote="", confidence=Confidence.LOW)
HEIGHT = {Tier.NOW: 2, Tier.LINE: 1, Tier.BELOW: 0}


@dataclass(frozen=True)
class Ranked:
    """An item of a day as its rule has ranked it."""

    id: int
    tier: Tier
    by_hand: bool
    opinion: Opinion
    """What the second reader would say of it."""

    @property
    def unread(self) -> Effect:
        return Effect(tier=self.tier)

    @property
    def read(self) -> Effect:
        return effect(self.tier, self.opinion, by_hand=self.by_hand)


def days(opinion: st.SearchStrategy[Opinion]) -> st.SearchStrategy[list[Ranked]]:
    """Days of items, the best first: those of a higher tier before those of a lower one."""
    item = st.tuples(st.sampled_from(Tier), st.booleans(), opinion)
    ordered = st.lists(item, max_size=30).map(lambda items: sorted(items, key=lambda each: -HEIGHT[each[0]]))
    return ordered.map(lambda items: [Ranked(number, *each) for number, each in enumerate(items)])


def told(day: Sequence[tuple[Ranked, Effect]], lines: int) -> set[int]:
    """Everything told, at once or by a line: the best of those that compete, and those that need not."""
    at_once = {item.id for item, becomes in day if becomes.tier is Tier.NOW}
    beyond = {item.id for item, becomes in day if becomes.tier is Tier.LINE and becomes.beyond_budget}
    compete = [item.id for item, becomes in day if becomes.tier is Tier.LINE and not becomes.beyond_budget]
    return at_once | beyond | set(compete[:lines])


# ------------------------------------------------------------------------------------------------ one item


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("by_hand", [True, False])
def test_a_yes_is_told_at_once_from_every_tier(tier: Tier, by_hand: bool) -> None:
    assert effect(tier, YES, by_hand=by_hand) == Effect(tier=Tier.NOW)


def test_a_certain_no_has_what_was_to_be_told_at_once_wait_for_a_line_of_its_own() -> None:
    assert effect(Tier.NOW, CERTAIN_NO, by_hand=False) == Effect(tier=Tier.LINE, beyond_budget=True)


@pytest.mark.parametrize("tier", [Tier.LINE, Tier.BELOW])
def test_a_certain_no_pushes_nothing_further(tier: Tier) -> None:
    assert effect(tier, CERTAIN_NO, by_hand=False) == Effect(tier=tier)


@pytest.mark.parametrize("opinion", [each for each in EVERY if each != CERTAIN_NO and each.answer is not Says.YES])
@pytest.mark.parametrize("tier", Tier)
def test_anything_else_has_no_effect(tier: Tier, opinion: Opinion) -> None:
    assert effect(tier, opinion, by_hand=False) == Effect(tier=tier)


@pytest.mark.parametrize("opinion", EVERY)
@pytest.mark.parametrize("tier", Tier)
def test_nothing_written_by_hand_is_lowered(tier: Tier, opinion: Opinion) -> None:
    becomes = effect(tier, opinion, by_hand=True)
    assert HEIGHT[becomes.tier] >= HEIGHT[tier]
    assert not becomes.beyond_budget


@pytest.mark.parametrize("opinion", EVERY)
@pytest.mark.parametrize("tier", Tier)
def test_nothing_is_lowered_by_more_than_a_tier_or_to_what_is_only_counted(tier: Tier, opinion: Opinion) -> None:
    becomes = effect(tier, opinion, by_hand=False)
    assert HEIGHT[becomes.tier] >= HEIGHT[tier] - 1
    assert becomes.tier is not Tier.BELOW or tier is Tier.BELOW
    assert becomes.beyond_budget == (HEIGHT[becomes.tier] < HEIGHT[tier])


# ------------------------------------------------------------------------------------------------ a day of items

LINES = st.integers(0, 5)
AT_RANDOM = st.just(CERTAIN_NO) | st.sampled_from(EVERY)
"""With enough of what can lower an item that a day has several."""


@given(days(AT_RANDOM), LINES)
def test_with_a_reader_that_answers_at_random_nothing_told_without_it_is_missing(day: list[Ranked], lines: int) -> None:
    without = told([(item, item.unread) for item in day], lines)
    assert without <= told([(item, item.read) for item in day], lines)


@given(days(st.just(CERTAIN_NO)), LINES)
def test_with_a_reader_that_always_says_no_exactly_the_same_is_told(day: list[Ranked], lines: int) -> None:
    without = told([(item, item.unread) for item in day], lines)
    assert without == told([(item, item.read) for item in day], lines)


@given(days(st.just(UNCLEAR)), LINES)
def test_with_a_reader_that_is_dead_nothing_changes(day: list[Ranked], lines: int) -> None:
    assert [item.read for item in day] == [item.unread for item in day]
    assert told([(item, item.read) for item in day], lines) == told([(item, item.unread) for item in day], lines)


@given(days(AT_RANDOM), st.integers(0, 30), LINES)
def test_a_reader_that_is_asked_about_the_best_only_takes_nothing_away(
    day: list[Ranked], asked: int, lines: int
) -> None:
    partly = [(item, item.read if item.id < asked else item.unread) for item in day]
    assert told([(item, item.unread) for item in day], lines) <= told(partly, lines)


@given(days(AT_RANDOM))
def test_what_is_told_at_once_and_written_by_hand_still_is(day: list[Ranked]) -> None:
    hand_written = [item for item in day if item.by_hand and item.tier is Tier.NOW]
    assert all(item.read == Effect(tier=Tier.NOW) for item in hand_written)

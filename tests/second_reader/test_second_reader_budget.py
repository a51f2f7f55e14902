"""A day has so many questions."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watcher.second_reader.budget import QuestionBudget

MONDAY = date(2026, 1, 19)
TUESDAY = MONDAY + timedelta(days=1)


def test_every_question_takes_one_off_the_day_and_the_next_day_has_all_again() -> None:
    budget = QuestionBudget(a_day=2, day=MONDAY, asked=0)
    once = budget.after_question(MONDAY)
    twice = once.after_question(MONDAY)
    assert [each.left(MONDAY) for each in (budget, once, twice)] == [2, 1, 0]
    assert twice.left(TUESDAY) == 2
    assert twice.after_question(TUESDAY) == QuestionBudget(a_day=2, day=TUESDAY, asked=1)


def test_a_budget_that_was_made_smaller_meanwhile_is_spent() -> None:
    assert QuestionBudget(a_day=2, day=MONDAY, asked=5).left(MONDAY) == 0


@given(st.integers(0, 5), st.lists(st.integers(0, 3)))
def test_no_day_has_more_questions_than_allowed(a_day: int, asked_at: list[int]) -> None:
    budget = QuestionBudget(a_day=a_day, day=MONDAY, asked=0)
    asked: list[date] = []
    for day in (MONDAY + timedelta(days=after) for after in sorted(asked_at)):
        if budget.left(day):
            budget = budget.after_question(day)
            asked.append(day)
    assert all(asked.count(day) <= a_day for day in asked)

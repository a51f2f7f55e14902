"""Logistic regression: the optimum of its objective, whatever the rows."""

from __future__ import annotations

from math import exp, log1p

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.ranking.logistic import Linear, Row, fit

_NAMES = ("a", "b", "c")
_ROWS = st.lists(
    st.builds(
        Row,
        st.dictionaries(st.sampled_from(_NAMES), st.floats(-1, 1).map(lambda value: round(value, 2)), max_size=3),
        st.booleans(),
        st.sampled_from((0.5, 2.0, 20.0)),
    ),
    min_size=1,
    max_size=8,
)


def objective(linear: Linear, rows: list[Row]) -> float:
    size = linear.bias**2 + sum(weight**2 for weight in linear.weights.values())
    return size / 2 + sum(row.weight * _loss((1 if row.positive else -1) * linear(row.features)) for row in rows)


def _loss(margin: float) -> float:
    return log1p(exp(-margin)) if margin > 0 else log1p(exp(margin)) - margin


@given(_ROWS, st.sampled_from(_NAMES), st.sampled_from((-0.05, 0.05)))
def test_no_step_in_any_direction_is_better(rows: list[Row], name: str, step: float) -> None:
    learnt = fit(rows)
    moved = Linear({**learnt.weights, name: learnt.weights.get(name, 0.0) + step}, learnt.bias)
    least = objective(learnt, rows)
    assert least <= objective(moved, rows) + 1e-2 * (1 + least)
    assert least <= objective(Linear(learnt.weights, learnt.bias + step), rows) + 1e-2 * (1 + least)


def test_a_word_of_the_positive_rows_counts_for_and_one_of_the_others_against() -> None:
    learnt = fit([Row({"hired": 1.0}, True, 5.0), Row({"retired": 1.0}, False, 5.0)])
    assert learnt({"hired": 1.0}) > 0.5
    assert learnt({"retired": 1.0}) < -0.5
    assert learnt({}) == pytest.approx(0.0, abs=0.02)


def test_a_row_of_more_weight_is_followed_further() -> None:
    light, heavy = (fit([Row({"x": 1.0}, True, weight), Row({}, False, weight)]) for weight in (1.0, 10.0))
    assert heavy({"x": 1.0}) > light({"x": 1.0}) > 0

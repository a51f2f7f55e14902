"""Logistic regression with L2 regularisation over a few hundred sparse rows, in plain Python.

A library would bring an array package of 60 MB for a problem that takes a fraction of a second. The method is dual
coordinate descent (Yu, Huang and Lin, 2011, "Dual coordinate descent methods for logistic regression and maximum
entropy models", algorithm 5, with the weights of the rows as their upper bounds): deterministic, and without a step
size to choose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

Features = Mapping[str, float]
"""Of a row: its features that are not 0, by name."""

_BIAS = "\0bias"
"""Every row has it, with the value 1."""
_SWEEPS = 60
"""Passes over all rows at most."""
_NEWTON_STEPS = 8
_SETTLED = 1e-4
_TOLERANCE = 1e-2
"""Shares of a dual variable's bound: a change too small to make, and the largest one after which all is settled."""
_START = 0.01
"""Of a bound: nearer to an end than this Newton's steps are too short to leave it."""
_EDGE = 1e-8
"""Of a bound: dual variables stay this far inside it, where the logarithms are finite."""


@dataclass(frozen=True, slots=True)
class Row:
    """One observation: its features, which class it is of, and how much it counts."""

    features: Features
    positive: bool
    weight: float
    """More than 0; the regularisation constant C is part of it."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear function of features: log odds."""

    weights: Features
    bias: float

    def __call__(self, features: Features) -> float:
        weights = self.weights
        return self.bias + sum(value * weights[name] for name, value in features.items() if name in weights)


def fit(rows: Sequence[Row]) -> Linear:
    """Return the linear function that minimises |w|²/2 plus the weighted logistic losses of the rows.

    Rows are taken in the order given, again and again, until nothing moves: the same rows give the same weights.
    """
    number = {_BIAS: 0}
    prepared = [_Prepared.of(row, number) for row in rows]
    w = [0.0] * len(number)
    alphas = [0.0] * len(rows)
    for _ in range(_SWEEPS):
        largest = 0.0
        for at, row in enumerate(prepared):
            margin = row.sign * sum([w[name] * value for name, value in row.features])
            new = _best(alphas[at], margin, row.bound, row.square)
            change = new - alphas[at]
            if abs(change) > _SETTLED * row.bound:
                step = change * row.sign
                for name, value in row.features:
                    w[name] += step * value
                alphas[at] = new
                largest = max(largest, abs(change) / row.bound)
        if largest < _TOLERANCE:
            break
    return Linear({name: w[at] for name, at in number.items() if at and w[at]}, w[0])


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A row with numbers for names."""

    features: list[tuple[int, float]]
    sign: int
    bound: float
    square: float

    @staticmethod
    def of(row: Row, number: dict[str, int]) -> _Prepared:
        named = [(number.setdefault(name, len(number)), value) for name, value in row.features.items()]
        features = [*named, (number[_BIAS], 1.0)]
        return _Prepared(features, 1 if row.positive else -1, row.weight, sum(value * value for _, value in features))


def _best(alpha: float, margin: float, bound: float, square: float) -> float:
    """Return the dual variable of one row that is best while all others stay, by Newton's method kept inside its bound.

    Minimises ``square/2 (z - alpha)² + margin (z - alpha) + z log z + (bound - z) log (bound - z)``.
    """
    low, high = _EDGE * bound, (1 - _EDGE) * bound
    z = min(max(alpha, _START * bound), (1 - _START) * bound)
    for _ in range(_NEWTON_STEPS):
        slope = square * (z - alpha) + margin + log(z / (bound - z))
        if slope > 0:
            high = z
        else:
            low = z
        step = slope / (square + bound / (z * (bound - z)))
        new = z - step
        if not low < new < high:  # where Newton would leave the bracket, halve it
            new = (low + high) / 2
        if abs(new - z) < 1e-6 * bound:
            return new
        z = new
    return z


def probability(log_odds: float) -> float:
    """Return the probability of log odds, between 0 and 1, without overflow."""
    return 1 / (1 + exp(-log_odds)) if log_odds > -700 else 0.0

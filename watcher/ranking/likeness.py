"""How the passages of an item resemble examples: learnt from whole items of which nobody says which passage counts."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from watcher.ranking.logistic import Features, Linear, Row, fit

_CLASS_WEIGHT = 100.0
"""Weight of the losses of one class beside the regularisation, shared by its items: how far the weights follow the
examples. From half to three times as much ranks alike."""
_ROUNDS = 3
"""Of choosing which passages count and learning from them. After three the choice no longer changes."""
_COUNTED_OF_A_NEGATIVE = 3
"""Passages of an item that is not meant which count: those that look most like what is."""

Bag = Sequence[Features]
"""The passages of one item."""


def learn(positive: Sequence[Bag], negative: Sequence[Bag]) -> Linear:
    """Return the log odds of a passage, learnt from items whose best passage is meant and from others.

    Of a positive item only the passage that is best so far counts, the title at first; of a negative one its worst
    (Andrews, Tsochantaridis and Hofmann, 2002, "Support vector machines for multiple-instance learning"). Both classes
    weigh the same, however many there are of each.
    """
    learnt = _fitted(None, positive, negative)
    for _ in range(_ROUNDS - 1):
        learnt = _fitted(learnt, positive, negative)
    return learnt


def relearn(likeness: Linear, positive: Sequence[Bag], negative: Sequence[Bag]) -> Linear:
    """Return what fewer items teach, their passages chosen by what all of them taught."""
    return _fitted(likeness, positive, negative)


def _fitted(learnt: Linear | None, positive: Sequence[Bag], negative: Sequence[Bag]) -> Linear:
    return fit([*_rows(positive, learnt, positive=True), *_rows(negative, learnt, positive=False)])


def best(likeness: Linear, bag: Bag) -> int:
    """Return which passage resembles the examples most."""
    return max(range(len(bag)), key=lambda at: likeness(bag[at]))


def likest(features: Features, bag: Bag) -> int:
    """Return which of these passages shares most with one, by the cosine of their features."""
    return max(range(len(bag)), key=lambda at: _cosine(features, bag[at]))


def _cosine(one: Features, other: Features) -> float:
    shared = sum(value * other[name] for name, value in one.items() if name in other)
    return shared / (_length(one) * _length(other) or 1.0)


def _length(features: Features) -> float:
    return sqrt(sum(value * value for value in features.values()))


def _rows(bags: Sequence[Bag], learnt: Linear | None, *, positive: bool) -> list[Row]:
    rows = []
    for bag in bags:
        counted = _counted(bag, learnt, positive=positive)
        rows += [Row(features, positive, _CLASS_WEIGHT / len(bags) / len(counted)) for features in counted]
    return rows


def _counted(bag: Bag, learnt: Linear | None, *, positive: bool) -> Bag:
    if learnt is None:
        return bag[: 1 if positive else _COUNTED_OF_A_NEGATIVE]
    ordered = sorted(bag, key=learnt, reverse=True)
    return ordered[:1] if positive else ordered[:_COUNTED_OF_A_NEGATIVE]

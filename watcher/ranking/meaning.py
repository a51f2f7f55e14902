"""How the passages of an item resemble examples in meaning, where a model can say so, beside what their words say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from watcher.ranking.likeness import Bag
from watcher.ranking.logistic import Features, Linear

MAX_COMPARED = 6
"""Passages of an item that are compared, those whose words are most like the examples: the model takes 4 ms for each.
With ten the items of the evaluation rank the same."""
SHARE = 0.2
"""What a unit of log odds adds to the score: what words have with few examples. Theirs grows with the examples; with
many of them a model that was not made for the subject says less than words do."""
MIN_LOG_ODDS = -0.5
"""What looks unlike the examples loses no more than this, by words and by meaning. A decisive item in words of its own
must still be found by what it is about."""


class Embedder(Protocol):
    """A model that turns texts into vectors."""

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        """Return the vector of each text, or None where it cannot at present. Raise nothing."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a rule learnt of how its examples are meant, and the scores that count where this is part of them."""

    likeness: Linear
    """The log odds of a vector, whose numbers are features by their position."""
    floor: float
    """As `Trained.floor`."""
    now_at: float
    """As `Trained.now_at`."""


def meant(embedder: Embedder, texts: Sequence[str], bag: Bag, likeness: Linear) -> Bag | None:
    """Return the vectors of the passages of an item that are compared, its first one and those most like the examples.

    None where the model does not work at present.

    Args:
        embedder: the model.
        texts: the passages.
        bag: the features of each passage.
        likeness: how their words resemble the examples.
    """
    nearest = sorted(range(1, len(bag)), key=lambda at: -likeness(bag[at]))
    vectors = embedder.embed([texts[at] for at in (0, *nearest[: MAX_COMPARED - 1])])
    return None if vectors is None else [_features(vector) for vector in vectors]


def added(log_odds: float) -> float:
    """Return what the best passage's log odds by meaning add to the score of an item."""
    return SHARE * max(MIN_LOG_ODDS, log_odds)


def _features(vector: Sequence[float]) -> Features:
    return {str(at): value for at, value in enumerate(vector)}

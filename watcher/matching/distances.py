"""Distances between places in a text: in words, by sentence, by paragraph."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

from watcher.matching.term_view import Place, View

Occurrence = tuple[Place, ...]
Within = int | Literal["s", "p"]
"""At most so many words between; or in the same sentence; or in the same paragraph."""


def hull(occurrence: Occurrence) -> Place:
    """Return the place from the first to the last word of an occurrence."""
    return occurrence[0][0], max(last for _, last in occurrence)


def overlap(one: Place, other: Place) -> bool:
    """Return whether two places share a word."""
    return one[0] <= other[1] and other[0] <= one[1]


def words_between(one: Place, other: Place) -> int:
    """Return how many words are between two places; 0 if they overlap."""
    return max(0, max(one[0], other[0]) - min(one[1], other[1]) - 1)


def last_close(view: View, place: Place, within: Within) -> int:
    """Return the last position that counts as close after a place."""
    return place[1] + within + 1 if isinstance(within, int) else unit(view, place[0], within)[1]


def _unit_starts(view: View, within: Within) -> Sequence[int]:
    document = view.document
    return document.sentences if within == "s" else document.paragraphs


def unit(view: View, position: int, within: Within) -> Place:
    """Return the first and the last position of the sentence, or paragraph, around a position."""
    starts = _unit_starts(view, within)
    following = bisect_right(starts, position)
    return starts[following - 1], starts[following] - 1 if following < len(starts) else view.document.end


def close(view: View, one: Place, other: Place, within: Within) -> bool:
    """Return whether two places overlap, have few enough words between them, or share a sentence or paragraph."""
    if overlap(one, other):
        return True
    if isinstance(within, int):
        return words_between(one, other) <= within
    return max(one[1], other[1]) <= unit(view, min(one[0], other[0]), within)[1]


class Neighbours:
    """Places that may be close to others; a question takes a few look-ups, however many places there are."""

    def __init__(self, view: View, places: Sequence[Place], within: Within) -> None:
        """``places`` must be ascending."""
        self._view = view
        self._places = places
        self._within = within
        self._ends = list(accumulate((last for _, last in places), max))
        """For each place the last position of it and those before it."""
        self._inside = [] if isinstance(within, int) else [place[0] for place in places if self._is_inside(place)]
        """The first positions of those that stand in one sentence, or paragraph."""

    def any_close(self, place: Place) -> bool:
        """Return whether one of them is close to this place, as `close` defines it."""
        within = self._within
        if isinstance(within, int):
            return self._any_overlaps((place[0] - within - 1, place[1] + within + 1))
        return self._any_overlaps(place) or (self._is_inside(place) and self._any_beside(place, within))

    def _any_overlaps(self, place: Place) -> bool:
        before = bisect_right(self._places, place[1], key=lambda other: other[0])
        return before > 0 and self._ends[before - 1] >= place[0]

    def _any_beside(self, place: Place, within: Within) -> bool:
        first, last = unit(self._view, place[0], within)
        return bisect_left(self._inside, first) < bisect_right(self._inside, last)

    def _is_inside(self, place: Place) -> bool:
        return place[1] <= unit(self._view, place[0], self._within)[1]

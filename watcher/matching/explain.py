"""Explain why a rule hit: which words, how far apart, and whether an ``unless`` condition suppresses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from watcher.matching.distances import Occurrence, hull, overlap, unit, words_between
from watcher.matching.nodes import (
    MAX_OCCURRENCES,
    And,
    AtLeast,
    Field,
    Node,
    Not,
    Operand,
    Or,
)
from watcher.matching.parser import Query
from watcher.matching.term_view import Place, View
from watcher.model import Span

_MAX_COMBINATIONS = 50
"""Occurrences of one operand, the most compact ones, around which the nearest of the others are looked for."""

_Allowed = Callable[[Occurrence], bool]
_Found = Sequence[Sequence[Occurrence]]
"""The occurrences of each operand that a hit needs."""

_IN_SENTENCES = ("lead", "text")
"""Parts in which an ``unless`` condition suppresses hits in its sentence; in other parts it suppresses all hits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One way in which a rule hit a document."""

    spans: tuple[Span, ...] = ()
    """In the order of the text; empty if the rule does not hit, or hits by the source alone."""
    suppressed_by: str = ""
    """The names of the conditions that suppress it, comma-separated; empty if it is not suppressed."""
    distance: int | None = None
    """Words between the outermost spans of its proximity, if it has one."""


def explain(query: Query, unless: Sequence[tuple[str, Query]], view: View) -> Hit:
    """Return the closest hit of a rule that no condition suppresses; if all are suppressed, the closest of those.

    A condition suppresses the hits that overlap it or share a sentence with it.
    """
    if not query.root.holds(view):
        return Hit()
    suppressed_by, found = _surviving(query.root, unless, view)
    chosen = _closest(found)
    distances = [_distance(occurrence) for occurrence in chosen if len(occurrence) > 1]
    places = {place for occurrence in chosen for place in occurrence}
    return Hit(
        spans=tuple(sorted({span for place in places for span in view.document.spans(*place)}, key=_order(view))),
        suppressed_by=suppressed_by,
        distance=min(distances, default=None),
    )


def _order(view: View) -> Callable[[Span], tuple[int, int]]:
    parts = list(view.document.parts)
    return lambda span: (parts.index(span.part), span.start)


def _surviving(root: Node, unless: Sequence[tuple[str, Query]], view: View) -> tuple[str, _Found]:
    """Return the conditions that suppress every hit, if any, and the occurrences that are left, or else all."""
    everything = _find(root, view, lambda _: True) or ()
    taken = [(name, region) for name, query in unless if (region := _region(query.root, view))]
    if not taken:
        return "", everything
    for name, region in taken:
        if _find(root, view, _outside(region)) is None:
            return name, everything
    left = _find(root, view, _outside([place for _, region in taken for place in region]))
    if left is None:
        return ", ".join(name for name, _ in taken), everything
    return "", left


def _outside(region: Sequence[Place]) -> _Allowed:
    return lambda occurrence: not any(overlap(place, taken) for place in occurrence for taken in region)


def _find(node: Node, view: View, allowed: _Allowed) -> _Found | None:
    """Return the allowed occurrences of each operand that makes the node hold; None if it does not hold by them."""
    match node:
        case Operand():
            found = [each for each in islice(node.occurrences(view), MAX_OCCURRENCES) if allowed(each)]
            return [found] if found else None
        case Field(part, child) if part != "source":
            return _find(child, view.part(part), allowed)
        case Not():
            return [] if node.holds(view) else None
        case And(children):
            return _at_least(len(children), children, view, allowed)
        case Or(children):
            return _at_least(1, children, view, allowed)
        case AtLeast(count, children):
            return _at_least(count, children, view, allowed)
    return [] if node.holds(view) else None


def _at_least(count: int, children: Sequence[Node], view: View, allowed: _Allowed) -> _Found | None:
    found = [each for child in children if (each := _find(child, view, allowed)) is not None]
    if len(found) < count:
        return None
    return [occurrences for each in found for occurrences in each]


def _region(node: Node, view: View) -> Sequence[Place]:
    """Return the places that a condition suppresses: its sentences, or the whole document."""
    if not node.holds(view):
        return ()
    regions = list(_regions(node, view))
    whole = [(0, view.document.end)]
    return whole if not regions or None in regions else [place for place in regions if place]


def _regions(node: Node, view: View) -> Sequence[Place | None]:
    """Return the sentences around each occurrence; None for one that applies to the whole item."""
    match node:
        case Operand():
            places = [place for each in islice(node.occurrences(view), MAX_OCCURRENCES) for place in each]
            return [_sentences(place, view) for place in places]
        case Field(part, child):
            if part not in _IN_SENTENCES:
                return [None] if node.holds(view) else []
            return _regions(child, view.part(part))
        case And(children) | Or(children) | AtLeast(_, children):
            return [region for child in children if child.holds(view) for region in _regions(child, view)]
    return []


def _sentences(place: Place, view: View) -> Place:
    """Return a place extended to the start and the end of its sentences."""
    return unit(view, place[0], "s")[0], unit(view, place[1], "s")[1]


def _closest(found: _Found) -> Sequence[Occurrence]:
    """Return one occurrence of each operand, such that they are close together."""
    if not found:
        return ()
    core = min(found, key=lambda occurrences: (len(occurrences[0]) == 1, len(occurrences)))
    others = [occurrences for occurrences in found if occurrences is not core]
    ways = [[each, *(_nearest(each, others_) for others_ in others)] for each in _compact(core)]
    return min(ways, key=lambda way: sum(_distance(each) for each in way) + sum(_apart(way[0], each) for each in way))


def _compact(occurrences: Sequence[Occurrence]) -> Sequence[Occurrence]:
    return sorted(occurrences, key=lambda each: (_distance(each), each))[:_MAX_COMBINATIONS]


def _nearest(core: Occurrence, occurrences: Sequence[Occurrence]) -> Occurrence:
    return min(occurrences, key=lambda each: (_apart(core, each) + _distance(each), each))


def _apart(one: Occurrence, other: Occurrence) -> int:
    return words_between(hull(one), hull(other))


def _distance(occurrence: Occurrence) -> int:
    """Return the number of words between the outermost places of an occurrence."""
    return words_between(occurrence[0], occurrence[-1])

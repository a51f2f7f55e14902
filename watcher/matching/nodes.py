"""The parsed rule: a tree whose nodes know what they mean in a document.

Every node ``holds`` or not. Nodes that name something in the text are *operands*: they also return where it is found.
An **occurrence** is one way to find an operand: the places of its words, in the order of the text. Only a proximity
has more than one place in an occurrence. Operands without a proximity inside are *flat*: their places are enough.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from operator import itemgetter

from watcher.matching.distances import Neighbours, Occurrence, Within, close, hull, last_close, overlap
from watcher.matching.regexes import Regex
from watcher.matching.term_view import Place, View

MAX_OCCURRENCES = 500
"""Occurrences that are tried of each operand of a nested proximity. Bounds the product of two operands."""

_MAX_PAIRS = MAX_OCCURRENCES**2
"""Occurrences that are tried of a proximity inside another."""


class Node:
    """One part of a rule."""

    __slots__ = ()

    def holds(self, view: View) -> bool:
        """Return whether this is true of what the view shows of a document."""
        raise NotImplementedError


class Operand(Node):
    """A part of a rule that is found at places in the text."""

    __slots__ = ()

    flat = True
    """Whether every occurrence is one place."""

    def holds(self, view: View) -> bool:
        return bool(self.places(view))

    def places(self, view: View) -> Sequence[Place]:
        """Return the places from the first to the last word of each occurrence, ascending."""
        raise NotImplementedError

    def occurrences(self, view: View) -> Iterator[Occurrence]:
        """Yield every way to find it."""
        return ((place,) for place in self.places(view))


@dataclass(frozen=True, slots=True)
class Word(Operand):
    """One word, by the key of its term (see ``vocabulary``)."""

    key: str

    def holds(self, view: View) -> bool:
        return bool(view.places(self.key))

    def places(self, view: View) -> Sequence[Place]:
        return [(at, at) for at in view.places(self.key)]


@dataclass(frozen=True, slots=True)
class Phrase(Operand):
    """Words that follow one another."""

    words: tuple[Word, ...]

    def places(self, view: View) -> Sequence[Place]:
        found = view.found
        for each in self.words:
            if each.key not in found:
                return ()
        starts = set(view.places(self.words[0].key))
        for index, each in enumerate(self.words[1:], 1):
            starts.intersection_update([at - index for at in view.places(each.key)])
            if not starts:
                return ()
        return [(start, start + len(self.words) - 1) for start in sorted(starts)]


@dataclass(frozen=True, slots=True)
class Range(Operand):
    """A number between two bounds, both included."""

    low: float
    high: float

    def places(self, view: View) -> Sequence[Place]:
        return [(each.first, each.last) for each in view.numerals if self.low <= each.value <= self.high]


@dataclass(frozen=True, slots=True)
class Expression(Operand):
    """A regular expression over the text of each part and page; its places are the words that it touches."""

    regex: Regex

    def places(self, view: View) -> Sequence[Place]:
        if self not in view.memo:
            view.memo[self] = list(self._find(view))
        found: Sequence[Place] = view.memo[self]
        return found

    def _find(self, view: View) -> Iterator[Place]:
        document = view.document
        for stretch, position in zip(document.stretches, document.starts, strict=True):
            if stretch.part not in view.parts or not stretch.surfaces:
                continue
            for start, end in self.regex.find(stretch.text):
                last = max(0, bisect_left(stretch.spans, (end, 0)) - 1)
                first = min(last, bisect_right(stretch.spans, start, key=itemgetter(1)))
                yield position + first, position + last


class _Alternatives(Operand):
    __slots__ = ()

    children: tuple[Operand, ...]

    def holds(self, view: View) -> bool:
        return any(child.holds(view) for child in self.children)

    def places(self, view: View) -> Sequence[Place]:
        found = [places for child in self.children if (places := child.places(view))]
        return found[0] if len(found) == 1 else sorted(set(chain.from_iterable(found)))

    def occurrences(self, view: View) -> Iterator[Occurrence]:
        return chain.from_iterable(child.occurrences(view) for child in self.children)


@dataclass(frozen=True, slots=True)
class AnyOf(_Alternatives):
    """Any of several operands, as one operand."""

    children: tuple[Operand, ...]

    @property
    def flat(self) -> bool:  # type: ignore[override]  # a constant of the class for every other operand
        return all(child.flat for child in self.children)


@dataclass(frozen=True, eq=False)
class TermList(_Alternatives):
    """A named list of terms, shared by the rules that use it and found once per document."""

    name: str
    children: tuple[Operand, ...]

    def holds(self, view: View) -> bool:
        return bool(self.places(view))

    def places(self, view: View) -> Sequence[Place]:
        if self not in view.memo:
            places = (child.places(view) for child in self._possible(view.found))
            view.memo[self] = sorted(set(chain.from_iterable(places)))
        found: Sequence[Place] = view.memo[self]
        return found

    def _possible(self, found: Mapping[str, Sequence[int]]) -> Iterator[Operand]:
        """Yield the entries whose first word is in the document: few of a long list."""
        if len(self._by_word) < len(found):
            keys = [key for key in self._by_word if key in found]
        else:
            keys = [key for key in found if key in self._by_word]
        return chain(self._without_words, *(self._by_word[key] for key in keys))

    @cached_property
    def _by_word(self) -> Mapping[str, Sequence[Operand]]:
        entries: dict[str, list[Operand]] = {}
        for child in self.children:
            if isinstance(child, Word | Phrase):
                first = child.words[0] if isinstance(child, Phrase) else child
                entries.setdefault(first.key, []).append(child)
        return entries

    @cached_property
    def _without_words(self) -> Sequence[Operand]:
        return [child for child in self.children if not isinstance(child, Word | Phrase)]


@dataclass(frozen=True, slots=True)
class Near(Operand):
    """Two operands close to one another, whose words do not overlap."""

    left: Operand
    right: Operand
    within: Within
    ordered: bool = False

    flat = False

    def holds(self, view: View) -> bool:
        return next(self.occurrences(view), None) is not None

    def places(self, view: View) -> Sequence[Place]:
        return sorted({hull(each) for each in islice(self.occurrences(view), _MAX_PAIRS)})

    def occurrences(self, view: View) -> Iterator[Occurrence]:
        if not (self.left.flat and self.right.flat):
            return self._nested(view)
        left = self.left.places(view)
        right = self.right.places(view) if left else ()
        if not right:
            return iter(())
        forward = self._following(view, left, right)
        return forward if self.ordered else chain(forward, self._following(view, right, left))

    def _following(self, view: View, one: Sequence[Place], other: Sequence[Place]) -> Iterator[Occurrence]:
        """Yield each place of ``one`` with the places of ``other`` that come after it, close enough."""
        for place in one:
            farthest = last_close(view, place, self.within)
            for index in range(bisect_left(other, (place[1] + 1, 0)), len(other)):
                after = other[index]
                if after[0] > farthest:
                    break
                if isinstance(self.within, int) or after[1] <= farthest:
                    yield place, after

    def _nested(self, view: View) -> Iterator[Occurrence]:
        rights = list(islice(self.right.occurrences(view), MAX_OCCURRENCES))
        for left in islice(self.left.occurrences(view), MAX_OCCURRENCES):
            for right in rights:
                if self._joins(view, left, right):
                    yield tuple(sorted(left + right))

    def _joins(self, view: View, left: Occurrence, right: Occurrence) -> bool:
        one, other = hull(left), hull(right)
        if self.ordered and one[1] >= other[0]:
            return False
        if any(overlap(a, b) for a in left for b in right):
            return False
        return close(view, one, other, self.within)


@dataclass(frozen=True, slots=True)
class NotNear(Operand):
    """An operand at the places where another is not close; overlapping counts as close."""

    left: Operand
    right: Operand
    within: Within

    @property
    def flat(self) -> bool:  # type: ignore[override]  # a constant of the class for every other operand
        return self.left.flat

    def holds(self, view: View) -> bool:
        return next(self.occurrences(view), None) is not None

    def places(self, view: View) -> Sequence[Place]:
        return sorted({hull(each) for each in self.occurrences(view)})

    def occurrences(self, view: View) -> Iterator[Occurrence]:
        others = Neighbours(view, self.right.places(view), self.within)
        found = self.left.occurrences(view)
        for each in found if self.left.flat else islice(found, _MAX_PAIRS):
            if not others.any_close(hull(each)):
                yield each


@dataclass(frozen=True, slots=True)
class SourceName(Node):
    """The id or a tag of the source that the item came from."""

    name: str

    def holds(self, view: View) -> bool:
        names = view.document.names
        if self.name.endswith("*"):
            return any(name.startswith(self.name[:-1]) for name in names)
        return self.name in names


@dataclass(frozen=True, slots=True)
class And(Node):
    """All of these."""

    children: tuple[Node, ...]

    def holds(self, view: View) -> bool:
        return all(child.holds(view) for child in self.children)


@dataclass(frozen=True, slots=True)
class Or(Node):
    """At least one of these, of which not all are operands."""

    children: tuple[Node, ...]

    def holds(self, view: View) -> bool:
        return any(child.holds(view) for child in self.children)


@dataclass(frozen=True, slots=True)
class Not(Node):
    """Not this."""

    child: Node

    def holds(self, view: View) -> bool:
        return not self.child.holds(view)


@dataclass(frozen=True, slots=True)
class AtLeast(Node):
    """At least ``count`` of these."""

    count: int
    children: tuple[Node, ...]

    def holds(self, view: View) -> bool:
        return next(islice((True for child in self.children if child.holds(view)), self.count - 1, None), False)


@dataclass(frozen=True, slots=True)
class Field(Node):
    """This, in one part of the document only."""

    part: str
    child: Node

    def holds(self, view: View) -> bool:
        return self.child.holds(view if self.part == "source" else view.part(self.part))


def children_of(node: Node) -> Sequence[Node]:
    """Return the children of a node."""
    match node:
        case AnyOf(children) | And(children) | Or(children) | AtLeast(_, children) | TermList(_, children):
            return children
        case Near(left, right) | NotNear(left, right):
            return left, right
        case Not(child) | Field(_, child):
            return (child,)
    return ()


def keys_of(nodes: Iterable[Node]) -> set[str]:
    """Return the keys of every word in these trees."""
    keys: set[str] = set()
    lists: set[TermList] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Word):
            keys.add(node.key)
        elif isinstance(node, Phrase):
            keys.update([word.key for word in node.words])
        elif not isinstance(node, TermList):
            waiting += children_of(node)
        elif node not in lists:
            lists.add(node)
            waiting += node.children
    return keys

"""Find what a document must contain for a rule to hit: sets of terms, of each of which at least one must occur."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from weakref import WeakKeyDictionary

from watcher.matching.nodes import (
    And,
    AnyOf,
    AtLeast,
    Field,
    Near,
    Node,
    Not,
    NotNear,
    Or,
    Phrase,
    TermList,
    Word,
    children_of,
)
from watcher.matching.vocabulary import is_pattern

Clause = frozenset[str]
_Priced = tuple[float, Collection[str]]
"""The estimated share of documents that a clause lets through, and its terms (a set if many rules share it)."""

_ANCHORED: WeakKeyDictionary[TermList, bool] = WeakKeyDictionary()
"""Whether a list has an anchor; remembered, since a list may be long and used by many rules."""

_cost = itemgetter(0)
_MIN_PREFIX_CHARS = 3


def guess(key: str) -> float:
    """Return the estimated share of documents that contain a term: shorter terms are more common."""
    letters = key.split("*")[0].split("?")[0] if is_pattern(key) else key
    return float(0.5 ** len(letters))


class Anchors:
    """Finds the clauses of rules, rarest first."""

    def __init__(self, share: Callable[[str], float] = guess) -> None:
        """``share`` returns the share of all documents that contain a term."""
        self._share = cache(share)
        self._lists: dict[TermList, Sequence[_Priced]] = {}

    def of(self, node: Node) -> Sequence[Clause]:
        """Return the two rarest clauses of a whole rule, or as many as it has, the rarest first."""
        clauses: list[Clause] = []
        for _, terms in sorted(self._required(node), key=_cost):
            clause = frozenset(terms)
            if clause not in clauses:
                clauses.append(clause)
            if len(clauses) == 2:
                break
        return clauses

    def wanted(self, node: Node) -> Clause | None:
        """Return the terms that can make a rule hit (of a phrase only the rarest); None if it can hit without any."""
        return frozenset(self._helpful(node)) if self._required(node) else None

    def _helpful(self, node: Node) -> Iterable[str]:
        match node:
            case Word(key):
                return (key,)
            case Phrase(words):
                return (min((word.key for word in words), key=self._share),)
            case NotNear(inner):
                return self._helpful(inner)
            case Not():
                return ()
        return chain.from_iterable(map(self._helpful, children_of(node)))

    def _required(self, node: Node) -> Sequence[_Priced]:
        children: Sequence[Node] = ()
        match node:
            case AnyOf(children) | Or(children):
                return self._one_of(children, len(children))
            case Word(key):
                return ((self._share(key), (key,)),)
            case Phrase(words):
                return [(self._share(word.key), (word.key,)) for word in words]
            case AtLeast(count, children):
                return self._one_of(children, len(children) - count + 1)
            case TermList():
                return self._of_list(node)
            case And(children):
                pass
            case Near(left, right):
                children = left, right
            case NotNear(inner) | Field(_, inner):
                children = (inner,)
        return [priced for child in children for priced in self._required(child)]

    def _of_list(self, terms: TermList) -> Sequence[_Priced]:
        if terms not in self._lists:
            gathered = self._one_of(terms.children, len(terms.children))
            self._lists[terms] = [(cost, frozenset(keys)) for cost, keys in gathered]
        return self._lists[terms]

    def _one_of(self, children: Sequence[Node], needed: int) -> Sequence[_Priced]:
        """Return a clause that any of these satisfies. Of a count, one of the rarest ``needed`` must be found."""
        rarest = [found for child in children if (found := self._rarest(child))]
        if len(rarest) < needed:
            return ()
        if len(rarest) > needed:
            rarest = sorted(rarest, key=_cost)[:needed]
        costs, clauses = zip(*rarest, strict=True)
        return ((sum(costs), [*chain.from_iterable(clauses)]),)

    def _rarest(self, node: Node) -> _Priced | None:
        if isinstance(node, Word):
            return self._share(node.key), (node.key,)
        if isinstance(node, Phrase):
            key = min([word.key for word in node.words], key=self._share)
            return self._share(key), (key,)
        return min(self._required(node), key=_cost, default=None)


def is_weak(key: str) -> bool:
    """Return whether a term is found in nearly every document: a prefix or pattern with few letters at its start."""
    return is_pattern(key) and len(key.split("*")[0].split("?")[0]) < _MIN_PREFIX_CHARS


def is_anchored(node: Node) -> bool:
    """Return whether a rule requires a word that is not in nearly every document."""
    match node:
        case Word(key):
            return not is_weak(key)
        case And(children) | Phrase(children):
            return any(map(is_anchored, children))
        case Near(left, right):
            return is_anchored(left) or is_anchored(right)
        case NotNear(inner) | Field(_, inner):
            return is_anchored(inner)
        case TermList():
            if node not in _ANCHORED:
                _ANCHORED[node] = all(map(is_anchored, node.children))
            return _ANCHORED[node]
        case AnyOf(children) | Or(children):
            return all(map(is_anchored, children))
        case AtLeast(count, children):
            return sum(map(is_anchored, children)) > len(children) - count
    return False

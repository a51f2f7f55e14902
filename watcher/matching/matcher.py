"""Match standing rules with one document after another, at the cost of the few rules that may hit it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import chain
from typing import Any

from watcher.matching import native
from watcher.matching.anchors import Anchors, guess
from watcher.matching.document import Document
from watcher.matching.explain import Hit, explain
from watcher.matching.index import Engine, PythonEngine, TermReader
from watcher.matching.nodes import keys_of
from watcher.matching.parser import Query
from watcher.matching.term_view import View
from watcher.matching.vocabulary import Vocabulary

_MAX_CHANGES = 1_000
"""Changed rules that have a small index of their own until the large index is rebuilt."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule that waits for documents."""

    key: Hashable
    query: Query
    unless: tuple[tuple[str, Query], ...] = ()
    """Names and conditions that suppress a hit of this rule."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """Rules in an index, in order; those in ``replaced`` were changed or removed since."""

    keys: tuple[Hashable, ...]
    index: Any
    replaced: frozenset[Hashable] = frozenset()

    def hits(self, numbers: Iterable[int]) -> Iterator[Hashable]:
        hits = map(self.keys.__getitem__, numbers)
        return (key for key in hits if key not in self.replaced) if self.replaced else hits


class Matcher:
    """Standing rules, ready for documents. Immutable; ``changed`` returns another that shares most of it."""

    def __init__(
        self, standing: Iterable[Standing] = (), *, sample: Sequence[Document] = (), compiled: bool = True
    ) -> None:
        """Index these rules.

        ``sample``: documents like those to come, from which the matcher learns which words are rare. ``compiled``:
        use the compiled core if it was built.
        """
        self._standing: Mapping[Hashable, Standing] = {each.key: each for each in standing}
        self._reader = TermReader()
        self._engine = _engine(self._reader, compiled=compiled)
        self._learn(self._standing.values())
        self._anchors = Anchors(_shares(sample, self._reader.vocabulary))
        self._main = self._rules(self._standing)
        self._recent: Mapping[Hashable, Standing] = {}
        self._delta = self._rules(self._recent)

    @property
    def core(self) -> str:
        """Return which implementation runs: compiled or python."""
        return self._engine.name

    def hits(self, document: Document) -> tuple[Hashable, ...]:
        """Return the keys of the rules that hit, suppressed hits included."""
        main, delta = self._engine.find(document, (self._main.index, self._delta.index))
        return (*self._main.hits(main), *self._delta.hits(delta))

    def terms(self, keys: Iterable[Hashable]) -> frozenset[str] | None:
        """Return the terms that can make a rule hit (of a phrase only the rarest); None if one can hit without any."""
        terms: set[str] = set()
        for key in keys:
            wanted = self._anchors.wanted(self._standing[key].query.root)
            if wanted is None:
                return None
            terms |= wanted
        return frozenset(terms)

    def holds_any(self, terms: frozenset[str], document: Document) -> bool:
        """Return whether one of these terms is anywhere in a document, be it in a title that is all in capitals."""
        spellings = chain.from_iterable(stretch.surfaces for stretch in document.stretches)
        return not all(map(terms.isdisjoint, map(self._reader.vocabulary.of.__getitem__, spellings)))

    def explain(self, key: Hashable, document: Document) -> Hit:
        """Return how a rule hit a document. Raise KeyError for an unknown rule."""
        standing = self._standing[key]
        return explain(standing.query, standing.unless, self._reader.view(document))

    def changed(self, add: Iterable[Standing] = (), remove: Iterable[Hashable] = ()) -> Matcher:
        """Return a matcher with the rules of ``add`` added or replaced by key, and those of ``remove`` removed."""
        added = {each.key: each for each in add}
        replaced = {*remove, *added}
        changed = copy(self)
        changed._learn(added.values())
        changed._standing = {key: each for key, each in self._standing.items() if key not in replaced} | added
        recent = {key: each for key, each in self._recent.items() if key not in replaced} | added
        all_replaced = self._main.replaced | replaced
        if len(recent) + len(all_replaced) > _MAX_CHANGES:
            changed._main, recent = self._rules(changed._standing), {}
        else:
            changed._main = _Rules(self._main.keys, self._main.index, all_replaced)
        changed._recent = recent
        changed._delta = self._rules(recent)
        return changed

    def _learn(self, standing: Iterable[Standing]) -> None:
        rules = [each.query.root for each in standing]
        conditions = {query.root for each in standing for _, query in each.unless}
        keys = keys_of(rules)
        self._reader.vocabulary.add(keys | keys_of(conditions))
        self._engine.learn(keys)

    def _rules(self, standing: Mapping[Hashable, Standing]) -> _Rules:
        roots = [each.query.root for each in standing.values()]
        return _Rules(tuple(standing), self._engine.index(roots, self._anchors))


def _engine(reader: TermReader, *, compiled: bool) -> Engine[Any]:
    if compiled and native.is_built():
        return native.CompiledEngine(reader)
    return PythonEngine(reader)


def _shares(sample: Sequence[Document], vocabulary: Vocabulary) -> Callable[[str], float]:
    """Return the share of the sample's documents that a term is in; without a sample a guess from its looks."""
    if not sample:
        return guess
    counts = Counter(chain.from_iterable(View.of(document, vocabulary).found for document in sample))
    return lambda key: (counts[key] + guess(key)) / len(sample)

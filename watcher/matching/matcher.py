"""Match standing rules with one document after another, at the cost of the few rules that may hit it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from watcher.matching import native
from watcher.matching.anchors import Anchors, guess
from watcher.matching.document import Document
from watcher.matching.explain import Hit, explain
from watcher.matching.index import Engine, PythonEngine, TermReader
from watcher.matching.nodes import keys_of
from watcher.matching.parser import Query
from watcher.matching.term_view import View
from watcher.matching.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule that waits for documents."""

    key: Hashable
    query: Query
    unless: tuple[tuple[str, Query], ...] = ()
    """Names and conditions that suppress a hit of this rule."""


class Matcher:
    """Standing rules, ready for documents. Immutable."""

    def __init__(
        self, standing: Iterable[Standing] = (), *, sample: Sequence[Document] = (), compiled: bool = True
    ) -> None:
        """Index these rules.

        ``sample``: documents like those to come, from which the matcher learns which words are rare. ``compiled``:
        use the compiled core if it was built.
        """
        self._standing = {each.key: each for each in standing}
        self._keys = tuple(self._standing)
        rules = [each.query.root for each in self._standing.values()]
        conditions = {query.root for each in self._standing.values() for _, query in each.unless}
        keys = keys_of(rules)
        vocabulary = Vocabulary(keys | keys_of(conditions))
        self._reader = TermReader(vocabulary)
        self._anchors = Anchors(_shares(sample, vocabulary))
        self._engine: Engine = (
            native.CompiledEngine(rules, self._anchors, keys, self._reader)
            if compiled and native.is_built()
            else PythonEngine(rules, self._anchors, self._reader)
        )

    @property
    def core(self) -> str:
        """Return which implementation runs: compiled or python."""
        return self._engine.name

    def hits(self, document: Document) -> tuple[Hashable, ...]:
        """Return the keys of the rules that hit, suppressed hits included."""
        return tuple([self._keys[number] for number in self._engine.find(document)])

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


def _shares(sample: Sequence[Document], vocabulary: Vocabulary) -> Callable[[str], float]:
    """Return the share of the sample's documents that a term is in; without a sample a guess from its looks."""
    if not sample:
        return guess
    counts = Counter(chain.from_iterable(View.of(document, vocabulary).found for document in sample))
    return lambda key: (counts[key] + guess(key)) / len(sample)

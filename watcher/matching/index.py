"""Find the rules that hold in a document, in Python.

Every rule waits at the rarest set of terms of which one must occur (its *anchor*); a document wakes only the rules
whose anchor it holds. A second set, the *guard*, turns most of those away before anything is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from watcher.matching.anchors import Anchors, Clause
from watcher.matching.document import Document
from watcher.matching.nodes import Node
from watcher.matching.term_view import View
from watcher.matching.vocabulary import Vocabulary

_NO_GUARD: Clause = frozenset()


class TermReader:
    """Finds the terms of a vocabulary in documents; remembers the last, since a hit is explained right after."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self._last: tuple[Document, int, View] | None = None

    def view(self, document: Document) -> View:
        """Return the terms of the vocabulary that are in the document."""
        last, size = self._last, len(self.vocabulary)
        if last is None or last[0] is not document or last[1] != size:
            last = self._last = (document, size, View.of(document, self.vocabulary))
        return last[2]


Index = TypeVar("Index")


class Engine(Protocol[Index]):
    """One implementation of finding the rules that hold."""

    name: str

    def learn(self, keys: Iterable[str]) -> None:
        """Learn these terms. Call it before `index` is called with rules that use them."""

    def index(self, roots: Sequence[Node], anchors: Anchors) -> Index:
        """Return an index of these rules, which finds them by their number."""

    def find(self, document: Document, indexes: Sequence[Index]) -> Sequence[Sequence[int]]:
        """Return for each index the numbers of its rules that hold, ascending."""


class PythonIndex:
    """Rules by their anchor terms."""

    def __init__(self, roots: Sequence[Node], anchors: Anchors) -> None:
        self._roots = roots
        self._always: list[int] = []
        self._waiting: dict[str, list[tuple[int, Clause]]] = {}
        for number, root in enumerate(roots):
            clauses = anchors.of(root)
            if not clauses:
                self._always.append(number)
                continue
            guard = clauses[1] if len(clauses) > 1 else _NO_GUARD
            for key in clauses[0]:
                self._waiting.setdefault(key, []).append((number, guard))

    def find(self, view: View) -> Sequence[int]:
        """Return the numbers of the rules that hold, ascending."""
        return [number for number in sorted(self._awake(view.found)) if self._roots[number].holds(view)]

    def _awake(self, found: Mapping[str, object]) -> set[int]:
        awake = set(self._always)
        waiting = self._waiting
        none_of = found.keys().isdisjoint
        for key in found.keys() & waiting.keys():
            for number, guard in waiting[key]:
                if not guard or not none_of(guard):
                    awake.add(number)
        return awake


class PythonEngine:
    """Finds rules in Python alone."""

    name = "python"

    def __init__(self, reader: TermReader) -> None:
        self._reader = reader

    def learn(self, keys: Iterable[str]) -> None:
        """Do nothing: the reader's vocabulary has the terms already."""

    def index(self, roots: Sequence[Node], anchors: Anchors) -> PythonIndex:
        """See Engine."""
        return PythonIndex(roots, anchors)

    def find(self, document: Document, indexes: Sequence[PythonIndex]) -> Sequence[Sequence[int]]:
        """See Engine."""
        view = self._reader.view(document)
        return [index.find(view) for index in indexes]

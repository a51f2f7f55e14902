"""Find the rules that hold in a document, in Python.

Every rule waits at the rarest set of terms of which one must occur (its *anchor*); a document wakes only the rules
whose anchor it holds. A second set, the *guard*, turns most of those away before anything is evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from watcher.matching.anchors import Anchors, Clause
from watcher.matching.document import Document
from watcher.matching.nodes import Node
from watcher.matching.term_view import View
from watcher.matching.vocabulary import Vocabulary

_NO_GUARD: Clause = frozenset()


class TermReader:
    """Finds the terms of a vocabulary in documents; remembers the last, since a hit is explained right after."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._last: tuple[Document, View] | None = None

    def view(self, document: Document) -> View:
        """Return the terms of the vocabulary that are in the document."""
        last = self._last
        if last is None or last[0] is not document:
            last = self._last = (document, View.of(document, self.vocabulary))
        return last[1]


class Engine(Protocol):
    """One implementation of finding the rules that hold."""

    name: str

    def find(self, document: Document) -> Sequence[int]:
        """Return the numbers of the rules that hold, ascending."""


class PythonEngine:
    """Finds rules in Python alone."""

    name = "python"

    def __init__(self, roots: Sequence[Node], anchors: Anchors, reader: TermReader) -> None:
        """Index these rules, which are numbered from 0, by their anchor terms."""
        self._roots = roots
        self._reader = reader
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

    def find(self, document: Document) -> Sequence[int]:
        """See Engine."""
        view = self._reader.view(document)
        return [number for number in sorted(self._awake(view.found)) if self._roots[number].holds(view)]

    def _awake(self, found: Mapping[str, Sequence[int]]) -> set[int]:
        awake = set(self._always)
        waiting = self._waiting
        none_of = found.keys().isdisjoint
        for key in found.keys() & waiting.keys():
            for number, guard in waiting[key]:
                if not guard or not none_of(guard):
                    awake.add(number)
        return awake

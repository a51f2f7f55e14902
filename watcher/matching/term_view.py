"""The terms of a vocabulary found in one document: at which positions, in which part."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from watcher.matching.document import MAIN_PARTS, Document
from watcher.matching.numerals import Numeral, numerals
from watcher.matching.vocabulary import Vocabulary, needs_capitals

Place = tuple[int, int]
"""First and last position of something found, both inclusive."""

_NOWHERE: tuple[int, ...] = ()


class View:
    """The terms found in a document, seen through some of its parts. Positions are those of the document."""

    def __init__(self, document: Document, found: Mapping[str, Sequence[int]], parts: Sequence[str]) -> None:
        self.document = document
        self.found = found
        """Each term that occurs anywhere in the document, with its positions, ascending."""
        self.parts = parts
        self.first, self.last = document.extent(parts)
        self.memo: dict[object, Any] = {}
        """What has been found for nodes that several rules share."""
        self._inner: dict[str, View] = {}

    @classmethod
    def of(cls, document: Document, vocabulary: Vocabulary) -> View:
        """Find every term of the vocabulary; the view is of title, lead and text."""
        found: dict[str, list[int]] = {}
        keys_of = vocabulary.of.__getitem__
        for stretch, start in zip(document.stretches, document.starts, strict=True):
            for position, keys in enumerate(map(keys_of, stretch.surfaces), start):
                for key in keys:
                    if key in found:
                        found[key].append(position)
                    else:
                        found[key] = [position]
        _doubt_capitals(document, found)
        return cls(document, found, MAIN_PARTS)

    def part(self, name: str) -> View:
        """Return the same document seen through one of its parts."""
        if name not in self._inner:
            self._inner[name] = View(self.document, self.found, (name,))
        return self._inner[name]

    def places(self, key: str) -> Sequence[int]:
        """Return the positions of a term in this view, ascending."""
        found = self.found.get(key)
        if found is None:
            return _NOWHERE
        if self.first <= found[0] and found[-1] <= self.last:
            return found
        return found[bisect_left(found, self.first) : bisect_right(found, self.last)]

    @cached_property
    def numerals(self) -> Sequence[Numeral]:
        """Return the numbers in this view, written in figures or in words."""
        document = self.document
        return [
            numeral
            for stretch, start in zip(document.stretches, document.starts, strict=True)
            if stretch.part in self.parts
            for numeral in numerals(stretch.surfaces, start)
        ]


def _doubt_capitals(document: Document, found: dict[str, list[int]]) -> None:
    """Remove terms in capitals that are found only in parts all in capitals, if other parts are not."""
    if not document.doubts_capitals:
        return
    main_end = document.extent(MAIN_PARTS)[1]
    for key in filter(needs_capitals, list(found)):
        sure = [at for at in found[key] if not document.in_capitals(at)]
        if not any(at <= main_end for at in sure):
            found[key] = sure
            if not sure:
                del found[key]

"""What of an item is compared with the examples: its sentences, alone and with their neighbour."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt

from watcher.judging.idf import Idf
from watcher.ranking.ranked_text import RankedText, words
from watcher.ranking.relations import RELATIONS, RelationName
from watcher.text.folding import fold
from watcher.text.sentences import sentence_spans
from watcher.text.stems import stem

MAX_SENTENCES = 12
"""Sentences of an item that are compared, those with most of the rule's words: on long articles the chance of one that
looks like an example by accident grows with their number."""
MAX_WINDOW_CHARS = 600
_NAMED = 0.4
"""Value of the features of lists and relations, beside those of words, whose squares add up to 1. From 0.2 to 0.8 ranks
alike."""
_MAX_SCANNED = 400
"""Sentences of an item among which those are chosen, far more than any news story has."""


@dataclass(frozen=True, slots=True)
class Window:
    """A passage of an item: one sentence, or two that follow each other."""

    text: str
    start: int
    """Offset in `RankedText.whole`."""


def windows(item: RankedText, weights: Mapping[str, float]) -> list[Window]:
    """Return the passages of an item that are compared: the title, the sentences nearest to the rule's words, each with
    the one after it. There is at least one.
    """
    whole = item.whole
    spans = [(start, end) for start, end in sentence_spans(whole)][:_MAX_SCANNED]
    if not spans:
        return [Window(whole, 0)]
    nearness = {at: _nearness(whole[start:end], weights) for at, (start, end) in enumerate(spans)}
    nearest = sorted([0, *sorted(nearness, key=lambda at: (-nearness[at], at))[:MAX_SENTENCES]])
    chosen = dict.fromkeys(nearest)
    pairs = [(at, at + 1) for at in chosen if at + 1 < len(spans)]
    passages = [spans[at] for at in chosen] + [(spans[first][0], spans[second][1]) for first, second in pairs]
    return [Window(whole[start : min(end, start + MAX_WINDOW_CHARS)], start) for start, end in passages]


def _nearness(sentence: str, weights: Mapping[str, float]) -> float:
    return sum(weights.get(word, 0.0) for word in set(words(sentence[:MAX_WINDOW_CHARS])))


class FeatureReader:
    """Reads the features of a passage: its stems and pairs of them, the lists it names, the words of a relation.

    Values are weighted by how rare a word is and scaled to length 1, so that a long passage says no more than a short
    one.
    """

    def __init__(self, idf: Idf, lists: Mapping[str, Iterable[str]], relation: RelationName | None = None) -> None:
        self._idf = idf
        self._lists = {name: pattern for name, names in lists.items() if (pattern := _any_of(names))}
        self._relation = RELATIONS[relation] if relation else None

    def __call__(self, text: str) -> dict[str, float]:
        """Return the features of a passage by name; those of lists and relations are not scaled."""
        found = words(text)
        counts = Counter(found)
        counts.update(f"{one} {other}" for one, other in pairwise(found))
        values = {name: (1 + log(count)) * self._weight(name) for name, count in counts.items()}
        length = sqrt(sum(value * value for value in values.values())) or 1.0
        return (
            {name: value / length for name, value in values.items()} | self._of_lists(text) | self._of_relation(found)
        )

    def _weight(self, name: str) -> float:
        return self._idf.rarest if " " in name else self._idf.weight(name)

    def _of_lists(self, text: str) -> dict[str, float]:
        folded = fold(text)
        where = {name: [hit.start() for hit in pattern.finditer(folded)] for name, pattern in self._lists.items()}
        named = [name for name, starts in where.items() if starts]
        return {f"list:{name}": _NAMED for name in named} | (
            {"lists:all": _NAMED} if len(named) > 1 and len(named) == len(where) else {}
        )

    def _of_relation(self, found: tuple[str, ...]) -> dict[str, float]:
        if self._relation is None:
            return {}
        sides = [bool(side.intersection(found)) for side in (self._relation.first, self._relation.second)]
        return {
            name: _NAMED
            for name, holds in (
                ("relation:first", sides[0]),
                ("relation:second", sides[1]),
                ("relation:both", all(sides)),
            )
            if holds
        }


def _any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    ordered = sorted({fold(name) for name in names if name}, key=lambda name: (-len(name), name))
    if not ordered:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_pattern, ordered))})(?!\w)")


def _pattern(name: str) -> str:
    """Return an expression for a folded entry of a list: ``deport*``, ``~police`` (all its forms) or as it stands."""
    if name.endswith("*"):
        return re.escape(name[:-1]) + r"\w*"
    return re.escape(stem(name[1:])) + r"\w*" if name.startswith("~") else re.escape(name)

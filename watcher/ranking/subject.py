"""What an item is about: the words of each rule's claim, lists and examples as evidence that adds up.

All rules at once, through an inverted index, as `watcher.judging.topic` does for claims: an item costs what it shares
with them, whatever their number.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Generic, TypeVar

from watcher.judging.idf import Idf
from watcher.ranking.ranked_text import RankedText, words
from watcher.text.folding import fold
from watcher.text.lead import lead_end

Key = TypeVar("Key", bound=Hashable)

# Chosen on five invented claims of 409 items, among 3,000 news wires (bench/README.md): the best decisive items in the
# first ten lines of a day. All are flat: half or twice the value costs at most two points.
_K1 = 0.5
"""How soon a word that comes again adds nothing (BM25). Low: that a word is there says most of what it says."""
_B = 0.4
"""How far a long text is made to pay for its length (BM25). Below the usual 0.75: the decisive sentence of long minutes
stands once, and deep."""
_LEAD = 0.8
"""What a word in the title and the opening adds to what it says in the whole text."""
_LIKE = 0.6
"""Weight of a word that only the examples have, beside one of the claim or its lists."""
_UNLIKE = 0.4
"""The same for a word of the examples of what is not meant: they too are of the subject."""
_IN_ONE = 0.6
"""Of that, when it occurs in a single example: it may be there by accident."""
_SHORT = 0.6
"""The same for the beginning of a listed name, as people shorten it ("wirra" for Wirrabeen)."""
_HEAVIEST = 12
"""Words of a rule that make up the whole of its evidence: an item that has them all, in title and text, scores 1. By
all of its words, a rule with many examples would give low scores to everything."""
_LOCAL = 0.03
"""Of the weight of its heaviest words: what an item of a source of the place has for free."""
_USUAL_TERMS = 200.0
_USUAL_LEAD_TERMS = 26.0
"""Words of an ordinary item and of its opening, as in `watcher.judging.topic`: fixed, so that the score of an item does
not depend on what came before it."""
_MAX_WORDS = 150
"""Heaviest words of a rule that are looked for: what many examples add beyond them is common, and costs every item."""


@dataclass(frozen=True, slots=True)
class About:
    """What a person wrote about a rule: all of it is evidence, and none of it is required."""

    claim: str
    """The claim's sentence and the rule's question."""
    lists: Mapping[str, tuple[str, ...]]
    """Names and words by their list: ``deport*`` stands for all that begin so, ``~police`` for all its forms."""
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    """Texts of what is meant, and of what is not."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The words of a rule, weighted."""

    weights: Mapping[str, float]
    """By stem or acronym, as `watcher.ranking.ranked_text.words` has them."""
    whole: float
    """The weight that counts as all there is to find: that of the ``_HEAVIEST`` words."""

    @staticmethod
    def of(about: About, idf: Idf) -> Subject:
        """Weigh the words of a rule: by where they stand, and how rare they are in the stream."""
        shares = defaultdict[str, float](float)
        for texts, share in ((about.like, _LIKE), (about.unlike, _UNLIKE)):
            for word, count in Counter(word for text in texts for word in set(words(text))).items():
                shares[word] = max(shares[word], share if count > 1 else share * _IN_ONE)
        listed = (form for names in about.lists.values() for name in names for form in _forms(name, idf))
        for text in (about.claim, *listed):
            shares.update(dict.fromkeys(words(text), 1.0))
        weighted = ((word, share * idf.weight(word)) for word, share in shares.items())
        heaviest = nlargest(_MAX_WORDS, weighted, key=lambda pair: (pair[1], pair[0]))
        short = {form: _SHORT * idf.weight(form) for names in about.lists.values() for form in _short_forms(names)}
        return Subject(short | dict(heaviest), sum(weight for _, weight in heaviest[:_HEAVIEST]))


@dataclass(frozen=True, slots=True)
class Subjects(Generic[Key]):
    """The subjects of all rules, indexed by word."""

    keys: frozenset[Key]
    _index: Mapping[str, Sequence[tuple[Key, float]]] = field(repr=False)

    @staticmethod
    def indexed(subjects: Mapping[Key, Subject]) -> Subjects[Key]:
        """Index the words of the rules."""
        index: defaultdict[str, list[tuple[Key, float]]] = defaultdict(list)
        for key, subject in subjects.items():
            whole = subject.whole * (1 + _LEAD)
            for word, weight in subject.weights.items():
                index[word].append((key, weight / whole))
        return Subjects(frozenset(subjects), dict(index))

    def scores(self, item: RankedText) -> dict[Key, float]:
        """Return how much the item is about each rule that shares a word with it: 0, and about 1 for all there is."""
        scores: defaultdict[Key, float] = defaultdict(float)
        opening = item.text[: lead_end(item.text)]
        self._add(scores, (*words(item.whole), *words(item.source)), _USUAL_TERMS, 1.0)
        self._add(scores, (*words(item.title), *words(opening)), _USUAL_LEAD_TERMS, _LEAD)
        if item.local:
            for key in scores:
                scores[key] += _LOCAL
        return dict(scores)

    def _add(self, scores: defaultdict[Key, float], found: Iterable[str], usual: float, times: float) -> None:
        counts = Counter(found)
        slowness = _K1 * (1 - _B + _B * counts.total() / usual)
        for word in counts.keys() & self._index.keys():
            says = times * (_K1 + 1) * counts[word] / (counts[word] + slowness)
            for key, weight in self._index[word]:
                scores[key] += weight * says


_SHORT_CHARS = range(5, 10)
"""Letters of a name that people shorten it to; a name loses two at least."""
_NAME = re.compile(r"\b[A-Z]\w{6,}")


def _short_forms(names: Iterable[str]) -> set[str]:
    found = {fold(name) for listed in names for name in _NAME.findall(listed)}
    return {name[:length] for name in found for length in _SHORT_CHARS if length <= len(name) - 2}


def _forms(name: str, idf: Idf) -> list[str]:
    """Return the words a listed name stands for: itself, or what the stream has that begins so."""
    if not name.endswith("*"):
        return [name]
    start = name[:-1].lower()
    return [start, *sorted(word for word in idf.df if word.startswith(start))] if len(start) > 2 else [start]

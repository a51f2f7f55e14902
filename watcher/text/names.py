"""Names in a text: what is written with a capital where a word would not be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from watcher.text.folding import straighten
from watcher.text.sentences import sentences

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:['&-][^\W_]+)*")
_JOINING = frozenset({"of", "de", "del", "da", "la", "van", "von", "al", "bin"})
"""Small words inside a name. "And" and "for" stand between two names as often: "left Duluth for Hibbing"."""
_NO_NAMES = frozenset(
    {"january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
     "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mr", "mrs", "ms", "dr", "i"}
)  # fmt: skip
_HEADLINE_WORDS = 3
_HEADLINE_WORD_CHARS = 4
"""Headlines in capitals leave shorter words small."""


class _Word(NamedTuple):
    text: str
    first: bool
    """It begins a sentence or a quotation, where every word has a capital."""
    ends: bool
    """What follows it belongs to no name that it is part of."""

    @property
    def capital(self) -> bool:
        return self.text[0].isupper() and self.text.lower() not in _NO_NAMES

    @property
    def acronym(self) -> bool:
        return self.text.isupper() and len(self.text) > 1


def names(text: str) -> Counter[str]:
    """Return the names in a text and how often each stands there.

    The first word of a sentence counts if it is an acronym, or has its capital inside of another sentence as well, and
    is nowhere in small letters. Sentences in which every word has a capital, as headlines do, say nothing.
    """
    read = [list(_words(sentence)) for sentence in sentences(straighten(text))]
    runs = [run for words in read if not _is_headline(words) for run in _runs(words)]
    sure = {word.text for run in runs for word in run if not word.first}
    sure -= {word.text.capitalize() for words in read for word in words if word.text.islower()}
    found: Counter[str] = Counter()
    for run in runs:
        head = run[0]
        doubtful = head.first and not head.acronym and head.text not in sure
        name = " ".join(word.text for word in (run[1:] if doubtful else run))
        if len(name) > 1:
            found[name] += 1
    return found


def _runs(words: Sequence[_Word]) -> Iterator[list[_Word]]:
    """Yield the runs of words with capitals; a run may hold small words of names, and neither begins nor ends so."""
    run: list[_Word] = []
    waiting: list[_Word] = []
    for word in words:
        if word.capital:
            run += [*waiting, word] if run else [word]
            waiting = []
        elif run and (word.text in _JOINING or (waiting and word.text == "the")):
            waiting.append(word)
        if run and (word.ends or not (word.capital or waiting)):
            yield run
            run, waiting = [], []
    if run:
        yield run


def _words(sentence: str) -> Iterator[_Word]:
    before = ""
    tokens = list(_WORD.finditer(sentence))
    for place, token in enumerate(tokens):
        following = tokens[place + 1].start() if place + 1 < len(tokens) else len(sentence)
        gap = sentence[token.end() : following]
        initial = len(token[0]) == 1 and gap == ". "
        possessive = token[0].endswith("'s")
        text = token[0].removesuffix("'s") + ("." if initial else "")
        first = place == 0 or any(mark in before for mark in '":(')
        if text and not (gap.startswith(". ") and not initial):  # "Gov. ", "Jan. ": what abbreviates is no name
            yield _Word(text, first, ends=possessive or not (gap == " " or initial))
        before = gap


def _is_headline(words: Sequence[_Word]) -> bool:
    long = [word for word in words if len(word.text) >= _HEADLINE_WORD_CHARS and word.text[0].isalpha()]
    return len(long) >= _HEADLINE_WORDS and all(word.text[0].isupper() for word in long)

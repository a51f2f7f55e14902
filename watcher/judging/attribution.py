"""How what a sentence says is known: by its own wording, a record, a named person or body, people who are not named,
or hearsay.

The wording says who is made to answer for a statement; it does not say that the statement is true. The patterns are
general English and some Spanish of news writing, none of them about a claim.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from watcher.judging import attribution_lexicon as lexicon
from watcher.model import Attribution
from watcher.text.folding import straighten
from watcher.text.lines import collapsed

_MAX_SENTENCE_CHARS = 1_000
"""Characters of a sentence that are read, about the longest that people write."""
_MAX_WORDS_CHARS = 80
"""Characters of the words shown: they are to be found in the text, not to repeat it."""


class Known(NamedTuple):
    """How something is known, and the words that say so."""

    attribution: Attribution = Attribution.UNKNOWN
    words: str = ""
    start: int = 0
    end: int = 0
    """Where the words are in the sentence on one line, end exclusive."""


def attribution(sentence: str) -> Known:
    """Return how what a sentence says is known; of several ways the strongest, and unknown where it gives none.

    >>> attribution("Two officers left for ICE, personnel records show.")[:2]
    (<Attribution.RECORD: 'record'>, 'personnel records show')
    >>> attribution("Four had applied, said a person familiar with the matter.")[:2]
    (<Attribution.ANONYMOUS: 'anonymous'>, 'a person familiar with')

    What a named person only heard is hearsay.
    """
    read = straighten(collapsed(sentence[:_MAX_SENTENCE_CHARS]))
    for kind, pattern in _STRONGEST_FIRST:
        if kind is Attribution.NAMED and (heard := _SECOND_HAND.search(read)):
            return _known(Attribution.HEARSAY, heard)
        if found := pattern.search(read):
            return _known(kind, found)
    return Known()


def _known(kind: Attribution, found: re.Match[str]) -> Known:
    shown = found.group().strip(" ,")
    return Known(kind, shown[:_MAX_WORDS_CHARS].rstrip(), found.start(), found.end())


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_SECOND_HAND = _any_of(lexicon.SECOND_HAND)
_STRONGEST_FIRST = (
    (Attribution.RECORD, _any_of(*lexicon.RECORD)),
    (Attribution.NAMED, _any_of(*lexicon.NAMED)),
    (Attribution.ANONYMOUS, _any_of(*lexicon.ANONYMOUS)),
    (Attribution.HEARSAY, _any_of(*lexicon.HEARSAY)),
)

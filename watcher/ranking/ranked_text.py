"""What of an item is ranked, and its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from watcher.judging.topic_words import terms

MAX_TEXT_CHARS = 40_000
"""Characters of a text that are ranked, about 6,500 words: longer than any news story. The rest of a text of 20 MB
would cost seconds and say nothing about what it is on."""

_ACRONYM = re.compile(r"\b[A-Z][A-Z&]{1,5}\b")
_SMALL_LETTER = re.compile(r"[a-z]")
_SHOUTED_WORDS = 3
"""Words in capitals from which nothing in a text counts as an acronym: "ICE" and "ICE HSI" do."""
_HANDLE = re.compile(r"[@#](\w{4,40})")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class RankedText:
    """What of an item is ranked: its words and who published it, never its date, its length or its address."""

    title: str
    text: str = ""
    """The summary where there is no text."""
    source: str = ""
    """Name of the source or the outlet."""
    local: bool = False
    """The source is tagged as one of the place: it need not name it."""

    @property
    def whole(self) -> str:
        """The title and the text, at most ``MAX_TEXT_CHARS``."""
        return f"{self.title}. {self.text}"[:MAX_TEXT_CHARS] if self.text else self.title[:MAX_TEXT_CHARS]


@lru_cache(maxsize=64)
def words(text: str) -> tuple[str, ...]:
    """Return the stems of a text, in order, its acronyms in capitals after them, and the words of its handles.

    "ICE" is an acronym and the stem "ice" as well: what is evidence for the agency is no evidence for the weather. In
    a text all in capitals nothing is an acronym.

    >>> words("ICE hired two officers, wrote @MplsPolice")
    ('ice', 'hire', 'two', 'offic', 'wrote', 'mplspolic', 'ICE', 'mpls', 'polic')
    """
    acronyms = () if _shouts(text) else tuple(_ACRONYM.findall(text))
    handles = terms(" ".join(part for name in _HANDLE.findall(text) for part in _CAMEL.findall(name)))
    return terms(text) + acronyms + handles


def _shouts(text: str) -> bool:
    return not _SMALL_LETTER.search(text) and len(text.split(maxsplit=_SHOUTED_WORDS)) >= _SHOUTED_WORDS

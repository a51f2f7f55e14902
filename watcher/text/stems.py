"""Stems: what the forms of an English word share."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache

import Stemmer


class _Stemmers(threading.local):
    """One stemmer for each thread: it keeps a cache inside, and PyStemmer says it must not be shared."""

    def __init__(self) -> None:
        self.english = Stemmer.Stemmer("english")


_stemmers = _Stemmers()


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the Snowball stem (english) of a folded word."""
    return str(_stemmers.english.stemWord(word))


def stems(words: Iterable[str]) -> tuple[str, ...]:
    """Return the Snowball stems (english) of folded words, in order: faster than one at a time."""
    return tuple(_stemmers.english.stemWords(list(words)))

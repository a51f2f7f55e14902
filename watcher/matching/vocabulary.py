"""The terms of a rule set, and which of them a spelling matches.

A term is known by its key, the canonical way to write it, which also says its kind: ``officer`` (case and accents
ignored), ``ICE`` (exactly these capitals), ``=Ice`` (exactly this spelling), ``~resign`` (a stem), ``quit*`` and
``organi?ation`` (a pattern).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from watcher.matching.rule_words import MAX_WORD_CHARS, is_capitals, plain
from watcher.text.folding import fold
from watcher.text.stems import stem

Keys = tuple[str, ...]

_MAX_SPELLINGS = 200_000
"""Spellings; 10,000 news items have about 50,000."""


def is_pattern(key: str) -> bool:
    """Return whether the key is a pattern with ``*`` or ``?``."""
    return "*" in key or "?" in key


def needs_capitals(key: str) -> bool:
    """Return whether the key is a smart-case term in capitals, which a part all in capitals cannot prove."""
    return key[0] not in "=~" and is_capitals(key)


class Vocabulary:
    """Finds the terms that a spelling matches. Everything about language happens here, once per spelling."""

    def __init__(self, keys: Iterable[str]) -> None:
        """Learn the terms of these keys."""
        self._words = frozenset(keys)
        self._stems = frozenset(key for key in self._words if key[0] == "~")
        self._patterns: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        """The patterns, by the letters that everything matching them starts with."""
        for key in filter(is_pattern, self._words):
            head = re.split(r"[*?]", key, maxsplit=1)[0]
            self._patterns.setdefault(head, []).append((key, _expression(key)))
        self._heads = sorted({len(head) for head in self._patterns})
        self.of = _Memo(self)
        """From each spelling to its keys."""

    def look_up(self, surface: str) -> Keys:
        """Return the keys of the terms that this spelling matches."""
        spelling = plain(surface)
        folded = fold(spelling)
        keys = [key for key in (folded, "=" + spelling) if key in self._words]
        if is_capitals(spelling) and spelling in self._words:
            keys.append(spelling)
        if self._stems and "~" + stem(folded) in self._stems:
            keys.append("~" + stem(folded))
        if self._patterns:
            keys += self._matching_patterns(spelling, folded)
        return tuple(keys)

    def _matching_patterns(self, spelling: str, folded: str) -> Iterable[str]:
        for written in {spelling, folded}:
            for length in self._heads:
                for key, expression in self._patterns.get(written[:length], ()):
                    if written == (spelling if needs_capitals(key) else folded) and expression.fullmatch(written):
                        yield key


class _Memo(dict[str, Keys]):
    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, surface: str) -> Keys:
        if len(surface) > MAX_WORD_CHARS:
            return ()
        if len(self) >= _MAX_SPELLINGS:
            self.clear()
        keys = self[surface] = self._vocabulary.look_up(surface)
        return keys


def _expression(key: str) -> re.Pattern[str]:
    letters = {"?": ".", "*": ".*"}
    return re.compile("".join(letters.get(letter) or re.escape(letter) for letter in key), re.DOTALL)

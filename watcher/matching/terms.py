"""Parse one term into its operand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import normalize

from watcher.matching.errors import QueryError
from watcher.matching.nodes import Operand, Phrase, Range, Word
from watcher.matching.rule_words import MAX_WORD_CHARS, is_capitals, pattern_for, plain
from watcher.text.folding import fold
from watcher.text.stems import stem

_CHUNK = re.compile(r"\S+")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})?(?![\w.])", re.ASCII)
_OPEN_PIECE = re.compile(r"(?:[^\W_]|\?)+\*?")
_JOINTS = re.compile(r"[-–—'’/]+")
_MIN_STEM_CHARS = 4


def operand(text: str) -> Operand:
    """Return the word or phrase of a term. Raise QueryError."""
    words: list[Word] = []
    for number, chunk in enumerate(text.split()):
        try:
            words += _words(chunk)
        except QueryError as problem:
            raise problem.moved([found.start() for found in _CHUNK.finditer(text)][number]) from None
    if not words:
        raise QueryError("this term contains no word", 0, len(text))
    return words[0] if len(words) == 1 else Phrase(tuple(words))


@lru_cache(maxsize=65_536)
def word(text: str) -> Operand:
    """Return the operand of a term without white space; remembered, because rules share most of their terms."""
    return operand(text)


def number_range(text: str) -> Range:
    """Return the range of numbers that a text writes. Raise QueryError if its bounds are the wrong way round."""
    found = RANGE.fullmatch(text)
    assert found, text
    low, high = (float(bound.replace(",", "")) if bound else float("inf") for bound in found.groups())
    if low > high:
        raise QueryError(f"no number is in this range: write {found[2]}..{found[1]}", 0, len(text))
    return Range(low, high)


def stem_warning(text: str) -> str:
    """Return a warning about a stem that is likely to find too much; else an empty text."""
    bare = text.removeprefix("~")
    if len(bare) < _MIN_STEM_CHARS or bare[:1].isupper():
        return f"~{bare}: stems of names and of words under {_MIN_STEM_CHARS} letters find unrelated words"
    return ""


@lru_cache(maxsize=65_536)
def _words(chunk: str) -> Sequence[Word]:
    """Return the words of a term without white space; remembered, because rules share most of their terms."""
    if written := RANGE.search(chunk):
        message = f"a range is not allowed in a phrase: write {written[0]} before/0 and the words after it"
        raise QueryError(message, 0, len(chunk))
    mark = chunk[0] if chunk[0] in "=~" else ""
    body = chunk[len(mark) :]
    if "*" in body or "?" in body:
        return _open_words(mark, body)
    surfaces = pattern_for(body).findall(body)
    if mark and not surfaces:
        raise QueryError(f"{mark} needs a word after it", 0, len(chunk))
    return [Word(_key(mark, surface, len(chunk))) for surface in surfaces]


def _key(mark: str, surface: str, length: int) -> str:
    if len(surface) > MAX_WORD_CHARS:
        raise QueryError(f"a word is at most {MAX_WORD_CHARS} letters long", 0, length)
    spelling = plain(surface)
    if mark == "=":
        return "=" + spelling
    if mark == "~":
        return "~" + stem(fold(spelling))
    return spelling if is_capitals(spelling) else fold(spelling)


def _open_words(mark: str, body: str) -> list[Word]:
    """Return the words of a chunk that contains * or ?."""
    if mark:
        raise QueryError(f"{mark} cannot be combined with * or ?", 0, len(body) + 1)
    words: list[Word] = []
    for piece in filter(None, _JOINTS.split(normalize("NFC", body))):
        letters = piece.replace("*", "").replace("?", "")
        surfaces = pattern_for(letters).findall(letters)
        if letters == piece:
            words += [Word(_key("", surface, len(body))) for surface in surfaces]
        elif not _OPEN_PIECE.fullmatch(piece):
            raise QueryError("* belongs at the end of a word, after letters: quit*", 0, len(body))
        elif len(surfaces) > 1:
            message = f"each of these characters is a word by itself: leave * and ? out and write {letters}"
            raise QueryError(message, 0, len(body))
        else:
            words.append(Word(piece if is_capitals(piece) else fold(piece)))
    return words

"""From a written term to the operand it stands for."""

from __future__ import annotations

import re
from functools import lru_cache

from watcher.matching.errors import QueryError
from watcher.matching.nodes import Operand, Phrase, Range, Word, word
from watcher.matching.words import LONGEST_WORD, fold, is_capitals, pattern_for, plain, stem

_CHUNK = re.compile(r"\S+")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})?(?![\w.])", re.ASCII)
_OPEN_PIECE = re.compile(r"(?:[^\W_]|\?)+\*?")
_JOINTS = re.compile(r"[-–—'’/]+")
_SHORTEST_STEM = 4


def operand(text: str, offset: int = 0) -> Operand:
    """The word or phrase that these words are. Raises QueryError, at offsets counted from ``offset``."""
    try:
        return _operand(text)
    except QueryError as problem:
        raise QueryError(problem.message, offset + problem.offset, problem.length) from None


@lru_cache(maxsize=65_536)
def _operand(text: str) -> Operand:
    """Remembered, because the rules of a rulebook share most of their terms."""
    words: list[Word] = []
    for chunk in _CHUNK.finditer(text):
        if written := RANGE.search(chunk[0]):
            message = f"a range cannot stand in a phrase: write {written[0]} before/0 and the words after it"
            raise QueryError(message, chunk.start(), len(chunk[0]))
        words += _words(chunk[0], chunk.start())
    if not words:
        raise QueryError("there is no word in this term", 0, len(text))
    return words[0] if len(words) == 1 else Phrase(tuple(words))


def number_range(text: str, offset: int = 0) -> Range:
    """The range that this text is. Raises QueryError if its bounds are the wrong way round."""
    found = RANGE.fullmatch(text)
    assert found, text
    low, high = (float(bound.replace(",", "")) if bound else float("inf") for bound in found.groups())
    if low > high:
        raise QueryError(f"no number is in this range: write {found[2]}..{found[1]}", offset, len(text))
    return Range(low, high)


def stem_warning(text: str) -> str:
    """What to say about a stem that is likely to find too much; empty if nothing."""
    bare = text.removeprefix("~")
    if len(bare) < _SHORTEST_STEM or bare[:1].isupper():
        return f"~{bare}: stems of names and of words under {_SHORTEST_STEM} letters find unrelated words"
    return ""


def _words(chunk: str, offset: int) -> list[Word]:
    mark = chunk[0] if chunk[0] in "=~" else ""
    body = chunk[len(mark) :]
    if "*" in body or "?" in body:
        return _open_words(mark, body, offset)
    surfaces = pattern_for(body).findall(body)
    if mark and not surfaces:
        raise QueryError(f"{mark} needs a word after it", offset, len(chunk))
    return [word(_key(mark, surface, offset, len(chunk))) for surface in surfaces]


def _key(mark: str, surface: str, offset: int, length: int) -> str:
    if len(surface) > LONGEST_WORD:
        raise QueryError(f"a word is at most {LONGEST_WORD} letters long", offset, length)
    spelling = plain(surface)
    if mark == "=":
        return "=" + spelling
    if mark == "~":
        return "~" + stem(fold(spelling))
    return spelling if is_capitals(spelling) else fold(spelling)


def _open_words(mark: str, body: str, offset: int) -> list[Word]:
    """The words of a chunk of which at least one has * or ? in it."""
    if mark:
        raise QueryError(f"{mark} cannot be combined with * or ?", offset, len(body) + 1)
    words: list[Word] = []
    for piece in filter(None, _JOINTS.split(body)):
        if "*" not in piece and "?" not in piece:
            words += [word(_key("", surface, offset, len(body))) for surface in pattern_for(piece).findall(piece)]
        elif not _OPEN_PIECE.fullmatch(piece):
            raise QueryError("* stands at the end of a word, after letters: quit*", offset, len(body))
        else:
            words.append(word(piece if is_capitals(piece) else fold(piece)))
    return words

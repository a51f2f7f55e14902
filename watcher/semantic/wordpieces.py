"""Text to numbers of word pieces, as BERT's uncased models were trained to read it (Devlin et al., 2018).

The library for this brings a client that downloads models and a dozen packages more, for forty lines. The pieces in
``wordpieces.txt`` are those of ``bert-base-uncased``, by Google, under the Apache License 2.0; a piece's number is its
line.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

MAX_PIECES = 128
"""With the two at the ends: as long as the passages that the model was trained on. 600 characters of prose are 130."""
_MAX_WORD_CHARS = 100
"""A longer word is unknown as a whole."""
_START, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_CONTINUED = "##"
_HAN = "㐀-䶿一-鿿豈-﫿\U00020000-\U0002a6df\U0002a700-\U0002ceaf\U0002f800-\U0002fa1f"
_ALONE = re.compile(f"[{_HAN}{re.escape(string.punctuation)}]")
"""Besides all punctuation of Unicode: what is a word of its own, whatever stands beside it."""
_UNSEEN = frozenset({"Cc", "Cf", "Co"})
"""Categories of characters that are left out: control, format, private use."""


def numbers(text: str) -> list[int]:
    """Return the numbers of the pieces of a text, between those of its start and end; ``MAX_PIECES`` at most.

    >>> numbers("Officers quit.")
    [101, 3738, 8046, 1012, 102]
    """
    known = _pieces()
    found = [known[_START]]
    for word in _words(text):
        found += _pieces_of(word, known)
        if len(found) >= MAX_PIECES:
            break
    return [*found[: MAX_PIECES - 1], known[_END]]


@cache
def _pieces() -> dict[str, int]:
    lines = files(__package__).joinpath("wordpieces.txt").read_text(encoding="utf-8").split("\n")
    return {piece: number for number, piece in enumerate(lines) if piece}


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text without capitals and accents, each mark of punctuation as one."""
    plain = unicodedata.normalize("NFD", "".join(map(_printable, text))).lower()
    spaced = "".join(
        "" if (kind := unicodedata.category(char)) == "Mn" else f" {char} " if _stands_alone(char, kind) else char
        for char in plain
    )
    yield from spaced.split()


def _printable(char: str) -> str:
    if char.isspace():
        return " "
    return "" if char == "\ufffd" or unicodedata.category(char) in _UNSEEN else char


def _stands_alone(char: str, category: str) -> bool:
    return category.startswith("P") or _ALONE.match(char) is not None


def _pieces_of(word: str, known: dict[str, int]) -> list[int]:
    """Return the longest piece that a word begins with, then the longest that goes on, and so forth."""
    found: list[int] = []
    start = 0
    while start < len(word) <= _MAX_WORD_CHARS:
        prefix = _CONTINUED if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if prefix + word[start:end] in known), None)
        if end is None:
            break
        found.append(known[prefix + word[start:end]])
        start = end
    return found if start == len(word) else [known[_UNKNOWN]]

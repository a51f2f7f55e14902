"""What a word is: the one place that cuts text into words and decides which spellings are the same word.

The rules (rules/README.md gives each with an example that runs as a test):

- A word is a run of letters and digits of any script, with the accents written after them. Soft hyphens and
  zero-width characters inside it count as absent.
- A possessive ``'s`` belongs to its word and is not compared; every other apostrophe, and every hyphen, ends a word.
- Single letters joined by full stops are one word: ``U.S.`` is ``US``.
- A number keeps its thousands separators and decimals: ``20,000`` is one word, the same as ``20000``.
- Chinese characters and Japanese kana are words of one character each.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

MAX_WORD_CHARS = 100
"""No term may be longer, so no term matches a longer word."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_IGNORABLE = "\u00ad\u200b-\u200d\u2060\ufeff"
_CLASSIFIED = 0x20000
"""Characters below are looked up; above there are ideographs to 0x3ffff, and nothing else that makes a word."""

_POSSESSIVE = re.compile(r"['’][sS]$")
_DROPPED = re.compile(f"[{_IGNORABLE}]")
_INITIALISM = re.compile(r"[^\W\d_](?:\.[^\W\d_])+\.?")

# The same pattern twice: over ASCII alone the character sets are bit maps, which is twice as fast.
_WORD = r"""(?x)
(?: {letter} (?:\.{letter})+ (?!{inside}) \.?
  | {digit}+ (?:,{digit}{{3}}(?!{digit}))* (?:\.{digit}+)* {inside}*
  | {start} {inside}*
  {single}
)
(?: ['’][sS] (?!{inside}) )?
"""
_ASCII_WORD = re.compile(
    _WORD.format(letter="[A-Za-z]", digit="[0-9]", start="[A-Za-z]", inside="[A-Za-z0-9]", single="")
)


def _marks() -> str:
    """Return the accents and vowel signs of every script, and ignored characters, as ranges of a character set."""
    combining = [c for c in range(_CLASSIFIED) if unicodedata.category(chr(c))[0] == "M"]
    ranges: list[list[int]] = []
    for c in combining:
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + _IGNORABLE


@cache
def _unicode_word() -> re.Pattern[str]:
    above = f"{chr(0x40000)}-{chr(sys.maxunicode)}"
    letter = f"[^\\W\\d_{_CJK}{above}]"
    start = f"[^\\W_{_CJK}{above}]"
    marks = _marks()
    inside = f"(?:{start}|[{marks}])"
    single = f"| [{_CJK}] [{marks}]*"
    return re.compile(_WORD.format(letter=letter, digit=r"\d", start=start, inside=inside, single=single))


def pattern_for(text: str) -> re.Pattern[str]:
    """Return the expression that finds every word of this text."""
    return _ASCII_WORD if text.isascii() else _unicode_word()


@cache
def character_classes() -> bytes:
    """Return the class of each character below 0x20000, for the tokenizer of the compiled core.

    0 separates words, 1 letter, 2 decimal digit, 3 a word of its own, 4 continues a word, 5 other numeral.
    """
    classes = bytearray(_CLASSIFIED)
    every = "".join(map(chr, range(_CLASSIFIED)))
    for value, chars in ((5, r"[^\W_]"), (1, r"[^\W\d_]"), (2, r"\d"), (3, f"[{_CJK}]"), (4, f"[{_marks()}]")):
        for found in re.finditer(f"{chars}+", every):
            classes[found.start() : found.end()] = bytes([value]) * (found.end() - found.start())
    return bytes(classes)


def plain(surface: str) -> str:
    """Return the spelling that exact terms compare: with capitals and accents, without possessives and punctuation.

    >>> plain("MPD's"), plain("U.S."), plain("20,000"), plain("co\u00adoperate")
    ('MPD', 'US', '20000', 'cooperate')
    """
    if surface.isalnum() and surface.isascii():
        return surface
    text = _POSSESSIVE.sub("", surface)
    if "." in text and _INITIALISM.fullmatch(text):
        text = text.replace(".", "")
    if "," in text:
        text = text.replace(",", "")
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _DROPPED.sub("", text))


def is_capitals(spelling: str) -> bool:
    """Return whether a term must be found in exactly these capitals: it has two letters or more, all capital."""
    return spelling.isupper() and sum(map(str.isupper, spelling)) > 1

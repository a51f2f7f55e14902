"""Spellings made comparable."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]")
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"'})


def fold(text: str) -> str:
    """Return the text as ordinary terms compare it: case and accents ignored. Offsets change.

    >>> fold("São"), fold("STRASSE") == fold("Straße")
    ('sao', True)
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", apart)).casefold()


def lower_in_place(text: str) -> str:
    """Return the text in lower case with straight quotes, every character where it was."""
    straight = straighten(text)
    lowered = straight.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in straight)


def straighten(text: str) -> str:
    """Return the text with straight quotation marks and apostrophes, every character where it was."""
    return text if text.isascii() else text.translate(_STRAIGHT)

"""Foreign text made safe to show: one rule for every message and every channel.

Titles, names and replies come from strangers. What is removed here can forge a header, break an XML file, drive
a terminal or turn the reading direction round; nothing of it is needed to read a sentence.
"""

from __future__ import annotations

import re

UNSHOWABLE = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters; tab and line ends are dealt with below
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # directions (UAX #9)
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # not characters: no UTF-8 or XML 1.0 holds them
    "]"
)
"""What is left out of every message."""
_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """Return the text with its lines, and without what cannot or must not be shown."""
    return UNSHOWABLE.sub("", _LINE_END.sub("\n", text))


def collapsed(text: str) -> str:
    """Return safe text on one line, every run of space made one; space at either end is kept as one too."""
    return UNSHOWABLE.sub("", _SPACE.sub(" ", text))


def one_line(text: str, limit: int = 300) -> str:
    """Return safe text on one line, cut at ``limit`` characters with an ellipsis."""
    line = collapsed(text[: 4 * limit]).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"

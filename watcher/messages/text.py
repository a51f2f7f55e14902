"""Foreign text made safe to show: one rule for every message and every channel.

Titles, names and replies come from strangers. What is removed here can forge a header, break an XML file, drive
a terminal or turn the reading direction round; nothing of it is needed to read a sentence.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

MAX_URL = 2000
"""Characters; a longer address is left out, for half an address leads somewhere else."""

_UNSHOWABLE = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters; tab and line ends are dealt with below
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # directions (UAX #9)
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # not characters: no UTF-8 or XML 1.0 holds them
    "]"
)
_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """The text with its lines, and without what cannot or must not be shown."""
    return _UNSHOWABLE.sub("", _LINE_END.sub("\n", text))


def collapsed(text: str) -> str:
    """Safe text on one line, every run of space made one; space at either end is kept as one too."""
    return _UNSHOWABLE.sub("", _SPACE.sub(" ", text))


def one_line(text: str, limit: int = 300) -> str:
    """Safe text on one line, cut at ``limit`` characters with an ellipsis."""
    line = collapsed(text[: 4 * limit]).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def web_link(url: str) -> str:
    """The address if it is one a person may follow (http or https, no odd characters), else empty."""
    if len(url) > MAX_URL or _SPACE.search(url) or _UNSHOWABLE.search(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""


def when(moment: datetime) -> str:
    """A moment as people read it, in UTC: ``2026-01-20 14:05 UTC``."""
    return f"{moment.astimezone(UTC).isoformat(' ')[:16]} UTC"


def rfc3339(moment: datetime) -> str:
    """A moment as programs read it, in UTC and to the second."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"


def counted(number: int, noun: str) -> str:
    """``1 item``, ``2 items``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

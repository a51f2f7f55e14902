"""A rule's text as tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from watcher.matching.errors import QueryError
from watcher.matching.terms import RANGE

FIELDS = ("title", "lead", "text", "author", "source", "tag", "url")


class Token(NamedTuple):
    """One token. Rules share tokens of the same spelling, so a token does not hold its position.

    ``kind`` is word, phrase, regex, range, list, field, near, before, and, or, not, opening, closing, comma or end.
    """

    kind: str
    text: str


_END = Token("end", "")
_PHRASE = r'"[^"]*" | “[^”]*”'
_OPERATORS = {
    "and": r"(?i:and) (?=[\s(),]|$)",
    "or": r"(?i:or) (?=[\s(),]|$)",
    "not": r"(?i:not) (?=[\s(),]|$)",
    "bare": r"(?i:near|before) (?=[\s(),]|$)",
}
# In the order in which rules are mostly made of them. What repeats gives nothing back: a long wrong text fails once.
_OTHERS = {
    "word": r"[^\W\d_]++ (?=[\s(),]|$)",
    "opening": r"\(",
    "closing": r"\)",
    "comma": r",",
    # An atomic group: Python before 3.11.5 matches a possessive ++ behind a group wrongly, and knows no "quit*" then.
    "odd": r"""[=~]? (?> (?: [^\s()"“”,@/:;&|!+$%\#<>{}\[\]\\^=~`€£]++ | (?<=\d),(?=\d{3}(?!\d)) )+ ) (?=[\s(),]|$)""",
    "near": r"(?i:near)/\w*",
    "before": r"(?i:before)/\w*",
    "list": r"@[^\W_][\w-]*",
    "field": r"[A-Za-z]+:",
    "regex": r"/(?:[^/\\\n]|\\.)+/[A-Za-z]* (?=[\s(),]|$)",
    "other": r"[^\s()]+",
}
# Operators are cut like words.
_CUT = re.compile(rf"(?x) (?: ({_PHRASE}) | ({' | '.join(_OTHERS.values())}) ) \s*")
_KIND = re.compile("(?x)" + " | ".join(f"(?P<{kind}> {pattern} )" for kind, pattern in (_OPERATORS | _OTHERS).items()))
_HINTS = {"&": "write and", "|": "write or", "!": "write not", "-": "write not", "+": "write and"}


def tokens(text: str) -> Sequence[Token]:
    """Return the tokens of a rule, the last of kind ``end``. Raises QueryError."""
    found: list[Token] = []
    try:
        for phrase, other in _CUT.findall(text):
            found.append(Token("phrase", phrase) if phrase else _token(other))
    except QueryError as problem:
        raise problem.moved(starts(text)[len(found)]) from None
    found.append(_END)
    return found


def starts(text: str) -> Sequence[int]:
    """Return the offsets at which the tokens of a rule start; needed only for an error or a warning."""
    return [*(found.start() for found in _CUT.finditer(text)), len(text)]


@lru_cache(maxsize=65_536)
def _token(text: str) -> Token:
    """Return the token of this spelling; remembered, because rules share most of their words."""
    found = _KIND.fullmatch(text)
    assert found, text
    kind = found.lastgroup or ""
    if kind not in _DOUBTFUL:
        return Token(kind, text)
    if message := _DOUBTFUL[kind](text):
        raise QueryError(message, 0, len(text))
    if kind == "field":
        return Token(kind, text)
    return Token("range" if RANGE.fullmatch(text) else "word", text)


def _about_distance(text: str) -> str:
    return f'{text} needs a distance: {text.lower()}/10; to look for the word itself, quote it: "{text}"'


def _about_word(text: str) -> str:
    if text[0] in "'‘’":
        return "phrases are quoted with double quotes"
    if text[0] in "-–" and len(text) > 1:
        return f"to leave something out, write not {text[1:]}"
    if text.startswith("*"):
        return "* belongs at the end of a word, after letters: quit*"
    return ""


def _about_field(text: str) -> str:
    name = text[:-1]
    if name.lower() in FIELDS:
        return ""
    similar = get_close_matches(name.lower(), FIELDS, n=1)
    meant = f", did you mean {similar[0]}:?" if similar else ""
    return f"unknown field {name}:{meant} (fields are {', '.join(FIELDS)}); text with a colon must be quoted"


def _about_other(text: str) -> str:
    if text[0] in '"“':
        return "this quote is not closed"
    if text[0] == "@":
        return "@ needs the name of a list after it: @name"
    if text[0] == "/":
        return "this expression is not closed: /expression/ or /expression/i"
    if text[0] in "=~":
        return f"{text[0]} needs a word right after it: {text[0]}word"
    if text[0] in "$€£#%" and len(text) > 1:
        bare = text.strip("$€£#%")
        return f"{text[0]} is not part of a word: write {bare}"
    if text in ("&", "&&", "|", "||", "!", "+"):
        return f"{_HINTS[text[0]]} instead of {text}"
    if text[0] in _HINTS and len(text) > 1:
        return f"{_HINTS[text[0]]} instead of {text[0]}"
    return f'this is more than one word: quote it, "{text}"'


_DOUBTFUL = {"bare": _about_distance, "odd": _about_word, "field": _about_field, "other": _about_other}

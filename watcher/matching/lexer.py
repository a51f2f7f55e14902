"""A rule's text as tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from watcher.matching.errors import QueryError
from watcher.matching.terms import RANGE

FIELDS = ("title", "lead", "text", "author", "source", "tag", "url")


class Token(NamedTuple):
    """One token: ``kind`` is word, phrase, regex, range, list, field, near, before, and, or, not, ( ) , or end."""

    kind: str
    text: str
    offset: int

    @property
    def end(self) -> int:
        """The offset after it."""
        return self.offset + len(self.text)


_TOKEN = re.compile(
    r"""(?xi) \s*
  (?: (?P<word> [=~]? (?: [^\s()"“”,@/:;&|!+$%#<>{}\[\]\\^=~`€£] | ,(?=\d{3}(?!\d)) )+ (?=[\s(),]|$) )
  | (?P<punctuation> [(),] )
  | (?P<phrase> "[^"]*" | “[^”]*” )
  | (?P<near> near/\w* )
  | (?P<before> before/\w* )
  | (?P<list> @[^\W_][\w-]* )
  | (?P<field> [a-z]+: )
  | (?P<regex> /(?:[^/\\\n]|\\.)+/[a-z]* (?=[\s(),]|$) )
  | (?P<other> [^\s()]+ )
  )
    """
)
_OPERATORS = ("and", "or", "not")
_DISTANCES = ("near", "before")
_HINTS = {"&": "write and", "|": "write or", "!": "write not", "-": "write not", "+": "write and"}


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a rule, the last of kind ``end``. Raises QueryError."""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        written = found[kind]
        offset = found.end() - len(written)
        if kind == "word":
            kind = _kind_of_word(written)
        elif kind == "punctuation":
            kind = written
        if kind in _DOUBTFUL and (message := _DOUBTFUL[kind](written)):
            raise QueryError(message, offset, len(written))
        yield Token("word" if kind == "odd" else kind, written, offset)
    yield Token("end", "", len(text))


def _kind_of_word(text: str) -> str:
    if len(text) <= 3 and (operator := text.lower()) in _OPERATORS:
        return operator
    if ".." in text and RANGE.fullmatch(text):
        return "range"
    return "word" if text.isalpha() and text.lower() not in _DISTANCES else "odd"


def _about_word(text: str) -> str:
    if text[0].isalnum() and text.lower() not in _DISTANCES:
        return ""
    if text[0].isalnum():
        return f'{text} needs a distance: {text.lower()}/10; to look for the word itself, quote it: "{text}"'
    if text[0] in "'‘’":
        return "phrases are quoted with double quotes"
    if text[0] in "-–" and len(text) > 1:
        return f"to leave something out, write not {text[1:]}"
    if text.startswith("*"):
        return "* stands at the end of a word, after letters: quit*"
    return ""


def _about_field(text: str) -> str:
    name = text[:-1]
    if name.lower() in FIELDS:
        return ""
    similar = get_close_matches(name.lower(), FIELDS, n=1)
    meant = f", did you mean {similar[0]}:?" if similar else ""
    return f"there is no field {name}:{meant} (fields are {', '.join(FIELDS)}); text with a colon must be quoted"


def _about_other(text: str) -> str:
    if text[0] in '"“':
        return "this quote is not closed"
    if text[0] == "@":
        return "@ stands before the name of a list: @name"
    if text[0] == "/":
        return "this expression is not closed: /expression/ or /expression/i"
    if text[0] in "=~":
        return f"{text[0]} stands before one word: {text[0]}word"
    if text[0] in "$€£#%" and len(text) > 1:
        bare = text.strip("$€£#%")
        return f"{text[0]} is not part of a word: write {bare}"
    if text in ("&", "&&", "|", "||", "!", "+"):
        return f"{_HINTS[text[0]]} instead of {text}"
    if text[0] in _HINTS and len(text) > 1:
        return f"{_HINTS[text[0]]} instead of {text[0]}"
    return f'this is more than one word: quote it, "{text}"'


_DOUBTFUL = {"odd": _about_word, "field": _about_field, "other": _about_other}

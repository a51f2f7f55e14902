"""A rule's text as tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

from watcher.matching.errors import QueryError
from watcher.matching.terms import RANGE

FIELDS = ("title", "lead", "text", "author", "source", "tag", "url")


class Token(NamedTuple):
    """One token.

    ``kind`` is word, phrase, regex, range, list, field, near, before, and, or, not, opening, closing, comma or end.
    """

    kind: str
    text: str
    offset: int

    @property
    def end(self) -> int:
        """The offset after it."""
        return self.offset + len(self.text)


# In the order in which rules are mostly made of them. What repeats gives nothing back: a long wrong text fails once.
_TOKEN = re.compile(
    r"""(?x)
  (?: (?P<and> (?i:and) (?=[\s(),]|$) )
  | (?P<or> (?i:or) (?=[\s(),]|$) )
  | (?P<not> (?i:not) (?=[\s(),]|$) )
  | (?P<bare> (?i:near|before) (?=[\s(),]|$) )
  | (?P<word> [^\W\d_]++ (?=[\s(),]|$) )
  | (?P<phrase> "[^"]*" | “[^”]*” )
  | (?P<opening> \( )
  | (?P<closing> \) )
  | (?P<comma> , )
  | (?P<odd> [=~]? (?: [^\s()"“”,@/:;&|!+$%#<>{}\[\]\\^=~`€£]++ | (?<=\d),(?=\d{3}(?!\d)) )++ (?=[\s(),]|$) )
  | (?P<near> (?i:near)/\w* )
  | (?P<before> (?i:before)/\w* )
  | (?P<list> @[^\W_][\w-]* )
  | (?P<field> [A-Za-z]+: )
  | (?P<regex> /(?:[^/\\\n]|\\.)+/[A-Za-z]* (?=[\s(),]|$) )
  | (?P<other> [^\s()]+ )
  ) \s*
    """
)
_HINTS = {"&": "write and", "|": "write or", "!": "write not", "-": "write not", "+": "write and"}


def tokens(text: str) -> Sequence[Token]:
    """The tokens of a rule, the last of kind ``end``. Raises QueryError."""
    found = [Token(each.lastgroup or "", each[each.lastindex or 0], each.start()) for each in _TOKEN.finditer(text)]
    for index, token in enumerate(found):
        if token.kind in _DOUBTFUL:
            found[index] = _understood(token)
    return [*found, Token("end", "", len(text))]


def _understood(token: Token) -> Token:
    """A token that may be a word, or not be one."""
    if message := _DOUBTFUL[token.kind](token.text):
        raise QueryError(message, token.offset, len(token.text))
    if token.kind == "field":
        return token
    return token._replace(kind="range" if RANGE.fullmatch(token.text) else "word")


def _about_distance(text: str) -> str:
    return f'{text} needs a distance: {text.lower()}/10; to look for the word itself, quote it: "{text}"'


def _about_word(text: str) -> str:
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


_DOUBTFUL = {"bare": _about_distance, "odd": _about_word, "field": _about_field, "other": _about_other}

"""Regular expressions of rules: RE2's, which take time linear in the text, with Unicode word characters.

RE2 reads ``\\w``, ``\\d`` and ``\\b`` as ASCII. Here the classes are rewritten, and ``\\b`` is allowed only where it
needs no lookaround: at the start and at the end of the expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import re2

_WORD = r"\pL\pM\pN_"
_OUTSIDE = {"w": f"[{_WORD}]", "W": f"[^{_WORD}]", "d": r"\p{Nd}", "D": r"\P{Nd}", "s": r"[\pZ\s]", "S": r"[^\pZ\s]"}
_INSIDE = {"w": _WORD, "d": r"\p{Nd}", "D": r"\P{Nd}", "s": r"\pZ\s"}
_PIECE = re.compile(r"\\.|\[\^?\]?|[\]|()]|[^\\\[\]|()]+", re.DOTALL)
_MAX_CHARS = 2_000
_MAX_PROGRAM_SIZE = 50_000
"""Instructions of RE2's program. RE2 may visit each for each character, which takes some seconds for a megabyte. A
single ``\\w`` has 1,400. RE2 itself limits the tables of an expression to 8 MB, and is slower without them."""
_MAX_MATCHES = 10_000
"""In one text. A rule needs to know only whether there is a match, and a person sees the first ones."""
_MAX_BYTES_READ = 1_000_000_000
"""Bytes that all searches in one text may read together, since each may read to the end before it finds a match."""


class RegexError(ValueError):
    """The expression cannot be used; the message says why."""


class Regex:
    """A compiled expression. Two of the same text and flag are one object."""

    def __init__(self, text: str, *, ignore_case: bool) -> None:
        self.text = text
        self.ignore_case = ignore_case
        options = re2.Options()
        options.log_errors = False
        options.case_sensitive = not ignore_case
        try:
            self._compiled = re2.compile(_for_re2(text), options)
            re2.compile(text.replace(r"\b", ""), options)  # finds brackets that would close the group added above
        except re2.error as problem:
            raise RegexError(problem.args[0].decode(errors="replace")) from None
        if self._compiled.programsize > _MAX_PROGRAM_SIZE:
            raise RegexError("too large: repeat less, above all classes like \\w")

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the offsets of its matches, from left to right, end exclusive."""
        # As bytes, because the wrapper would encode the text again for every match.
        data = text.encode(errors="replace")
        return islice(self._find(data), min(_MAX_MATCHES, 1 + _MAX_BYTES_READ // (1 + len(data))))

    def _find(self, data: bytes) -> Iterator[tuple[int, int]]:
        characters = counted = at = 0
        while at <= len(data) and (found := self._compiled.search(data, at)):
            start, end = found.span(1)
            characters += len(data[counted:start].decode(errors="ignore"))
            length = len(data[start:end].decode(errors="ignore"))
            counted = start
            yield characters, characters + length
            at = max(end, start + 1)


@lru_cache(maxsize=1_000)
def regex(text: str, *, ignore_case: bool) -> Regex:
    """Return the compiled expression. Raise RegexError."""
    if len(text) > _MAX_CHARS:
        raise RegexError(f"longer than {_MAX_CHARS} characters")
    return Regex(text, ignore_case=ignore_case)


def _for_re2(text: str) -> str:
    """Return the expression with Unicode's words, its match in group 1."""
    starts_word, ends_word = text.startswith(r"\b"), text.endswith(r"\b") and len(text) > 2
    inner = text[2 if starts_word else 0 : -2 if ends_word else None]
    translated, alternatives = _translate(inner)
    if alternatives and (starts_word or ends_word):
        raise RegexError(r"\b next to | belongs to one alternative only: put brackets around the alternatives")
    before = f"(?:^|[^{_WORD}])" if starts_word else ""
    after = f"(?:$|[^{_WORD}])" if ends_word else ""
    return f"{before}({translated}){after}"


def _translate(text: str) -> tuple[str, bool]:
    """Return the expression with its classes rewritten, and whether it has alternatives outside brackets."""
    pieces: list[str] = []
    in_set = alternatives = False
    depth = 0
    for piece in _PIECE.findall(text):
        if piece[0] == "\\":
            piece = _escape(piece, in_set=in_set)
        elif piece[0] == "[":
            in_set = True
        elif piece == "]":
            in_set = False
        elif not in_set:
            depth += (piece == "(") - (piece == ")")
            alternatives |= piece == "|" and depth == 0
        pieces.append(piece)
    return "".join(pieces), alternatives


def _escape(piece: str, *, in_set: bool) -> str:
    letter = piece[1]
    if letter in "bB" and not in_set:
        raise RegexError(rf"\{letter} is allowed only at the start and at the end, as \b")
    if letter in "WS" and in_set:
        raise RegexError(rf"\{letter} is not allowed in [ ]")
    if letter in "AzZQC":
        raise RegexError(rf"\{letter} is not part of this language")
    return (_INSIDE if in_set else _OUTSIDE).get(letter, piece)

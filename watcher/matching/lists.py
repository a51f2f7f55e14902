"""The named lists of a rule file: each entry is a term, written as in a rule."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.matching.errors import QueryError
from watcher.matching.lexer import FIELDS
from watcher.matching.nodes import Operand, TermList
from watcher.matching.terms import RANGE, number_range, operand


def parse_list(name: str, entries: Sequence[str]) -> TermList:
    """Return the list of these entries, each a word, a phrase or a range. Raises QueryError with the entry's index."""
    if not entries:
        raise QueryError(f"the list {name} is empty", 0)
    children: list[Operand] = []
    for index, entry in enumerate(entries):
        try:
            children.append(_entry(entry))
        except QueryError as problem:
            raise QueryError(problem.message, problem.offset, problem.length, index=index) from None
    return TermList(name, tuple(dict.fromkeys(children)))


def _entry(text: str) -> Operand:
    if RANGE.fullmatch(text.strip()):
        return number_range(text.strip())
    for token in text.split():
        wrong = ""
        if token[0] in '"“':
            wrong = "an entry is a phrase already: leave the quotes out"
        elif token[0] == "@":
            wrong = "a list cannot hold another list"
        elif token.lower().startswith(("near/", "before/")):
            wrong = "an entry is words that follow one another: operators belong into the rule"
        elif token[0] == "/" and len(token) > 1 and token.rstrip("i")[-1] == "/":
            wrong = "an expression belongs into the rule, not into a list"
        elif token.lower() in {field + ":" for field in FIELDS} and token == text.split()[0]:
            wrong = f"a field belongs into the rule: {token} @list"
        if wrong:
            raise QueryError(wrong, text.index(token), len(token))
    return operand(text)

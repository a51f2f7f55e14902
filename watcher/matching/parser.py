"""The rule language: from the text of a rule to its tree, or to an error that says what to write.

Binding, tightest first: a field, the proximities from left to right, ``not``, ``and``, ``or``. What may stand where
is checked on the way, for only here are the offsets known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import shorten
from typing import NamedTuple

from watcher.matching.anchors import Anchors, is_anchored
from watcher.matching.distances import Within
from watcher.matching.errors import QueryError
from watcher.matching.lexer import FIELDS, Token, tokens
from watcher.matching.nodes import (
    And,
    AnyOf,
    AtLeast,
    Expression,
    Field,
    Near,
    Node,
    Not,
    NotNear,
    Operand,
    Or,
    SourceName,
    TermList,
)
from watcher.matching.regexes import RegexError, regex
from watcher.matching.terms import RANGE, number_range, operand, stem_warning

FARTHEST = 999
"""Words between, at most: less than the gap between two parts."""

_LONGEST_RULE = 50_000
_DEEPEST = 50
_MOST_DISTANCES = 20
_SHOWN = 60
"""Characters of a rule that an error repeats of each part: it is one line, however long the rule."""
_NONE: frozenset[str] = frozenset()
_TERMS = frozenset({"word", "phrase", "regex", "range", "list", "field", "opening"})
_PROXIMITIES = frozenset({"near", "before"})


@dataclass(frozen=True, slots=True)
class Query:
    """A rule's condition, understood."""

    text: str
    root: Node
    warnings: tuple[tuple[int, str], ...] = ()
    """What is allowed and probably not meant: offset and message."""
    lists: frozenset[str] = frozenset()
    """Names of the lists it uses."""
    sources: frozenset[str] = frozenset()
    """Ids and tags of sources it names, small letters, a prefix with its ``*``."""


class _Part(NamedTuple):
    """A node and where it is written."""

    node: Node
    start: int
    end: int
    bare: bool = False
    """Whether it is one word without quotes."""


def parse(text: str, lists: Mapping[str, TermList]) -> Query:
    """The condition that this text is. Raises QueryError with the first thing wrong in it."""
    if len(text) > _LONGEST_RULE:
        raise QueryError(f"a rule is at most {_LONGEST_RULE} characters long: use lists", 0, len(text))
    return _Parser(text, lists).query()


def parse_list(name: str, entries: Sequence[str]) -> TermList:
    """The list of these entries, each a word, a phrase or a range. Raises QueryError with the entry's index."""
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


class _Parser:
    def __init__(self, text: str, lists: Mapping[str, TermList]) -> None:
        self._text = text
        self._lists = lists
        self._tokens = tokens(text)
        self._at = 0
        self._token = self._tokens[0]
        self._depth = 0
        self._field = ""
        self._warnings: list[tuple[int, str]] = []
        self._used: set[str] = set()
        self._sources: set[str] = set()

    def query(self) -> Query:
        if self._token.kind == "end":
            raise QueryError("the rule is empty", 0)
        part = self._expression()
        if self._token.kind != "end":
            raise self._unexpected("and, or, a distance, or the end of the rule")
        if isinstance(part.node, Not):
            raise self._lonely_not(part)
        self._warn_of_anchors(part.node)
        return Query(
            self._text,
            part.node,
            tuple(sorted(self._warnings)),
            frozenset(self._used) if self._used else _NONE,
            frozenset(self._sources) if self._sources else _NONE,
        )

    # ---- the grammar, loosest first

    def _expression(self) -> _Part:
        """``a and b and c`` or ``a or b or c``, not mixed."""
        parts = [self._negation()]
        joined = ""
        while (kind := self._token.kind) in ("and", "or"):
            operator = self._next()
            part = self._negation()
            if joined and kind != joined:
                raise self._mixed(operator, parts, part)
            joined = kind
            parts.append(part)
        if self._token.kind in _TERMS:
            raise self._adjacent(parts[-1])
        if joined == "and":
            return self._and(parts)
        return self._or(parts) if joined else parts[0]

    def _negation(self) -> _Part:
        if self._token.kind != "not":
            return self._proximity()
        operator = self._next()
        if self._token.kind == "not":
            raise QueryError("not not: leave both out", operator.offset, self._token.end - operator.offset)
        part = self._proximity()
        return _Part(Not(part.node), operator.offset, part.end)

    def _proximity(self) -> _Part:
        """``a near/5 b before/3 c``, from left to right."""
        left = self._term()
        while self._token.kind in _PROXIMITIES or (self._token.kind == "not" and self._not_near()):
            negated = self._token.kind == "not" and bool(self._next())
            operator = self._next()
            within = self._within(operator, negated=negated)
            one = self._operand(left, operator)
            right = self._term()
            other = self._operand(right, operator)
            node = NotNear(one, other, within) if negated else Near(one, other, within, operator.kind == "before")
            if negated and one == other:
                message = "this can never match: it is always near itself: write two different things"
                self._warnings.append((left.start, message))
            left = _Part(node, left.start, right.end)
            if _distances(node) > _MOST_DISTANCES:
                message = f"more than {_MOST_DISTANCES} distances that depend on one another: use lists"
                raise QueryError(message, operator.offset, len(operator.text))
        return left

    def _not_near(self) -> bool:
        return self._tokens[self._at + 1].kind in _PROXIMITIES

    def _term(self) -> _Part:
        token = self._token
        if token.kind not in _TERMS:
            raise self._unexpected("a word, a phrase, a list or a bracket")
        self._next()
        if token.kind == "opening":
            return self._bracket(token)
        if token.kind == "field":
            return self._in_field(token)
        if token.text.isdecimal() and self._counts():
            return self._at_least(token)
        node = self._source(token) if self._field == "source" else self._leaf(token)
        return _Part(node, token.offset, token.offset + len(token.text), token.kind == "word")

    def _bracket(self, opening: Token) -> _Part:
        self._descend(opening)
        part = self._expression()
        closing = self._close(opening)
        self._depth -= 1
        return _Part(part.node, opening.offset, closing.end)

    def _in_field(self, field: Token) -> _Part:
        if self._field:
            raise QueryError(f"a field inside {self._field}: can never match", field.offset, len(field.text))
        if self._token.kind == "not":
            raise QueryError(f"write not {field.text} ...", field.offset, self._token.end - field.offset)
        self._field = field.text[:-1].lower()
        part = self._term()
        if isinstance(part.node, Not):
            raise QueryError(f"write not {field.text} ...", field.offset, part.end - field.offset)
        node = Field(self._field, part.node)
        self._field = ""
        return _Part(node, field.offset, part.end)

    def _counts(self) -> bool:
        """Whether ``of (`` comes next."""
        return self._token.text.lower() == "of" and self._tokens[self._at + 1].kind == "opening"

    def _at_least(self, number: Token) -> _Part:
        self._next()
        opening = self._next()
        self._descend(opening)
        parts = [self._expression()]
        while self._token.kind == "comma":
            self._next()
            parts.append(self._expression())
        closing = self._close(opening)
        self._depth -= 1
        count = int(number.text[:6])
        for part in parts:
            if isinstance(part.node, Not):
                raise QueryError("not cannot stand in a count", part.start, part.end - part.start)
        if not 1 <= count <= len(parts):
            message = f"{count} of {len(parts)} can never match" if count else "at least 0 is always true"
            raise QueryError(message, number.offset, closing.end - number.offset)
        if len({part.node for part in parts}) < len(parts):
            self._warnings.append((number.offset, "one of these stands here twice"))
        return _Part(AtLeast(count, tuple(part.node for part in parts)), number.offset, closing.end)

    # ---- terms

    def _leaf(self, token: Token) -> Operand:
        match token.kind:
            case "word":
                if token.text[0] == "~" and (warning := stem_warning(token.text)):
                    self._warnings.append((token.offset, warning))
                return operand(token.text, token.offset)
            case "phrase":
                return operand(token.text[1:-1], token.offset + 1)
            case "list":
                return self._list(token)
            case "range":
                return number_range(token.text, token.offset)
        return self._regex(token)

    def _list(self, token: Token) -> TermList:
        name = token.text[1:]
        if name not in self._lists:
            similar = get_close_matches(name, self._lists, n=1)
            meant = f", did you mean @{similar[0]}?" if similar else ""
            raise QueryError(f"there is no list {name}{meant}", token.offset, len(token.text))
        self._used.add(name)
        return self._lists[name]

    def _regex(self, token: Token) -> Expression:
        body, _, flags = token.text[1:].rpartition("/")
        if flags not in ("", "i"):
            raise QueryError("the only flag is i: /expression/i", token.end - len(flags), len(flags))
        try:
            compiled = regex(body.replace(r"\/", "/"), ignore_case=bool(flags))
        except RegexError as problem:
            raise QueryError(f"this expression cannot be used: {problem}", token.offset, len(token.text)) from None
        if next(compiled.find(""), None):
            raise QueryError("this expression matches nothing at all, everywhere", token.offset, len(token.text))
        return Expression(compiled)

    def _source(self, token: Token) -> SourceName:
        if token.kind not in ("word", "phrase"):
            raise QueryError("source: takes the ids and tags of sources", token.offset, len(token.text))
        name = token.text.strip('"“”').strip().casefold()
        if not name.rstrip("*"):
            raise QueryError("source: takes the ids and tags of sources", token.offset, len(token.text))
        self._sources.add(name)
        return SourceName(name)

    # ---- what may stand where

    def _and(self, parts: Sequence[_Part]) -> _Part:
        nodes = tuple([part.node for part in parts])
        excluded = [part for part in parts if isinstance(part.node, Not)]
        if len(excluded) == len(parts):
            raise self._lonely_not(parts[0])
        for part in excluded:
            if isinstance(part.node, Not) and part.node.child in nodes:
                message = "this can never match: it is asked for and excluded: leave one of the two out"
                self._warnings.append((part.start, message))
        return _Part(And(nodes), parts[0].start, parts[-1].end)

    def _or(self, parts: Sequence[_Part]) -> _Part:
        operands = tuple([part.node for part in parts if isinstance(part.node, Operand)])
        if len(operands) == len(parts):
            return _Part(AnyOf(operands), parts[0].start, parts[-1].end)
        for part in parts:
            if isinstance(part.node, Not):
                raise self._lonely_not(part)
        return _Part(Or(tuple([part.node for part in parts])), parts[0].start, parts[-1].end)

    def _operand(self, part: _Part, operator: Token) -> Operand:
        node = part.node
        if isinstance(node, Operand):
            return node
        called = {And: "and", Not: "not", AtLeast: "a count", Field: "a field", SourceName: "a source"}
        what = called.get(type(node), "and")
        message = f"{operator.text} joins words, phrases and lists; {what} cannot stand beside it"
        if isinstance(node, Field):
            message += f": write {node.part}: (... {operator.text} ...)"
        raise QueryError(message, part.start, part.end - part.start)

    def _within(self, operator: Token, *, negated: bool) -> Within:
        distance = operator.text.partition("/")[2].lower()
        if negated and operator.kind == "before":
            raise QueryError("not before is not part of the language: write not near/n", operator.offset, 6)
        if distance.isdecimal() and len(distance) < 6 and int(distance) <= FARTHEST:
            return int(distance)
        if operator.kind == "near" and distance in ("s", "p"):
            return "s" if distance == "s" else "p"
        units = f", {operator.kind}/s (sentence) or {operator.kind}/p (paragraph)" if operator.kind == "near" else ""
        message = f"write {operator.kind}/ and a number from 0 to {FARTHEST}{units}"
        raise QueryError(message, operator.offset, len(operator.text))

    def _warn_of_anchors(self, node: Node) -> None:
        if is_anchored(node):
            return
        if Anchors().of(node):
            message = (
                "the only words that must be there are prefixes of under three letters, which nearly all items have: "
                "write longer ones, or add a word with and"
            )
        else:
            message = (
                "no word must be there (only numbers, expressions or sources), so that every item is read for it: "
                "add a word with and"
            )
        self._warnings.append((0, message))

    # ---- tokens and errors

    def _next(self) -> Token:
        token = self._token
        self._at += 1
        self._token = self._tokens[self._at]
        return token

    def _descend(self, opening: Token) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError(f"brackets are nested more than {_DEEPEST} deep", opening.offset, 1)

    def _close(self, opening: Token) -> Token:
        if self._token.kind == "end":
            raise QueryError("this bracket is not closed", opening.offset, 1)
        if self._token.kind != "closing":
            raise self._unexpected("and, or, or a closing bracket")
        return self._next()

    def _unexpected(self, expected: str) -> QueryError:
        token = self._token
        called = token.text or "the end of the rule"
        return QueryError(f"unexpected {called}; expected {expected}", token.offset, len(token.text))

    def _lonely_not(self, part: _Part) -> QueryError:
        message = "not needs something beside it that must be there: a and not b"
        return QueryError(message, part.start, part.end - part.start)

    def _mixed(self, operator: Token, parts: Sequence[_Part], last: _Part) -> QueryError:
        first, middle = self._text[parts[0].start : parts[-1].start], self._text[parts[-1].start : parts[-1].end]
        if len(first) > _SHOWN:
            first = f"… {'or' if operator.kind == 'and' else 'and'} "
        middle, rest = (
            shorten(part, _SHOWN, placeholder="…") for part in (middle, self._text[operator.offset : last.end])
        )
        message = f"and mixed with or needs brackets: ({first}{middle}) {rest}  or  {first}({middle} {rest})"
        return QueryError(message, operator.offset, len(operator.text))

    def _adjacent(self, before: _Part) -> QueryError:
        """Words side by side: what was meant is a phrase."""
        index = self._at
        while self._tokens[index].kind == "word":
            index += 1
        if not before.bare or index == self._at:
            return self._unexpected("and, or, or a distance")
        phrase = self._text[before.start : self._tokens[index - 1].end]
        token = self._token
        return QueryError(
            f'unexpected {token.text}; to look for words that follow one another, quote the phrase: "{phrase}"',
            token.offset,
            len(token.text),
        )


def _distances(operand: Operand) -> int:
    match operand:
        case Near(left, right) | NotNear(left, right):
            return 1 + _distances(left) + _distances(right)
        case AnyOf(children):
            return sum(map(_distances, children))
    return 0

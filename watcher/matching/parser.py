"""The rule language: parse the text of a rule to a tree, or raise an error that says what to write.

Binding, tightest first: a field, the proximities from left to right, ``not``, ``and``, ``or``. The parser also checks
what is allowed where. Places are numbers of tokens, and become offsets only in an error or a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from textwrap import shorten

from watcher.matching.anchors import Anchors, is_anchored
from watcher.matching.distances import Within
from watcher.matching.errors import QueryError
from watcher.matching.lexer import Token, starts, tokens
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
from watcher.matching.terms import number_range, operand, stem_warning, word

MAX_DISTANCE_WORDS = 999
"""Words between two operands: less than the gap between two parts."""

_MAX_RULE_CHARS = 50_000
_MAX_NESTING = 50
_MAX_NESTED_DISTANCES = 20
_MAX_CHARS_SHOWN = 60
"""Characters of each part of a rule that an error repeats, so that it stays one line."""
_NONE: frozenset[str] = frozenset()
_TERMS = frozenset({"word", "phrase", "regex", "range", "list", "field", "opening"})
_PROXIMITIES = frozenset({"near", "before"})


@dataclass(frozen=True, slots=True)
class Query:
    """The parsed condition of a rule."""

    text: str
    root: Node
    warnings: tuple[tuple[int, str], ...] = ()
    """Warnings about what is allowed but probably not meant: offset and message."""
    lists: frozenset[str] = frozenset()
    """Names of the lists it uses."""
    sources: frozenset[str] = frozenset()
    """Ids and tags of sources that it names, in small letters; a prefix keeps its ``*``."""


def parse(text: str, lists: Mapping[str, TermList]) -> Query:
    """Return the parsed condition. Raise QueryError with the first mistake in it."""
    if len(text) > _MAX_RULE_CHARS:
        raise QueryError(f"a rule is at most {_MAX_RULE_CHARS} characters long: use lists", 0, len(text))
    return _Parser(text, lists).query()


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
        root = self._expression()
        if self._token.kind != "end":
            raise self._unexpected("and, or, a distance, or the end of the rule")
        if isinstance(root, Not):
            raise self._lonely_not(0, self._at - 1)
        self._warn_of_anchors(root)
        return Query(
            self._text,
            root,
            tuple(sorted(self._warnings)),
            frozenset(self._used) if self._used else _NONE,
            frozenset(self._sources) if self._sources else _NONE,
        )

    # ---- the grammar, loosest first

    def _expression(self) -> Node:
        """Parse ``a and b and c`` or ``a or b or c``, not mixed."""
        firsts = [self._at]
        nodes = [self._negation()]
        joined = ""
        while (kind := self._token.kind) in ("and", "or"):
            self._next()
            firsts.append(self._at)
            nodes.append(self._negation())
            if joined and kind != joined:
                raise self._mixed(firsts)
            joined = kind
        if self._token.kind in _TERMS:
            raise self._adjacent(firsts[-1])
        if joined == "and":
            return self._and(nodes, firsts)
        return self._or(nodes, firsts) if joined else nodes[0]

    def _negation(self) -> Node:
        if self._token.kind != "not":
            return self._proximity()
        self._next()
        if self._token.kind == "not":
            raise self._wrong("not not: leave both out", self._at - 1, self._at)
        return Not(self._proximity())

    def _proximity(self) -> Node:
        """Parse ``a near/5 b before/3 c``, from left to right."""
        first = self._at
        left = self._term()
        while self._token.kind in _PROXIMITIES or (self._token.kind == "not" and self._not_near()):
            last = self._at - 1
            negated = self._token.kind == "not" and bool(self._next())
            operator = self._at
            within = self._within(self._next(), negated=negated)
            one = self._operand(left, operator, first, last)
            right = self._term()
            other = self._operand(right, operator, operator + 1, self._at - 1)
            if negated and one == other:
                self._warn(first, "this can never match: it is always near itself: write two different things")
            ordered = self._tokens[operator].kind == "before"
            left = NotNear(one, other, within) if negated else Near(one, other, within, ordered)
            if _distances(left) > _MAX_NESTED_DISTANCES:
                message = f"more than {_MAX_NESTED_DISTANCES} distances that depend on one another: use lists"
                raise self._wrong(message, operator)
        return left

    def _not_near(self) -> bool:
        return self._tokens[self._at + 1].kind in _PROXIMITIES

    def _term(self) -> Node:
        token = self._token
        if token.kind not in _TERMS:
            raise self._unexpected("a word, a phrase, a list or a bracket")
        self._next()
        if token.kind == "opening":
            return self._bracket()
        if token.kind == "field":
            return self._in_field(token)
        if token.text.isdecimal() and self._counts():
            return self._at_least(token)
        return self._source(token) if self._field == "source" else self._leaf(token)

    def _bracket(self) -> Node:
        opening = self._descend()
        node = self._expression()
        self._close(opening)
        return node

    def _in_field(self, field: Token) -> Field:
        first = self._at - 1
        if self._field:
            raise self._wrong(f"a field inside {self._field}: can never match", first)
        if self._token.kind == "not":
            raise self._wrong(f"write not {field.text} ...", first, self._at)
        self._field = field.text[:-1].lower()
        node = self._term()
        if isinstance(node, Not):
            raise self._wrong(f"write not {field.text} ...", first, self._at - 1)
        node = Field(self._field, node)
        self._field = ""
        return node

    def _counts(self) -> bool:
        """Return whether ``of (`` comes next."""
        return self._token.text.lower() == "of" and self._tokens[self._at + 1].kind == "opening"

    def _at_least(self, number: Token) -> AtLeast:
        first = self._at - 1
        self._next()
        self._next()
        opening = self._descend()
        nodes = [self._counted()]
        while self._token.kind == "comma":
            self._next()
            nodes.append(self._counted())
        self._close(opening)
        count = int(number.text[:6])
        if not 1 <= count <= len(nodes):
            message = f"{count} of {len(nodes)} can never match" if count else "at least 0 is always true"
            raise self._wrong(message, first, self._at - 1)
        if len(set(nodes)) < len(nodes):
            self._warn(first, "one of these is listed twice")
        return AtLeast(count, tuple(nodes))

    def _counted(self) -> Node:
        first = self._at
        node = self._expression()
        if isinstance(node, Not):
            raise self._wrong("not is not allowed in a count", first, self._at - 1)
        return node

    # ---- terms

    def _leaf(self, token: Token) -> Operand:
        match token.kind:
            case "word":
                if token.text[0] == "~" and (warning := stem_warning(token.text)):
                    self._warn(self._at - 1, warning)
                return self._understood(word, token.text)
            case "phrase":
                return self._understood(operand, token.text[1:-1], 1)
            case "list":
                return self._list(token)
            case "range":
                return self._understood(number_range, token.text)
        return self._regex(token)

    def _understood(self, meaning: Callable[[str], Operand], text: str, inside: int = 0) -> Operand:
        """Return the operand of the token before this one; its text starts ``offset`` characters inside the token."""
        try:
            return meaning(text)
        except QueryError as problem:
            raise problem.moved(self._starts[self._at - 1] + inside) from None

    def _list(self, token: Token) -> TermList:
        name = token.text[1:]
        if name not in self._lists:
            similar = get_close_matches(name, self._lists, n=1)
            meant = f", did you mean @{similar[0]}?" if similar else ""
            raise self._wrong(f"unknown list {name}{meant}", self._at - 1)
        self._used.add(name)
        return self._lists[name]

    def _regex(self, token: Token) -> Expression:
        at = self._at - 1
        body, _, flags = token.text[1:].rpartition("/")
        if flags not in ("", "i"):
            raise QueryError("the only flag is i: /expression/i", self._end(at) - len(flags), len(flags))
        try:
            compiled = regex(body.replace(r"\/", "/"), ignore_case=bool(flags))
        except RegexError as problem:
            raise self._wrong(f"this expression cannot be used: {problem}", at) from None
        if next(compiled.find(""), None):
            raise self._wrong("this expression matches nothing at all, everywhere", at)
        return Expression(compiled)

    def _source(self, token: Token) -> SourceName:
        name = token.text.strip('"“”').strip().casefold()
        if token.kind not in ("word", "phrase") or not name.rstrip("*"):
            raise self._wrong("source: takes the ids and tags of sources", self._at - 1)
        self._sources.add(name)
        return SourceName(name)

    # ---- what is allowed where

    def _and(self, nodes: Sequence[Node], firsts: Sequence[int]) -> And:
        excluded = [(node.child, first) for node, first in zip(nodes, firsts, strict=True) if isinstance(node, Not)]
        if len(excluded) == len(nodes):
            raise self._lonely_not(0, firsts[1] - 2)
        for child, first in excluded:
            if child in nodes:
                self._warn(first, "this can never match: it is asked for and excluded: leave one of the two out")
        return And(tuple(nodes))

    def _or(self, nodes: Sequence[Node], firsts: Sequence[int]) -> AnyOf | Or:
        operands = tuple([node for node in nodes if isinstance(node, Operand)])
        if len(operands) == len(nodes):
            return AnyOf(operands)
        for node, first, following in zip(nodes, firsts, [*firsts[1:], self._at + 1], strict=True):
            if isinstance(node, Not):
                raise self._lonely_not(first, following - 2)
        return Or(tuple(nodes))

    def _operand(self, node: Node, operator: int, first: int, last: int) -> Operand:
        """Return a node, found from the first to the last of these tokens, that an operator joins."""
        if isinstance(node, Operand):
            return node
        written = self._tokens[operator].text
        called = {And: "and", Not: "not", AtLeast: "a count", Field: "a field", SourceName: "a source"}
        what = called.get(type(node), "and")
        message = f"{written} joins words, phrases and lists; {what} is not allowed next to it"
        if isinstance(node, Field):
            message += f": write {node.part}: (... {written} ...)"
        raise self._wrong(message, first, last)

    def _within(self, operator: Token, *, negated: bool) -> Within:
        at = self._at - 1
        distance = operator.text.partition("/")[2].lower()
        if negated and operator.kind == "before":
            raise QueryError("not before is not part of the language: write not near/n", self._starts[at], 6)
        if distance.isdecimal() and len(distance) < 6 and int(distance) <= MAX_DISTANCE_WORDS:
            return int(distance)
        if operator.kind == "near" and distance in ("s", "p"):
            return "s" if distance == "s" else "p"
        units = f", {operator.kind}/s (sentence) or {operator.kind}/p (paragraph)" if operator.kind == "near" else ""
        raise self._wrong(f"write {operator.kind}/ and a number from 0 to {MAX_DISTANCE_WORDS}{units}", at)

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

    def _descend(self) -> int:
        """Enter the bracket that was just opened; return its token number."""
        opening = self._at - 1
        self._depth += 1
        if self._depth > _MAX_NESTING:
            raise self._wrong(f"brackets are nested more than {_MAX_NESTING} deep", opening)
        return opening

    def _close(self, opening: int) -> None:
        if self._token.kind == "end":
            raise self._wrong("this bracket is not closed", opening)
        if self._token.kind != "closing":
            raise self._unexpected("and, or, or a closing bracket")
        self._depth -= 1
        self._next()

    @cached_property
    def _starts(self) -> Sequence[int]:
        return starts(self._text)

    def _end(self, number: int) -> int:
        return self._starts[number] + len(self._tokens[number].text)

    def _warn(self, first: int, message: str) -> None:
        self._warnings.append((self._starts[first], message))

    def _wrong(self, message: str, first: int, last: int | None = None) -> QueryError:
        """Return the error for one token, or from one token to another."""
        start = self._starts[first]
        return QueryError(message, start, self._end(first if last is None else last) - start)

    def _unexpected(self, expected: str) -> QueryError:
        called = self._token.text or "the end of the rule"
        return self._wrong(f"unexpected {called}; expected {expected}", self._at)

    def _lonely_not(self, first: int, last: int) -> QueryError:
        return self._wrong("not needs something beside it that must be there: a and not b", first, last)

    def _mixed(self, firsts: Sequence[int]) -> QueryError:
        """Return an operator of the other kind before the last of these parts."""
        operator, here = firsts[-1] - 1, self._starts[firsts[-1] - 1]
        before = self._text[self._starts[firsts[0]] : self._starts[firsts[-2]]]
        if len(before) > _MAX_CHARS_SHOWN:
            before = f"… {'or' if self._tokens[operator].kind == 'and' else 'and'} "
        middle = self._text[self._starts[firsts[-2]] : self._end(operator - 1)]
        rest = self._text[here : self._end(self._at - 1)]
        middle, rest = (shorten(part, _MAX_CHARS_SHOWN, placeholder="…") for part in (middle, rest))
        message = f"and mixed with or needs brackets: ({before}{middle}) {rest}  or  {before}({middle} {rest})"
        return self._wrong(message, operator)

    def _adjacent(self, first: int) -> QueryError:
        """Return the error for words side by side: a phrase was meant."""
        index = self._at
        while self._tokens[index].kind == "word":
            index += 1
        is_bare = first == self._at - 1 and self._tokens[first].kind == "word"
        if not is_bare or index == self._at:
            return self._unexpected("and, or, or a distance")
        phrase = self._text[self._starts[first] : self._end(index - 1)]
        message = f'to look for words that follow one another, quote the phrase: "{phrase}"'
        return self._wrong(f"unexpected {self._token.text}; {message}", self._at)


def _distances(node: Node) -> int:
    match node:
        case Near(left, right) | NotNear(left, right):
            return 1 + _distances(left) + _distances(right)
        case AnyOf(children):
            return sum(map(_distances, children))
    return 0

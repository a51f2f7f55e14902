"""Translate rules into the programs that the compiled core runs, if it was built; see ``_core.c``.

The core does not know every kind of condition. For the others (sentences, numbers, expressions ...) a program answers
"perhaps", never a wrong no, and the rule is evaluated again in Python.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from watcher.matching.anchors import Anchors, Clause
from watcher.matching.document import Document
from watcher.matching.index import TermReader
from watcher.matching.nodes import (
    And,
    AnyOf,
    AtLeast,
    Field,
    Near,
    Node,
    Not,
    NotNear,
    Or,
    Phrase,
    TermList,
    Word,
)
from watcher.matching.rule_words import character_classes
from watcher.matching.vocabulary import needs_capitals

try:
    from watcher.matching import _core  # type: ignore[attr-defined,unused-ignore]  # there if it was built
except ImportError:
    _core = None

_PARTS = {part: number for number, part in enumerate(("title", "lead", "text", "author", "tag", "url"))}
_ANYWHERE = -1
"""Title, lead and text."""

_GUARDS = 4
"""Terms of a guard, as in ``_core.c``; a rule whose second clause has more goes without."""
_MAX_PHRASE_WORDS = 64
"""As in ``_core.c``."""
_NO_TERM = -1


class Op:
    """The operations of a program, as ``_core.c`` numbers them."""

    AND, OR, NOT, AT_LEAST, SET, NEAR, BEFORE, PERHAPS = range(8)


class Program(NamedTuple):
    """What the core runs for a node, and whether its yes is final, not just "perhaps"."""

    code: Sequence[int]
    exact: bool


_PERHAPS = Program((Op.PERHAPS,), exact=False)


def is_built() -> bool:
    """Return whether the compiled core is there."""
    return _core is not None


class CompiledEngine:
    """Finds rules by the compiled core, which has numbers for the terms."""

    name = "compiled"

    def __init__(self, roots: Sequence[Node], anchors: Anchors, keys: Collection[str], reader: TermReader) -> None:
        """Index these rules, which are numbered from 0; ``keys`` are those of their terms."""
        self._reader = reader
        self._numbers = {key: number for number, key in enumerate(keys)}
        self._core = _core.Core(character_classes(), self._terms)
        self._core.announce(array("i", map(needs_capitals, self._numbers)).tobytes())
        self._index = CompiledIndex(roots, anchors, self._numbers)
        self._one_at_a_time = Lock()

    def find(self, document: Document) -> Sequence[int]:
        """See Engine."""
        doubt = document.doubts_capitals
        stretches = tuple(
            [(each.text, _PARTS[each.part], each.follows, doubt and each.is_capitals) for each in document.stretches]
        )
        with self._one_at_a_time:
            (found,) = self._core.match(stretches, (self._index.segment,))
        return self._index.sure(found, document, self._reader) if self._index.perhaps and found else found

    def _terms(self, surface: str) -> bytes:
        keys = self._reader.vocabulary.look_up(surface)
        return array("i", [self._numbers[key] for key in keys if key in self._numbers]).tobytes()


class CompiledIndex:
    """Rules as arrays for the core."""

    def __init__(self, roots: Sequence[Node], anchors: Anchors, numbers: Mapping[str, int]) -> None:
        self._roots = roots
        self._numbers = numbers
        self._sets: dict[Hashable, int] = {}
        self._set_starts = array("i", [0])
        self._set_items = array("i")
        self._starts = array("i")
        self._programs = array("i")
        self._always = array("i")
        self._waiting: defaultdict[int, array[int]] = defaultdict(lambda: array("i"))
        """The rules whose anchor contains a term, by term, each with its guards."""
        self.perhaps: set[int] = set()
        """Rules whose yes is not final."""
        for number, root in enumerate(roots):
            self._compile(number, root)
            self._wait(number, anchors.of(root))
        arrays = (*self._postings(), self._always, self._starts, self._programs, self._set_starts, self._set_items)
        self.segment: object = _core.Segment(*(each.tobytes() for each in arrays))
        del self._sets, self._set_starts, self._set_items, self._starts, self._programs, self._always, self._waiting

    def sure(self, numbers: Iterable[int], document: Document, reader: TermReader) -> Sequence[int]:
        """Return the rules that hold, out of those that hold or may hold."""
        perhaps = self.perhaps
        return [n for n in numbers if n not in perhaps or self._roots[n].holds(reader.view(document))]

    def _compile(self, number: int, root: Node) -> None:
        program = self._program(root, _ANYWHERE)
        self._starts.append(len(self._programs))
        self._programs.extend(program.code)
        if not program.exact:
            self.perhaps.add(number)

    def _wait(self, number: int, clauses: Sequence[Clause]) -> None:
        if not clauses:
            self._always.append(number)
            return
        guarded = len(clauses) > 1 and len(clauses[1]) <= _GUARDS
        guards = [self._numbers[key] for key in clauses[1]] if guarded else []
        posting = (number, *guards, *[_NO_TERM] * (_GUARDS - len(guards)))
        for key in clauses[0]:
            self._waiting[self._numbers[key]].extend(posting)

    def _postings(self) -> tuple[array[int], array[int]]:
        """Return where the postings of each term start, and all postings."""
        starts, postings = array("i", [0]), array("i")
        for term in range(max(self._waiting, default=-1) + 1):
            postings.extend(self._waiting.get(term, ()))
            starts.append(len(postings) // (1 + _GUARDS))
        return starts, postings

    def _program(self, node: Node, part: int) -> Program:
        match node:
            case And(children) | Or(children):
                return self._joined(Op.AND if isinstance(node, And) else Op.OR, children, part)
            case AnyOf() | Phrase() | Word() | TermList():
                return self._alternatives(node, part)
            case AtLeast(count, children):
                return self._joined(Op.AT_LEAST, children, part, count)
            case Near():
                return self._near(node, part)
            case NotNear(inner):
                return Program(self._program(inner, part).code, exact=False)
            case Not(inner):
                program = self._program(inner, part)
                return Program(_with_length([Op.NOT], [program]), exact=True) if program.exact else _PERHAPS
            case Field(name, inner) if name in _PARTS:
                return self._program(inner, _PARTS[name])
        return _PERHAPS

    def _joined(self, op: int, children: Sequence[Node], part: int, *count: int) -> Program:
        programs = [self._program(child, part) for child in children]
        if op == Op.AND:
            programs.sort(key=lambda program: program.code[0] != Op.SET)
        return Program(_with_length([op, *count], programs), all(program.exact for program in programs))

    def _alternatives(self, node: Word | Phrase | AnyOf | TermList, part: int) -> Program:
        number = self._set(node, part)
        if number is not None:
            return Program((Op.SET, number), exact=True)
        if isinstance(node, (AnyOf, TermList)):
            return self._joined(Op.OR, node.children, part)
        return _PERHAPS

    def _near(self, node: Near, part: int) -> Program:
        one, other = self._set(node.left, part), self._set(node.right, part)
        if one is None or other is None or not isinstance(node.within, int):
            return Program(self._joined(Op.AND, (node.left, node.right), part).code, exact=False)
        return Program((Op.BEFORE if node.ordered else Op.NEAR, node.within, one, other), exact=True)

    def _set(self, node: Node, part: int) -> int | None:
        """Return the number of a set of words and phrases; None if the node is not one."""
        shared = isinstance(node, (Word, TermList))  # the others are seldom alike, and slow to compare
        name = (node.key if isinstance(node, Word) else node, part) if shared else None
        if name in self._sets:
            return self._sets[name]
        items = self._items(node)
        if items is None:
            return None
        number = len(self._set_starts) - 1
        self._set_items.append(part)
        self._set_items.extend(items)
        self._set_starts.append(len(self._set_items))
        if name:
            self._sets[name] = number
        return number

    def _items(self, node: Node) -> Sequence[int] | None:
        """Return the words and phrases of a node, each after its length; None if it has others or one is too long."""
        match node:
            case Phrase(words) if len(words) <= _MAX_PHRASE_WORDS:
                return [len(words), *[self._numbers[word.key] for word in words]]
            case AnyOf(children) | TermList(_, children):
                items: list[int] = []
                for child in children:
                    if isinstance(child, Word):
                        items += (1, self._numbers[child.key])
                    elif inner := self._items(child):
                        items += inner
                    else:
                        return None
                return items
            case Word(key):
                return 1, self._numbers[key]
        return None


def _with_length(head: Sequence[int], programs: Iterable[Program]) -> Sequence[int]:
    """Return an operation with its children: after its number comes the length of all of it."""
    code = [head[0], 0, *head[1:]]
    for program in programs:
        code += program.code
    code[1] = len(code)
    return code

"""YAML as a person wrote it: nodes with their place in the file, every scalar the text itself.

``NO``, ``on``, ``22:30``, ``0123`` and ``1.10`` stay what they are, for nothing is resolved. What would change
the meaning of a text unseen is an error: duplicate keys, anchors, aliases, merges, tags, directives, control
characters, several documents, and a plain text cut short by `` #``. The events come from PyYAML's C parser and
are read one at a time, so that a hostile file is refused where it turns hostile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from watcher.rulebook import yaml_errors
from watcher.rulebook.problems import Position, Problem

MAX_BYTES = 1024 * 1024
"""The size of one file: dozens of times the longest shipped rule file."""
MAX_DEPTH = 20
"""Levels of nesting: a rule file has five, and reading recurses."""
MAX_PROBLEMS = 100
"""Reported of one file; after correcting a hundred, the next check shows the others."""

NodePath = tuple[str | int, ...]

_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
"""Control characters, line separators, and the marks that reverse the direction of what is shown."""
_COMMENT = re.compile(r"([ \t]+)#(.?)")
_DASHED = re.compile(r"\n\s*- ")


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A text. ``raw`` is what stands in the file for it, quotes and indentation included."""

    text: str
    position: Position
    style: str = ""
    """One of ``' " | >``; empty for a plain text."""
    raw: str = ""

    def plain(self) -> Any:
        """The text."""
        return self.text

    def place(self, offset: int) -> Position:
        """Where the character at ``offset`` of the text stands in the file."""
        at = self.raw.find("\n") + 1 if self.style in ("|", ">") else len(self.style)
        for char in filter(str.strip, self.text[:offset]):  # only white space differs between text and file
            at = max(at, self.raw.find(char, at) + 1)
        if wanted := self.text[offset : offset + 1].strip():
            at = max(at, self.raw.find(wanted, at))
        line_start = self.raw.rfind("\n", 0, at) + 1
        first_column = 1 if line_start else self.position.column
        return Position(self.position.line + self.raw.count("\n", 0, at), first_column + at - line_start)


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list."""

    items: tuple[Node, ...]
    position: Position

    def plain(self) -> Any:
        """The list, of what its items are."""
        return [item.plain() for item in self.items]


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys with their values, in the order written."""

    entries: dict[str, Node]
    keys: dict[str, Position]
    position: Position

    def plain(self) -> Any:
        """The dictionary, of what its values are."""
        return {key: value.plain() for key, value in self.entries.items()}


Node = ScalarNode | SequenceNode | MappingNode


def select(node: Node, *steps: str) -> Iterator[tuple[NodePath, Node]]:
    """Every node that a path leads to, with the path; ``*`` is every entry, and what is not there is left out."""
    if not steps:
        yield (), node
        return
    children: list[tuple[str | int, Node]] = []
    if isinstance(node, MappingNode):
        children = [(key, child) for key, child in node.entries.items() if steps[0] in ("*", key)]
    elif isinstance(node, SequenceNode) and steps[0] == "*":
        children = list(enumerate(node.items))
    for key, child in children:
        for rest, found in select(child, *steps[1:]):
            yield (key, *rest), found


def scalars(node: Node, *steps: str) -> Iterator[tuple[NodePath, ScalarNode]]:
    """The texts among what ``select`` finds."""
    for path, found in select(node, *steps):
        if isinstance(found, ScalarNode):
            yield path, found


def find(node: Node, path: NodePath) -> Node | None:
    """The value at a path, if there is one."""
    for step in path:
        child: Node | None = None
        if isinstance(node, MappingNode):
            child = node.entries.get(str(step))
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
            child = node.items[step]
        if child is None:
            return None
        node = child
    return node


def locate(node: Node, path: NodePath) -> Position:
    """Where the value at a path stands, or the nearest thing around it that exists."""
    for length in range(len(path), 0, -1):
        if found := find(node, path[:length]):
            return found.position
    return node.position


def locate_key(node: Node, path: NodePath) -> Position:
    """Where the key that ends a path is written."""
    parent = find(node, path[:-1])
    if path and isinstance(parent, MappingNode) and str(path[-1]) in parent.keys:
        return parent.keys[str(path[-1])]
    return locate(node, path)


def compose(file: str, text: str) -> tuple[Node | None, list[Problem]]:
    """The node that a file is, and everything that is wrong with it as YAML; None when it is not YAML at all."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return None, [Problem(file, 0, 0, f"too large: at most {MAX_BYTES:,} bytes")]
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if hidden := _HIDDEN.search(text):
        position = yaml_errors.position_at(text, hidden.start())
        return None, [Problem(file, *position, f"hidden character U+{ord(hidden[0]):04X}: delete it")]
    return _Composer(file, text).compose()


class _Refused(Exception):
    """The rest of the file is not worth reading."""


@dataclass(slots=True)
class _Composer:
    file: str
    text: str
    problems: list[Problem] = field(default_factory=list)
    flow: int = 0

    def compose(self) -> tuple[Node | None, list[Problem]]:
        events = yaml.parse(self.text, Loader=yaml.CLoader)
        root: Node | None = None
        try:
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    if root is not None:
                        self._refuse(event, "a second document starts here: one file holds one document")
                    self._check_directives(event)
                    root = self._node(next(events), events, 1)
        except yaml.MarkedYAMLError as error:
            self.problems.append(Problem(self.file, *yaml_errors.explain(self.text, error)))
            return None, self.problems
        except _Refused:
            return None, self.problems
        if root is None:
            self.problems.append(Problem(self.file, 1, 1, "the file is empty"))
        return root, self.problems

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        if depth > MAX_DEPTH:
            self._refuse(event, f"nested more than {MAX_DEPTH} levels deep")
        self._check_properties(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, events, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, events, depth)
        return self._scalar(event)

    def _sequence(self, start: Any, events: Iterator[Any], depth: int) -> SequenceNode:
        self.flow += bool(start.flow_style)
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        self.flow -= bool(start.flow_style)
        return SequenceNode(tuple(items), _position(start))

    def _mapping(self, start: Any, events: Iterator[Any], depth: int) -> MappingNode:
        self.flow += bool(start.flow_style)
        entries: dict[str, Node] = {}
        keys: dict[str, Position] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if self._usable_key(key, keys):
                assert isinstance(key, ScalarNode)
                entries[key.text], keys[key.text] = value, key.position
        self.flow -= bool(start.flow_style)
        return MappingNode(entries, keys, _position(start))

    def _usable_key(self, key: Node, keys: dict[str, Position]) -> bool:
        if not isinstance(key, ScalarNode):
            self._report(key.position, "a key is one word, not a list or a mapping")
        elif key.text == "<<" and not key.style:
            self._report(key.position, "merge keys (<<) are not supported: write the keys out")
        elif key.text in keys:
            self._report(key.position, f"{key.text!r} is written twice, first on line {keys[key.text].line}")
        else:
            return True
        return False

    def _scalar(self, event: Any) -> ScalarNode:
        position = _position(event)
        if isinstance(event, yaml.AliasEvent):
            return ScalarNode("", position)
        start, end = event.start_mark.index, event.end_mark.index
        scalar = ScalarNode(event.value, position, event.style or "", self.text[start:end])
        if not scalar.style and scalar.text:
            self._check_plain(scalar, end)
        elif hidden := _HIDDEN.search(scalar.text):
            self._report(position, f"the text holds a hidden character, U+{ord(hidden[0]):04X}")
        return scalar

    def _check_plain(self, scalar: ScalarNode, end: int) -> None:
        comment = _COMMENT.match(self.text, end)
        if comment and not (len(comment[1].expandtabs(2)) > 1 and comment[2] in ("", " ", "#")):
            place = Position(*yaml_errors.position_at(self.text, comment.start() + len(comment[1])))
            self._report(
                place,
                "the text ends here, because ' #' starts a comment: put the text in quotes "
                "(a comment has two spaces before its # and one after)",
            )
        if self.flow and "\n" in scalar.raw:
            self._report(scalar.position, "the text runs over the end of the line: a comma or a quote is missing")
        elif _DASHED.search(scalar.raw):
            self._report(scalar.position, "the list below it is read as part of this text: write the text or the list")

    def _check_properties(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._report(_position(event), "a value that starts with * is an alias in YAML: put it in single quotes")
        elif event.anchor is not None:
            self._report(_position(event), "a value that starts with & is an anchor in YAML: put it in single quotes")
        elif event.tag is not None:
            self._report(_position(event), "a value that starts with ! is a tag in YAML: put it in single quotes")

    def _check_directives(self, event: Any) -> None:
        if event.version or event.tags:
            self._report(_position(event), "directives (%) are not supported: delete this line")

    def _report(self, position: Position, message: str) -> None:
        self.problems.append(Problem.at(self.file, position, message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Refused

    def _refuse(self, event: Any, message: str) -> None:
        self._report(_position(event), message)
        raise _Refused


def _position(event: Any) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)

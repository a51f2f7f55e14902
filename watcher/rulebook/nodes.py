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

from watcher.rulebook import scanning
from watcher.rulebook.problems import Problem

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20
MAX_PROBLEMS = 100
"""In one file; whoever mends the first hundred sees the others."""

Path = tuple[str | int, ...]

_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
"""Control characters, line separators, and the marks that reverse the direction of what is shown."""
_COMMENT = re.compile(r"([ \t]+)#(.?)")
_DASHED = re.compile(r"\n\s*- ")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file, counted from one."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. ``raw`` is what stands in the file for it, quotes and indentation included."""

    text: str
    mark: Mark
    style: str = ""
    """One of ``' " | >``; empty for a plain text."""
    raw: str = ""

    def plain(self) -> Any:
        """The text."""
        return self.text

    def place(self, offset: int) -> Mark:
        """Where the character at ``offset`` of the text stands in the file."""
        at = self.raw.find("\n") + 1 if self.style in ("|", ">") else len(self.style)
        for char in filter(str.strip, self.text[:offset]):  # only white space differs between text and file
            at = max(at, self.raw.find(char, at) + 1)
        if wanted := self.text[offset : offset + 1].strip():
            at = max(at, self.raw.find(wanted, at))
        line_start = self.raw.rfind("\n", 0, at) + 1
        first_column = 1 if line_start else self.mark.column
        return Mark(self.mark.line + self.raw.count("\n", 0, at), first_column + at - line_start)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    mark: Mark

    def plain(self) -> Any:
        """The list, of what its items are."""
        return [item.plain() for item in self.items]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values, in the order written."""

    entries: dict[str, Node]
    keys: dict[str, Mark]
    mark: Mark

    def plain(self) -> Any:
        """The dictionary, of what its values are."""
        return {key: value.plain() for key, value in self.entries.items()}


Node = Scalar | Sequence | Mapping


def select(node: Node, *steps: str) -> Iterator[tuple[Path, Node]]:
    """Every node that a path leads to, with the path; ``*`` is every entry, and what is not there is left out."""
    if not steps:
        yield (), node
        return
    children: list[tuple[str | int, Node]] = []
    if isinstance(node, Mapping):
        children = [(key, child) for key, child in node.entries.items() if steps[0] in ("*", key)]
    elif isinstance(node, Sequence) and steps[0] == "*":
        children = list(enumerate(node.items))
    for key, child in children:
        for rest, found in select(child, *steps[1:]):
            yield (key, *rest), found


def scalars(node: Node, *steps: str) -> Iterator[tuple[Path, Scalar]]:
    """The texts among what ``select`` finds."""
    for path, found in select(node, *steps):
        if isinstance(found, Scalar):
            yield path, found


def find(node: Node, path: Path) -> Node | None:
    """The value at a path, if there is one."""
    for step in path:
        child: Node | None = None
        if isinstance(node, Mapping):
            child = node.entries.get(str(step))
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            child = node.items[step]
        if child is None:
            return None
        node = child
    return node


def locate(node: Node, path: Path) -> Mark:
    """Where the value at a path stands, or the nearest thing around it that exists."""
    for length in range(len(path), 0, -1):
        if found := find(node, path[:length]):
            return found.mark
    return node.mark


def locate_key(node: Node, path: Path) -> Mark:
    """Where the key that ends a path is written."""
    parent = find(node, path[:-1])
    if path and isinstance(parent, Mapping) and str(path[-1]) in parent.keys:
        return parent.keys[str(path[-1])]
    return locate(node, path)


def compose(file: str, text: str) -> tuple[Node | None, list[Problem]]:
    """The node that a file is, and everything that is wrong with it as YAML; None when it is not YAML at all."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return None, [Problem(file, 0, 0, f"too large: at most {MAX_BYTES:,} bytes")]
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if hidden := _HIDDEN.search(text):
        mark = scanning.mark_at(text, hidden.start())
        return None, [Problem(file, *mark, f"hidden character U+{ord(hidden[0]):04X}: delete it")]
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
            self.problems.append(Problem(self.file, *scanning.explain(self.text, error)))
            return None, self.problems
        except _Refused:
            return None, self.problems
        if root is None:
            self.problems.append(Problem(self.file, 1, 1, "the file is empty"))
        return root, self.problems

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        if depth > MAX_DEPTH:
            self._refuse(event, f"nested more than {MAX_DEPTH} deep")
        self._check_properties(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, events, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, events, depth)
        return self._scalar(event)

    def _sequence(self, start: Any, events: Iterator[Any], depth: int) -> Sequence:
        self.flow += bool(start.flow_style)
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        self.flow -= bool(start.flow_style)
        return Sequence(tuple(items), _mark(start))

    def _mapping(self, start: Any, events: Iterator[Any], depth: int) -> Mapping:
        self.flow += bool(start.flow_style)
        entries: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if self._usable_key(key, keys):
                assert isinstance(key, Scalar)
                entries[key.text], keys[key.text] = value, key.mark
        self.flow -= bool(start.flow_style)
        return Mapping(entries, keys, _mark(start))

    def _usable_key(self, key: Node, keys: dict[str, Mark]) -> bool:
        if not isinstance(key, Scalar):
            self._report(key.mark, "a key is one word, not a list or a mapping")
        elif key.text == "<<" and not key.style:
            self._report(key.mark, "merge keys (<<) are not read: write the keys out")
        elif key.text in keys:
            self._report(key.mark, f"{key.text!r} stands here twice, first on line {keys[key.text].line}")
        else:
            return True
        return False

    def _scalar(self, event: Any) -> Scalar:
        mark = _mark(event)
        if isinstance(event, yaml.AliasEvent):
            return Scalar("", mark)
        start, end = event.start_mark.index, event.end_mark.index
        scalar = Scalar(event.value, mark, event.style or "", self.text[start:end])
        if not scalar.style and scalar.text:
            self._check_plain(scalar, end)
        elif hidden := _HIDDEN.search(scalar.text):
            self._report(mark, f"the text holds a hidden character, U+{ord(hidden[0]):04X}")
        return scalar

    def _check_plain(self, scalar: Scalar, end: int) -> None:
        comment = _COMMENT.match(self.text, end)
        if comment and not (len(comment[1].expandtabs(2)) > 1 and comment[2] in ("", " ", "#")):
            place = Mark(*scanning.mark_at(self.text, comment.start() + len(comment[1])))
            self._report(
                place,
                "the text ends here, for ' #' starts a comment: put the text in quotes "
                "(a comment has two spaces before its # and one after)",
            )
        if self.flow and "\n" in scalar.raw:
            self._report(scalar.mark, "the text runs over the end of the line: a comma or a quote is missing")
        elif _DASHED.search(scalar.raw):
            self._report(scalar.mark, "the text swallows the list under it: put one or the other")

    def _check_properties(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._report(_mark(event), "a value that starts with * is an alias in YAML: put it in single quotes")
        elif event.anchor is not None:
            self._report(_mark(event), "a value that starts with & is an anchor in YAML: put it in single quotes")
        elif event.tag is not None:
            self._report(_mark(event), "a value that starts with ! is a tag in YAML: put it in single quotes")

    def _check_directives(self, event: Any) -> None:
        if event.version or event.tags:
            self._report(_mark(event), "directives (%) are not read: delete this line")

    def _report(self, mark: Mark, message: str) -> None:
        self.problems.append(Problem(self.file, mark.line, mark.column, message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Refused

    def _refuse(self, event: Any, message: str) -> None:
        self._report(_mark(event), message)
        raise _Refused


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)

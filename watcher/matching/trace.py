"""A rule as a tree to print, with what each of its parts found in a text, or why it found nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from watcher.matching.distances import Within, words_between
from watcher.matching.document import Document
from watcher.matching.nodes import (
    And,
    AtLeast,
    Expression,
    Field,
    Near,
    Node,
    Not,
    NotNear,
    Operand,
    Phrase,
    Range,
    SourceName,
    TermList,
    Word,
    children_of,
    keys_of,
)
from watcher.matching.parser import Query
from watcher.matching.term_view import Place, View
from watcher.matching.vocabulary import Vocabulary, needs_capitals
from watcher.text.folding import fold

_MAX_FINDS_SHOWN = 5
_UNITS = {"s": "the same sentence", "p": "the same paragraph"}


@dataclass(frozen=True, slots=True)
class Branch:
    """One part of a rule, in words; its string is the tree, indented."""

    label: str
    children: tuple[Branch, ...] = ()
    holds: bool | None = None
    """Whether it holds in the text; None when no text was given."""
    note: str = ""
    """Where it was found, or why not."""

    def __str__(self) -> str:
        return "\n".join(self._lines(""))

    def _lines(self, indent: str) -> Iterator[str]:
        mark = "" if self.holds is None else ("+ " if self.holds else "- ")
        yield f"{indent}{mark}{self.label}{': ' if self.note else ''}{self.note}"
        for child in self.children:
            yield from child._lines(indent + "  ")


def tree(query: Query) -> Branch:
    """Return how the rule was understood."""
    return _branch(query.root, None)


def trace(query: Query, document: Document) -> Branch:
    """Return what each part of the rule found in the document."""
    keys = keys_of([query.root])
    vocabulary = Vocabulary([*keys, *(fold(key) for key in keys if needs_capitals(key))])
    return _branch(query.root, View.of(document, vocabulary))


def _branch(node: Node, view: View | None) -> Branch:
    inner = view.part(node.part) if view and isinstance(node, Field) and node.part != "source" else view
    children = tuple(_branch(child, inner) for child in children_of(node))
    if view is None:
        return Branch(label(node), children)
    return Branch(label(node), children, node.holds(view), _note(node, view))


def label(node: Node) -> str:
    """Describe a node in the words of the rule language."""
    match node:
        case Near(within=within, ordered=ordered):
            return _distance(within) + (", in this order" if ordered else "")
        case NotNear(within=within):
            return f"the first without the second: {_distance(within)}"
        case AtLeast(count):
            return f"at least {count} of"
        case Field(part):
            return f"{part}:"
    return _term(node) or {And: "and", Not: "not"}.get(type(node), "or")


def _term(node: Node) -> str:
    match node:
        case Word(key):
            return key
        case Phrase(words):
            return '"' + " ".join(each.key for each in words) + '"'
        case Range(low, high):
            return f"a number from {low:g}" + (f" to {high:g}" if high != float("inf") else "")
        case Expression(regex):
            return f"/{regex.text}/" + ("i" if regex.ignore_case else "")
        case TermList(name):
            return f"@{name}"
        case SourceName(name):
            return name
    return ""


def _distance(within: Within) -> str:
    return f"at most {within} words between" if isinstance(within, int) else f"in {_UNITS[within]}"


def _note(node: Node, view: View) -> str:
    match node:
        case Operand() if places := node.places(view):
            return _where(places, view)
        case Word(key) if needs_capitals(key) and (places := Word(fold(key)).places(view)):
            return f"not with these capitals, or only in text that is all in capitals; {_where(places, view)}"
        case Near(left, right):
            return _how_far(left.places(view), right.places(view))
        case NotNear(left) if left.holds(view):
            return "the second is always close"
        case Operand():
            return "not found"
        case SourceName():
            return "the source is " + (", ".join(sorted(view.document.names)) or "not known")
    return ""


def _where(places: Sequence[Place], view: View) -> str:
    found = []
    for place in places[:_MAX_FINDS_SHOWN]:
        for span in view.document.spans(*place):
            words = " ".join(view.document.parts[span.part][span.start : span.end].split())
            found.append(f"{span.part} {span.start} {words!r}")
    more = len(places) - _MAX_FINDS_SHOWN
    return ", ".join(found) + (f" and {more} more" if more > 0 else "")


def _how_far(left: Sequence[Place], right: Sequence[Place]) -> str:
    if not left or not right:
        return ""
    closest = min(words_between(one, other) for one in left[:100] for other in right[:100])
    return f"the closest are {closest} words apart" if closest < 2_000 else "never in the same part or page"

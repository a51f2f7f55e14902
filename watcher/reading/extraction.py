"""What a reading process looks for in a document, as a person wrote it. Imports no parser: the fetchers use it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self


class Selector(NamedTuple):
    """What to look for in an element (empty: the element itself) and which attribute to take (empty: its text)."""

    css: str
    attribute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSelectors:
    """Where on a page its items are, and where in each of them its parts."""

    item: str
    title: Sequence[Selector]
    link: Sequence[Selector]
    key: Sequence[Selector] = ()
    date: Sequence[Selector] = ()
    summary: Sequence[Selector] = ()
    next: Sequence[Selector] = ()
    timezone: str = "UTC"
    must_find: bool = True
    """Treat a page without items as an error."""
    attached: bool = False
    """List the documents that an item links to."""

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the selectors from what ``dataclasses.asdict`` and JSON made of them."""
        arguments: dict[str, Any] = {
            name: tuple(Selector(*pair) for pair in value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonExpressions:
    """Where in JSON the items are, and where in each of them its parts (JMESPath); all but ``items`` may be empty."""

    items: str
    key: str = ""
    title: str = ""
    link: Sequence[str] = ()
    """The first that leads somewhere counts."""
    date: str = ""
    summary: str = ""
    text: str = ""
    author: str = ""
    filed_under: str = ""
    next: str = ""
    count: str = ""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSelector:
    """Which part of a page is watched as a whole."""

    within: str = ""
    """A CSS selector; empty: the main part of the page."""


Extraction = PageSelectors | JsonExpressions | DocumentSelector

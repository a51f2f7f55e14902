"""Pages that list things become entries, by CSS selectors that a person wrote. Runs in a reading process.

A selector that finds nothing is an error, never an empty page: sites are redesigned without notice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bs4 import Tag

from watcher.model import Entry, FetchError, Part, Reason
from watcher.reading import attached, damage, markup, moments, text, walls
from watcher.reading.sifting import sifted

_ITEMS = 5_000
"""Items of one page that are read."""
_SORT_KEY = re.compile(r"""(?!^)<span\b[^>]*\bstyle="\s*display:\s*none;?\s*"[^>]*>[^<]*</span>""", re.IGNORECASE)
"""Inside of what a selector finds: by which a script sorts a table, as the seconds before a date. Nobody sees it."""


class Selector(NamedTuple):
    """What to look for in an element (empty: the element itself) and which attribute to take (empty: its text)."""

    css: str
    attribute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where on the page the items are, and where in each of them what is wanted."""

    item: str
    title: list[Selector]
    link: list[Selector]
    key: list[Selector]
    date: list[Selector]
    summary: list[Selector]
    next: list[Selector]
    timezone: str
    must_find: bool
    """Whether a page without items is an error."""
    attached: bool = False
    """Whether the documents that an item links to are wanted."""


def read(body: bytes, *, url: str, content_type: str, known: Collection[str], shape: dict[str, Any]) -> Part:
    """What the page at ``url`` lists that is not ``known`` (fingerprints, in hexadecimal).

    Raises FetchError: BLOCKED, NOT_A_FEED, SELECTOR when no items are found where there must be some, or no title in
    any item.
    """
    wanted = Shape(**{name: _selectors(value) for name, value in shape.items()})
    tree = markup.page(body, content_type)
    elements = tree.select(wanted.item, limit=_ITEMS)
    if not elements:
        _explain(body, wanted)
    base = markup.base(tree, url)
    entries = [_Item(element, base).entry(wanted) for element in elements]
    if entries and not any(entry.title for entry in entries):
        raise FetchError(
            Reason.SELECTOR, f"title: {_written(wanted.title)} finds nothing in any of {len(entries)} items"
        )
    reading = sifted(entries, frozenset(map(bytes.fromhex, known)))
    undated = wanted.date and entries and all(entry.published is None for entry in entries)
    return Part(
        reading=replace(
            reading,
            title=text.line(tree.title.get_text()) if tree.title else "",
            damaged=f"date: {_written(wanted.date)} finds no date in any item" if undated else "",
        ),
        next=_Item(tree, base).link(wanted.next),
    )


@dataclass(frozen=True, slots=True)
class _Item:
    """An element of a page, and what its links are relative to."""

    element: Tag
    base: str

    def entry(self, wanted: Shape) -> Entry:
        """What the item says."""
        zone = ZoneInfo(wanted.timezone)
        titles = [next(self._values([selector]), "") for selector in wanted.title]
        dates = [next(self._values([selector], dated=True), "") for selector in wanted.date]
        return Entry(
            guid=text.key("/".join(self._values(wanted.key))),
            link=self.link(wanted.link),
            title=text.line(", ".join(dict.fromkeys(filter(None, map(text.line, titles))))),
            summary="\n\n".join(dict.fromkeys(self._values(wanted.summary)))[: text.TEXT_LIMIT].rstrip(),
            published=moments.moment([date for date in dates if date], zone),
            attached=attached.of_item(self.element, self.base) if wanted.attached else (),
        )

    def link(self, selectors: Sequence[Selector]) -> str:
        """The first address that one of the selectors leads to."""
        addresses = self._values([Selector(css, attribute or "href") for css, attribute in selectors])
        return next(filter(None, (text.web_link(address, self.base) for address in addresses)), "")

    def _values(self, selectors: Iterable[Selector], *, dated: bool = False) -> Any:
        """What the selectors find, as plain text."""
        for css, attribute in selectors:
            for found in self.element.select(css) if css else [self.element]:
                if value := _value(found, attribute or ("datetime" if dated and found.has_attr("datetime") else "")):
                    yield value


def _value(element: Tag, attribute: str) -> str:
    if not attribute:
        return text.from_html(_SORT_KEY.sub("", str(element)))
    value = element.get(attribute, "")
    return text.plain(" ".join(value) if isinstance(value, list) else str(value))


def _explain(body: bytes, wanted: Shape) -> None:
    """Why there are no items. Raises FetchError where there must be some."""
    if walls.asks_to_sign_in(body):
        raise FetchError(Reason.BLOCKED, "a form to sign in")
    if wanted.must_find:
        raise FetchError(Reason.SELECTOR, f"item: {wanted.item!r} finds nothing in {damage.describe(body)}")


def _selectors(value: Any) -> Any:
    return [Selector(*pair) for pair in value] if isinstance(value, list) else value


def _written(selectors: Sequence[Selector]) -> str:
    return ", ".join(repr(f"{css}@{attribute}" if attribute else css) for css, attribute in selectors)

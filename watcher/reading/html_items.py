"""Pages that list things become entries, by CSS selectors that a person wrote. Runs in a reading process.

A selector that finds nothing is an error, never an empty page: sites are redesigned without notice.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bs4 import Tag

from watcher.model import Entry, FetchError, Reason
from watcher.reading import attached, damage, dates, markup, plain_text, walls
from watcher.reading.extraction import PageSelectors, Selector
from watcher.reading.fingerprints import reading_of
from watcher.reading.results import Part

_MAX_ITEMS = 5_000
"""Items of one page."""
_HIDDEN = re.compile(r"\s*display:\s*none;?\s*", re.IGNORECASE)
"""A style attribute."""


def read(body: bytes, *, url: str, content_type: str, known: frozenset[bytes], extract: PageSelectors) -> Part:
    """Return what the page at ``url`` lists, without the items whose fingerprint is ``known``.

    Raise FetchError: BLOCKED, NOT_A_FEED, SELECTOR when no items are found where there must be some, or no title in
    any item.
    """
    tree = markup.page(body, content_type)
    elements = tree.select(extract.item, limit=_MAX_ITEMS)
    if not elements and walls.asks_to_sign_in(body):
        raise FetchError(Reason.BLOCKED, "a form to sign in")
    if not elements and extract.must_find:
        raise FetchError(Reason.SELECTOR, f"item: {extract.item!r} finds nothing in {damage.describe(body)}")
    base = markup.base(tree, url)
    entries = [_Item(element, base).entry(extract) for element in elements]
    if entries and not any(entry.title for entry in entries):
        raise FetchError(
            Reason.SELECTOR, f"title: {_written(extract.title)} finds nothing in any of {len(entries)} items"
        )
    reading = reading_of(entries, known)
    undated = extract.date and entries and all(entry.published is None for entry in entries)
    return Part(
        reading=replace(
            reading,
            title=plain_text.line(tree.title.get_text()) if tree.title else "",
            damaged=f"date: {_written(extract.date)} finds no date in any item" if undated else "",
        ),
        next=_Item(tree, base).link(extract.next),
    )


@dataclass(frozen=True, slots=True)
class _Item:
    """An element of a page, and what its links are relative to."""

    element: Tag
    base: str

    def entry(self, extract: PageSelectors) -> Entry:
        """Return what the item says."""
        zone = ZoneInfo(extract.timezone)
        titles = [next(self._values([selector]), "") for selector in extract.title]
        written = [next(self._values([selector], dated=True), "") for selector in extract.date]
        return Entry(
            guid=plain_text.key("/".join(self._values(extract.key))),
            link=self.link(extract.link),
            title=plain_text.line(", ".join(dict.fromkeys(filter(None, map(plain_text.line, titles))))),
            summary="\n\n".join(dict.fromkeys(self._values(extract.summary)))[: plain_text.TEXT_LIMIT].rstrip(),
            published=dates.parse([date for date in written if date], zone),
            attached=attached.of_item(self.element, self.base) if extract.attached else (),
        )

    def link(self, selectors: Sequence[Selector]) -> str:
        """Return the first address that one of the selectors leads to."""
        addresses = self._values([Selector(css, attribute or "href") for css, attribute in selectors])
        return next(filter(None, (plain_text.web_link(address, self.base) for address in addresses)), "")

    def _values(self, selectors: Iterable[Selector], *, dated: bool = False) -> Iterator[str]:
        """Yield what the selectors find, as plain text; with ``dated`` a date in its machine-readable form."""
        for css, attribute in selectors:
            for found in self.element.select(css) if css else [self.element]:
                if value := _value(found, attribute or ("datetime" if dated and found.has_attr("datetime") else "")):
                    yield value


def _value(element: Tag, attribute: str) -> str:
    if not attribute:
        if element.find(_is_sort_key):
            element = copy.copy(element)  # the selector of another field may ask for the sort key itself
            for sort_key in element.find_all(_is_sort_key):
                sort_key.decompose()
        return plain_text.from_html(str(element))
    value = element.get(attribute, "")
    return plain_text.plain(" ".join(value) if isinstance(value, list) else str(value))


def _is_sort_key(tag: Tag) -> bool:
    """Return whether nobody sees this text, by which a script sorts a table: the seconds of a date before the date."""
    return tag.name == "span" and _HIDDEN.fullmatch(str(tag.get("style", ""))) is not None and not tag.find(True)


def _written(selectors: Sequence[Selector]) -> str:
    return ", ".join(repr(f"{css}@{attribute}" if attribute else css) for css, attribute in selectors)

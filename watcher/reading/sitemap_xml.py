"""Sitemaps (sitemaps.org), above all those of news, which say title and date. Runs in a reading process only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from watcher.model import Entry, FetchError, Reason
from watcher.reading import damage, dates, encoding, feedparser_entries, plain_text, walls
from watcher.reading.fingerprints import reading_of
from watcher.reading.results import Part
from watcher.reading.scan import name

_MAX_ADDRESSES = 50_000
"""The protocol allows a sitemap to list no more."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def read(body: bytes, *, url: str, content_type: str, known: frozenset[bytes]) -> Part:
    """Return the pages that the sitemap lists, without those whose fingerprint is ``known``.

    An index of sitemaps has no pages; its ``next`` is the sitemap that changed last. Raise FetchError: BLOCKED or
    NOT_A_FEED. Sitemaps that are sent as gzip files were decompressed, within bounds, when they were fetched.
    """
    data = encoding.to_utf8(body, content_type)
    root, problem = _root(data)
    if name(root) == "sitemapindex":
        return Part(reading=reading_of([], frozenset()), next=_newest(root, url))
    pages = [child for child in root if name(child) == "url"][:_MAX_ADDRESSES]
    reading = reading_of([_entry(page, url) for page in pages], known)
    return Part(reading=replace(reading, damaged=problem))


def _root(data: bytes) -> tuple[Any, str]:
    """Return the outermost element, and what is wrong with the document."""
    problem, root = "", None
    try:
        root = etree.fromstring(data, _parser(recover=False))
    except etree.XMLSyntaxError as error:
        problem = plain_text.line(str(error), 200)
        root = etree.fromstring(data, _parser(recover=True)) if data.strip() else None
    if root is not None and name(root) in ("urlset", "sitemapindex"):
        return root, problem
    if obstacle := walls.wall(data):
        raise FetchError(Reason.BLOCKED, obstacle)
    raise FetchError(Reason.NOT_A_FEED, f"not a sitemap but {damage.describe(data)}")


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, recover=recover)


def _entry(page: Any, url: str) -> Entry:
    found = _texts(page)
    address = plain_text.web_link(found["loc"], url) if found.get("loc") else ""
    return Entry(
        guid=address,
        link=address,
        title=plain_text.line(plain_text.unescaped(found.get("title", ""))),
        outlet=plain_text.line(found.get("name", "")),
        published=dates.parse(found.get("publication_date") or found.get("lastmod"), UTC),
        tags=feedparser_entries.tags(found.get("keywords", "").split(",")),
    )


def _texts(page: Any) -> dict[str, str]:
    """Return the texts of its elements by name, without those of pictures and videos, which have titles too."""
    elements = [element for child in page if name(child) not in ("image", "video") for element in child.iter()]
    return {name(element): element.text or "" for element in reversed(elements)}


def _newest(index: Any, url: str) -> str:
    """Return the sitemap that changed last; of those that do not say when, the one that is listed last."""
    listed = [_texts(child) for child in index if name(child) == "sitemap"]
    changed = [(dates.parse(found.get("lastmod"), UTC) or _NEVER, number) for number, found in enumerate(listed)]
    if not changed:
        return ""
    _, number = max(changed)
    return plain_text.web_link(listed[number].get("loc", ""), url)

"""Sitemaps (sitemaps.org), above all those of news, which say title and date. Runs in a reading process only."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from watcher.model import Entry, FetchError, Part, Reason
from watcher.reading import damage, encoding, moments, parsed, text, walls
from watcher.reading.scan import name
from watcher.reading.sifting import sifted

_GZIP = b"\x1f\x8b"
_UNPACKED = 50 * 1024 * 1024
"""Bytes: the most that the protocol allows a sitemap to have."""
_ADDRESSES = 50_000
"""The most that the protocol allows a sitemap to list."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def read(body: bytes, *, url: str, content_type: str, known: Collection[str]) -> Part:
    """The pages that the sitemap lists and that are not ``known`` (fingerprints, in hexadecimal).

    Of an index of sitemaps it is none, and ``next`` is the sitemap that changed last. Raises FetchError: BLOCKED,
    NOT_A_FEED, DAMAGED, HOSTILE.
    """
    data = encoding.to_utf8(_unpacked(body), content_type)
    root, problem = _root(data)
    if name(root) == "sitemapindex":
        return Part(reading=sifted([], frozenset()), next=_newest(root, url))
    pages = [child for child in root if name(child) == "url"][:_ADDRESSES]
    reading = sifted([_entry(page, url) for page in pages], frozenset(map(bytes.fromhex, known)))
    return Part(reading=replace(reading, damaged=problem))


def _root(data: bytes) -> tuple[Any, str]:
    """The outermost element, and what is wrong with the document."""
    problem, root = "", None
    try:
        root = etree.fromstring(data, _parser(recover=False))
    except etree.XMLSyntaxError as error:
        problem = text.line(str(error), 200)
        root = etree.fromstring(data, _parser(recover=True)) if data.strip() else None
    if root is not None and name(root) in ("urlset", "sitemapindex"):
        return root, problem
    if obstacle := walls.wall(data):
        raise FetchError(Reason.BLOCKED, obstacle)
    raise FetchError(Reason.NOT_A_FEED, f"no sitemap but {damage.describe(data)}")


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, recover=recover)


def _entry(page: Any, url: str) -> Entry:
    found = _texts(page)
    address = text.web_link(found["loc"], url) if found.get("loc") else ""
    return Entry(
        guid=address,
        link=address,
        title=text.line(text.unescaped(found.get("title", ""))),
        outlet=text.line(found.get("name", "")),
        published=moments.moment(found.get("publication_date") or found.get("lastmod"), UTC),
        tags=parsed.tags(found.get("keywords", "").split(",")),
    )


def _texts(page: Any) -> dict[str, str]:
    """What its elements say, by their names; pictures and videos have titles too, which are not the page's."""
    elements = [element for child in page if name(child) not in ("image", "video") for element in child.iter()]
    return {name(element): element.text or "" for element in reversed(elements)}


def _newest(index: Any, url: str) -> str:
    """The sitemap that changed last; of those that do not say, the one that is listed last."""
    listed = [_texts(child) for child in index if name(child) == "sitemap"]
    changed = [(moments.moment(found.get("lastmod"), UTC) or _NEVER, number) for number, found in enumerate(listed)]
    if not changed:
        return ""
    _, number = max(changed)
    return text.web_link(listed[number].get("loc", ""), url)


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    inflating = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = inflating.decompress(body, _UNPACKED)
    except zlib.error as error:
        raise FetchError(Reason.DAMAGED, f"gzip that cannot be unpacked: {error}") from None
    if inflating.unconsumed_tail:
        raise FetchError(Reason.HOSTILE, f"unpacks to more than {_UNPACKED >> 20} MB")
    return unpacked

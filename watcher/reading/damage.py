"""Documents that are not what they should be: what they are instead, and what can be saved of a broken feed."""

from __future__ import annotations

import re
from itertools import pairwise

from lxml import etree

from watcher.reading import plain_text
from watcher.reading.signatures import is_pdf

_MAX_QUOTED_CHARS = 80
"""Characters of foreign words in an error message."""
_HEAD_BYTES = 16 * 1024
"""In which the first element is looked for."""
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_TAG = re.compile(rb"<(?:[\w.-]+:)?([a-zA-Z][\w.-]*)")
_HTML_DOCTYPE = re.compile(rb"\s*<!doctype\s+html", re.IGNORECASE)
_ENTRY_START = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_SITE = re.compile(rb"<link>\s*(?:<!\[CDATA\[)?\s*(https?://[^<\]\s]+)", re.IGNORECASE)
_FEED_END = re.compile(rb"</(?:[\w.-]+:)?(?:channel|rss|rdf|feed)\s*>", re.IGNORECASE)


def first_element(data: bytes) -> str:
    """Return the name of the first element in lower case, without its namespace; empty when there is none."""
    match = _TAG.search(_COMMENT.sub(b"", data[:_HEAD_BYTES]))
    return match.group(1).decode("ascii", "replace").lower() if match else ""


def is_page(data: bytes) -> bool:
    """Return whether the document is an HTML page, which may contain what looks like the entries of a feed."""
    return first_element(data) == "html" or _HTML_DOCTYPE.match(_without_declaration(data)) is not None


def describe(data: bytes) -> str:
    """Return what a document in UTF-8 is, in words for an error message."""
    content = _without_declaration(data)
    if not content:
        return "an empty document"
    if is_page(data):
        title = _page_title(content)
        return f"an HTML page titled {_quoted(title)}" if title else "an HTML page"
    if is_pdf(content):
        return "a PDF document"
    if content.startswith(b"<") and (name := first_element(content)):
        return f"an XML document that begins with <{plain_text.line(name, _MAX_QUOTED_CHARS)}>"
    return f"text that begins with {_quoted(content[: 4 * _MAX_QUOTED_CHARS].decode(errors='replace'))}"


def site(data: bytes) -> str:
    """Return the site that an RSS feed belongs to, which its relative links are relative to."""
    first = _ENTRY_START.search(data)
    match = _SITE.search(data, 0, first.start() if first else len(data))
    return plain_text.web_link(match.group(1).decode(errors="replace")) if match else ""


def breaks_off(data: bytes) -> bool:
    """Return whether the feed ends inside an entry, half of which would be taken for another entry than the whole."""
    starts = list(_ENTRY_START.finditer(data))
    return bool(starts) and not _end(data, starts[-1].start())


def pieces(data: bytes) -> list[bytes]:
    """Return a document for each complete entry of a broken feed, between the beginning and the end of the feed."""
    starts = [match.start() for match in _ENTRY_START.finditer(data)]
    if not starts:
        return []
    head, last = data[: starts[0]], starts[-1]
    entries = [data[start:end] for start, end in pairwise(starts)]
    if end := _end(data, last):
        entries.append(data[last:end])
    return [head + entry + data[end or len(data) :] for entry in entries]


def _end(data: bytes, start: int) -> int:
    """Return where the entry that begins at ``start`` ends; 0 where the document breaks off in it."""
    if entry_end := _ENTRY_END.search(data, start):
        return entry_end.end()
    feed_end = _FEED_END.search(data, start)
    return feed_end.start() if feed_end else 0


def _without_declaration(data: bytes) -> bytes:
    return _DECLARATION.sub(b"", data).strip()


def _quoted(words: str) -> str:
    return repr(plain_text.line(words, _MAX_QUOTED_CHARS))


def _page_title(page: bytes) -> str:
    parser = etree.HTMLParser(encoding="utf-8")
    parser.feed(page)
    root = parser.close()
    return "" if root is None else root.findtext(".//title") or ""

"""Search feeds of Google and Bing pass on what others publish: find who that is, and the article's own address.

Their links lead through themselves. Bing and Google Alerts name the address in theirs; Google News wrote it into an
article's id until 2024, and since then an id that only its own pages resolve.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from urllib.parse import SplitResult, parse_qs, urlsplit

from watcher.model import Entry
from watcher.reading import plain_text

_ARTICLE = re.compile(r"/(?:rss/)?(?:articles|read)/(?P<id>[\w=-]+)")
_ID_START = b"\x08\x13\x22"
"""How ids that hold an address begin: its length follows, then the address."""
_OUTLET_SEPARATOR = " - "
"""In a title, before the name of the outlet."""


def resolved(entry: Entry) -> Entry:
    """Return the entry as its outlet published it, as far as the feed says; entries of other feeds as they are."""
    parts = urlsplit(entry.link)
    host = (parts.hostname or "").removeprefix("www.")
    if host == "news.google.com":
        return _of_outlet(_at(entry, _in_id(parts.path)))
    if host == "google.com" and parts.path == "/url":
        return _at(entry, _in_query(parts, "url") or _in_query(parts, "q"))
    if host == "bing.com" and parts.path.startswith("/news/apiclick"):
        return _at(entry, _in_query(parts, "url"))
    return entry


def leads_astray(link: str) -> bool:
    """Return whether the page there is an aggregator's own, which only sends browsers on by a script."""
    parts = urlsplit(link)
    return parts.hostname == "news.google.com" and _ARTICLE.search(parts.path) is not None


def _at(entry: Entry, address: str) -> Entry:
    """Return the entry with the article's own address as link and guid, if there is one."""
    return replace(entry, guid=address, link=address) if address else entry


def _of_outlet(entry: Entry) -> Entry:
    """Return the entry with the outlet's name moved out of the title, and without a summary that repeats the title."""
    title, between, last = entry.title.rpartition(_OUTLET_SEPARATOR)
    outlet = entry.outlet or last
    if not between or last != outlet:
        return entry
    repeated = entry.summary.removesuffix(outlet).strip() in (title, entry.title)
    return replace(entry, title=title, outlet=outlet, summary="" if repeated else entry.summary)


def _in_query(parts: SplitResult, name: str) -> str:
    return plain_text.web_link(parse_qs(parts.query).get(name, [""])[0])


def _in_id(path: str) -> str:
    """Return the address in the id of an article; empty where there is none."""
    found = _ARTICLE.search(path)
    if not found:
        return ""
    try:
        held = base64.urlsafe_b64decode(found["id"].rstrip("=") + "==")
    except (ValueError, binascii.Error):
        return ""
    if not held.startswith(_ID_START) or len(held) < len(_ID_START) + 2:
        return ""
    length, high, rest = held[len(_ID_START)], held[len(_ID_START) + 1], held[len(_ID_START) + 1 :]
    if length & 0x80:  # two bytes, seven bits each, the lower ones first
        length, rest = (length & 0x7F) | high << 7, rest[1:]
    address = plain_text.web_link(rest[:length].decode("latin-1"))
    return address if address.isascii() else ""

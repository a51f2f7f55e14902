"""The feeds and sitemaps that a page links to. Runs in a reading process only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

from watcher.reading import markup, plain_text
from watcher.reading.results import FeedLink

MAX_LINKS = 10
_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json"}
)
_FEED = re.compile(
    r"(?:[/.](?:rss|atom|rdf)(?:2|\.xml)?|[/-]feed(?:\.xml|\.json)?|index\.xml)/?(?:\?.*)?$", re.IGNORECASE
)
"""How addresses of feeds end."""
_COMMENTS = re.compile(r"comment", re.IGNORECASE)


def read(body: bytes, *, url: str, content_type: str) -> list[FeedLink]:
    """Return the feeds and sitemaps that the page at ``url`` links to, likely ones first. Raise FetchError."""
    tree = markup.page(body, content_type)
    base = markup.base(tree, url)
    found: dict[str, FeedLink] = {}
    for kind, element in (*_declared(tree), *_linked(tree)):
        if address := plain_text.web_link(str(element["href"]), base):
            title = plain_text.line(str(element.get("title") or element.get_text(" ")))
            found.setdefault(address, FeedLink(kind=kind, url=address, title=title))
    return sorted(found.values(), key=_is_of_comments)[:MAX_LINKS]


def _declared(tree: BeautifulSoup) -> Iterator[tuple[str, Tag]]:
    for element in tree.select("link[rel~=alternate i][href][type]"):
        if str(element["type"]).partition(";")[0].strip().lower() in _TYPES:
            yield "feed", element
    for element in tree.select("link[rel~=sitemap i][href]"):
        yield "sitemap", element


def _linked(tree: BeautifulSoup) -> Iterator[tuple[str, Tag]]:
    for element in tree.select("a[href]"):
        if _FEED.search(str(element["href"])):
            yield "feed", element


def _is_of_comments(link: FeedLink) -> bool:
    return _COMMENTS.search(link.url) is not None or _COMMENTS.search(link.title) is not None

"""Where a page says that its news can be had in a form made for programs. Runs in a reading process only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

from watcher.model import Lead
from watcher.reading import markup, text

MOST = 10
"""As many as are followed up."""
_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json"}
)
_FEED = re.compile(
    r"(?:[/.](?:rss|atom|rdf)(?:2|\.xml)?|[/-]feed(?:\.xml|\.json)?|index\.xml)/?(?:\?.*)?$", re.IGNORECASE
)
"""How addresses of feeds end."""
_COMMENTS = re.compile(r"comment", re.IGNORECASE)


def read(body: bytes, *, url: str, content_type: str) -> list[Lead]:
    """The feeds and sitemaps that the page at ``url`` leads to, likely ones first. Raises FetchError for no page."""
    tree = markup.page(body, content_type)
    base = markup.base(tree, url)
    found: dict[str, Lead] = {}
    for kind, element in (*_declared(tree), *_linked(tree)):
        if address := text.web_link(str(element["href"]), base):
            title = text.line(str(element.get("title") or element.get_text(" ")))
            found.setdefault(address, Lead(kind=kind, url=address, title=title))
    return sorted(found.values(), key=_is_of_comments)[:MOST]


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


def _is_of_comments(lead: Lead) -> bool:
    return _COMMENTS.search(lead.url) is not None or _COMMENTS.search(lead.title) is not None

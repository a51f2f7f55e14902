"""HTML pages as trees that CSS selectors can search. Runs in a reading process only."""

from __future__ import annotations

import codecs
import re
import warnings

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector

from watcher.model import FetchError, Reason
from watcher.reading import damage, plain_text, walls

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def page(body: bytes, content_type: str) -> BeautifulSoup:
    """Return the page as a tree. Raise FetchError: BLOCKED for a bot wall, NOT_A_FEED for what is not a page."""
    if obstacle := walls.wall(body):
        raise FetchError(Reason.BLOCKED, obstacle)
    markup = decoded(body, content_type)
    if not markup.lstrip("\ufeff \t\r\n").startswith("<"):
        raise FetchError(Reason.NOT_A_FEED, f"not a page but {damage.describe(body)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pages that call themselves XML, and are read as HTML all the same
        return BeautifulSoup(markup, "lxml")


def base(tree: BeautifulSoup, url: str) -> str:
    """Return what the relative links of a page found at ``url`` are relative to."""
    declared = tree.find("base", href=True)
    return (plain_text.web_link(str(declared["href"]), url) if declared else "") or url


def decoded(body: bytes, content_type: str) -> str:
    """Decode in the first encoding that is declared and fits; a few bad bytes in a UTF-8 page cost these bytes."""
    header = _CHARSET.search(content_type)
    marked = "utf-8-sig" if body.startswith(codecs.BOM_UTF8) else None
    declared = EncodingDetector.find_declared_encoding(body, is_html=True)
    for encoding in (marked, header and header[1], declared, "utf-8"):
        if encoding:
            try:
                return body.decode(encoding)
            except (LookupError, ValueError):
                continue
    return body.decode("utf-8", "replace")

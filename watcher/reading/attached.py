"""Which documents are attached to a page, or to an item of one that lists things: the PDFs that it links to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bs4 import Tag

from watcher.model import Attached
from watcher.reading import plain_text

MAX_ATTACHED = 20
"""Documents that one page or item links to."""
_FURNITURE = frozenset({"nav", "header", "footer", "aside"})
_PDF_FILE = re.compile(r"\.pdf(?:$|[?&])", re.IGNORECASE)
_PDF = re.compile(r"\bpdf\b", re.IGNORECASE)
_NAMING = ("type", "download", "data-file-name")
"""Attributes of a link that tell what is behind it."""
_HANDLERS = re.compile(
    r"/View\.ashx\?M=(?!IC\b)|/AgendaCenter/ViewFile/|/DocumentCenter/View/|/(?:Agenda|Minutes|Meta)Viewer\.php\?",
    re.IGNORECASE,
)
"""How Legistar, CivicPlus and Granicus hand out documents; Legistar's M=IC is an entry for a calendar."""


class _Link(NamedTuple):
    attributes: Mapping[str, Any]  # a text each, or a list of them: two libraries, two ways
    says: str
    shows: str
    """What its pictures say instead of words."""


def of_page(tree: Any, base: str) -> tuple[Attached, ...]:
    """Return the documents that a page links to outside of its navigation, header and footer; ``tree`` is lxml's."""
    links = (a for a in tree.iter("a") if not _is_furniture(a))
    return _documents((_Link(a.attrib, a.text_content(), _shown(a.iter("img"))) for a in links), base)


def of_item(element: Tag, base: str) -> tuple[Attached, ...]:
    """Return the documents that an item of a page links to, or is a link to."""
    links = [element, *element.find_all("a")] if element.name == "a" else element.find_all("a")
    return _documents((_Link(a.attrs, a.get_text(), _shown(a.find_all("img"))) for a in links), base)


def _shown(images: Iterable[Any]) -> str:
    return " ".join(image.get("alt") or "" for image in images)


def _documents(links: Iterable[_Link], base: str) -> tuple[Attached, ...]:
    """Return each document once, in their order."""
    found: dict[str, str] = {}
    for link in links:
        url = plain_text.web_link(link.attributes.get("href") or "", base).partition("#")[0]
        if url not in found and _is_document(url, link):
            found[url] = _name(link, url)
    return tuple(Attached(url=url, name=name) for url, name in list(found.items())[:MAX_ATTACHED])


def _is_document(url: str, link: _Link) -> bool:
    if not url:
        return False
    said = " ".join([*(link.attributes.get(name) or "" for name in _NAMING), link.says])
    return any(mark.search(where) for mark, where in ((_PDF_FILE, url), (_HANDLERS, url), (_PDF, said)))


def _is_furniture(anchor: Any) -> bool:
    return any(around.tag in _FURNITURE for around in anchor.iterancestors())


def _name(link: _Link, url: str) -> str:
    """Return what the link says or shows, or else the name of the file."""
    return (
        plain_text.line(link.says)
        or plain_text.line(link.shows)
        or plain_text.line(urlsplit(url).path.rsplit("/", 1)[-1])
    )

"""Which documents are attached to a page: PDFs it links to, outside of what stands on every page of its site."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from watcher.model import Attached
from watcher.reading import text

MOST = 20
"""Documents of one page that are named."""
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


def documents(tree: Any, base: str) -> tuple[Attached, ...]:
    """The documents that the page links to, each once, in their order; ``tree`` is lxml's."""
    found: dict[str, str] = {}
    for anchor in tree.iter("a"):
        url = text.web_link(anchor.get("href") or "", base).partition("#")[0]
        if url not in found and _is_document(url, anchor) and not _is_furniture(anchor):
            found[url] = _name(anchor, url)
    return tuple(Attached(url=url, name=name) for url, name in list(found.items())[:MOST])


def _is_document(url: str, anchor: Any) -> bool:
    if not url:
        return False
    said = " ".join([*(anchor.get(name) or "" for name in _NAMING), anchor.text_content()])
    return any(mark.search(where) for mark, where in ((_PDF_FILE, url), (_HANDLERS, url), (_PDF, said)))


def _is_furniture(anchor: Any) -> bool:
    return any(around.tag in _FURNITURE for around in anchor.iterancestors())


def _name(anchor: Any, url: str) -> str:
    """What the link says, or what the file is called."""
    return text.line(anchor.text_content()) or text.line(urlsplit(url).path.rsplit("/", 1)[-1])

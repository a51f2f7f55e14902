"""A fast look at a feed: which entries it has, and which of them have been read before, to the letter.

lxml does this in a fiftieth of the time feedparser needs for the same feed, so that only what is unknown is handed
to feedparser. What is found here decides nothing about the text of an entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from watcher.reading.fingerprints import fingerprint
from watcher.reading.plain_text import key

FEED_ELEMENTS = frozenset({"rss", "rdf", "feed", "channel"})
"""What the outermost element of a feed is called."""
_ENTRIES = frozenset({"item", "entry"})
_GUIDS = frozenset({"guid", "id"})


@dataclass(frozen=True, slots=True)
class Scan:
    """The entries of a well-formed feed, in the order of the document."""

    tree: Any
    elements: tuple[Any, ...]
    fingerprints: tuple[bytes, ...]
    """One for each of ``elements``."""
    guids: Counter[str]
    """How many entries carry each guid."""

    def without(self, known: frozenset[bytes]) -> bytes:
        """Return the document without the entries that are known. Takes them out of the tree."""
        for element, own in zip(self.elements, self.fingerprints, strict=True):
            if own in known:
                element.getparent().remove(element)
        serialised: bytes = etree.tostring(self.tree, encoding="utf-8", xml_declaration=True)
        return serialised


def scan(data: bytes) -> Scan | None:
    """Find the entries of a feed in UTF-8; return None where a feed parser might see others."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    try:
        tree = etree.ElementTree(etree.fromstring(data, parser))
    except etree.XMLSyntaxError:
        return None
    declared = tree.docinfo.internalDTD
    if name(tree.getroot()) not in FEED_ELEMENTS or (declared is not None and any(declared.iterentities())):
        return None
    elements = tuple(_entries(tree.getroot()))
    return Scan(
        tree=tree,
        elements=elements,
        fingerprints=tuple(
            fingerprint(etree.tostring(element, encoding="utf-8", with_tail=False)) for element in elements
        ),
        guids=Counter(guid for element in elements for guid in _guids(element)),
    )


def name(element: Any) -> str:
    """Return the name of an element without its namespace, in lower case; empty for comments and the like."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _entries(root: Any) -> Iterator[Any]:
    """Yield the entries, which are in the root of a feed or in its channel."""
    for child in root:
        if name(child) in _ENTRIES:
            yield child
        elif name(child) == "channel":
            yield from (grandchild for grandchild in child if name(grandchild) in _ENTRIES)


def _guids(element: Any) -> set[str]:
    """Return everything that a feed parser could take for the guid of this entry."""
    given = [child.text or "" for child in element if name(child) in _GUIDS]
    given += [value for attribute, value in element.items() if attribute.endswith("}about")]
    return set(map(key, given)) - {""}

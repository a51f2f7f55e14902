"""What a feed says, read a second way, to hold against what was kept of it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feedparser

EXCEPTIONS = {
    "tests_data_docs_filters_testdata.yaml.xml": "a file of tests that begins with a web page: no feed",
    "tests_data_full.atom": "feedparser takes the links of an entry's source for its own",
    "tests_data_feed-utf16le.xml": "feedparser cannot read UTF-16 that is declared as something else",
}
"""Files that the second reading is wrong about."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what it is known by, and everything it says."""

    names: tuple[str, ...]
    words: tuple[str, ...]


def entries(path: Path) -> list[Entry]:
    """The entries that say anything."""
    found = _of_json(path) if path.suffix == ".json" else _of_xml(path)
    return [entry for entry in found if any(entry.words)]


def distinct(path: Path) -> int:
    """How many entries say something different."""
    return len({entry.words for entry in entries(path)})


def added(versions: Sequence[Path]) -> list[int]:
    """How many entries of each version are known by no name that a version before it had."""
    seen: set[str] = set()
    counts = []
    for version in versions:
        new = [entry.names for entry in entries(version) if entry.names and seen.isdisjoint(entry.names)]
        counts.append(len(set(new)))
        seen |= {name for entry in entries(version) for name in entry.names}
    return counts


def _of_xml(path: Path) -> Iterable[Entry]:
    for raw in feedparser.parse(io.BytesIO(path.read_bytes())).entries:
        texts = [content.get("value", "") for content in raw.get("content", [])]
        links = [link.get("href", "") for link in raw.get("links", [])]
        link = raw.get("link") or next(iter(links), "")
        words = (raw.get("title", ""), link, raw.get("summary", ""), *texts)
        yield Entry(_names(raw, links), words)


def _names(raw: Mapping[str, Any], links: Iterable[str]) -> tuple[str, ...]:
    """Its id, or its link, or else its title together with its date or with what is attached."""
    if own := raw.get("id") or raw.get("link"):
        return (own,)
    title = raw.get("title")
    return tuple(f"{title} {other}" for other in (raw.get("published"), *links) if title and other)


def _of_json(path: Path) -> Iterable[Entry]:
    for raw in json.loads(path.read_bytes())["items"]:
        words = tuple(str(raw.get(name, "")) for name in ("title", "url", "summary", "content_html", "content_text"))
        yield Entry((str(raw.get("id", "")),), words)

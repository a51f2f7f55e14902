"""How well the shipped rules distinguish news from noise, on labelled items that the rules' tests do not contain.

Prints precision and recall for each condition and for all of them pooled, with 95 % intervals (Wilson), and every
miss and false alert by name. The labelled items lie outside of this repository; see ``labelled_items``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from intervals import Share

from watcher.fetchers import KINDS
from watcher.matching import Document
from watcher.model import Priority, Source
from watcher.rulebook import Rulebook, load, read_files

ROOT = Path(__file__).resolve().parent.parent
SEARCH = "google-news-mpd-ice"
CLAIM = "mpd-officers-quit-to-join-ice"

CONDITIONS = {
    "documented-transfer": "mpd_to_ice_transfer_documented",
    "reported-transfer": "mpd_to_ice_transfer_reported",
    "separation-records": "mpd_separation_records",
    "ice-hiring": "ice_hiring_announcement",
    "ice-recruits-police": "ice_recruits_local_police",
    "bca-finding": "bca_finding",
    "fbi-finding": "fbi_finding",
    "doj-inquiry": "doj_inquiry_local_officials",
    "official-denial": "verdict_denial",
}
"""Each rule of the shipped claim, and the label of the condition that it looks for."""


@dataclass(slots=True)
class Score:
    """Hits compared with labels."""

    right: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    def line(self, name: str) -> str:
        """Return one row of the table."""
        precision = Share(self.right, self.right + len(self.false))
        recall = Share(self.right, self.right + len(self.missed))
        return f"{name:34} {self.right:5} {len(self.missed):6} {len(self.false):6}   {precision!s:19} {recall}"


def labelled_items(arguments: Sequence[str]) -> Path:
    """Return where the labelled items are: the first argument, below ``WATCHER_SHARED``, or in ../shared."""
    if arguments:
        return Path(arguments[0])
    shared = Path(os.environ.get("WATCHER_SHARED", ROOT.parent / "shared"))
    return shared / "data" / "sources" / "labelled-dev.jsonl"


def hits(book: Rulebook, item: dict[str, Any]) -> set[str]:
    """Return the rules that hit an item, without suppressed hits."""
    summary = item["text"] if item["text"] != item["title"] else ""
    source = source_of(book, item["url"])
    document = Document.of(title=item["title"], summary=summary, source=source.names, url=item["url"])
    return {match.rule_id for match in book.match(source, document) if not match.suppressed_by}


def source_of(book: Rulebook, url: str) -> Source:
    """Return the source that an item came from: the first one of its host, or else the search for news."""
    host = host_of(url)
    same = (source for source in book.sources if host_of(source.url) == host)
    return next(same, book.source(SEARCH))


def host_of(url: str) -> str:
    """Return the host of an address, without ``www``."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def measure(book: Rulebook, items: Sequence[dict[str, Any]]) -> dict[str, Score]:
    """Return the score of each condition."""
    scores = {condition: Score() for condition in CONDITIONS.values()}
    for item in items:
        found = {CONDITIONS[rule] for rule in hits(book, item)}
        for condition, score in scores.items():
            name = f"{item['id']}  {item['title'][:90]}"
            if condition in found and condition in item["conditions"]:
                score.right += 1
            elif condition in found:
                score.false.append(name)
            elif condition in item["conditions"]:
                score.missed.append(name)
    return scores


def urgent_noise(book: Rulebook, items: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Return the items without any condition that would be sent as urgent."""
    for item in items:
        for rule in hits(book, item):
            if not item["conditions"] and book.claim(CLAIM).rule(rule).priority is Priority.URGENT:
                yield f"{item['id']}  {item['title'][:90]}"


def main() -> int:
    """Print the table."""
    path = labelled_items(sys.argv[1:])
    if not path.exists():
        print(f"no labelled items at {path}: name the file, or set WATCHER_SHARED")
        return 1
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    book = load(read_files(ROOT / "rules"), {name: kind.options for name, kind in KINDS.items()})
    scores = measure(book, items)
    print(f"{len(items)} items from {path.name}\n")
    print(f"{'condition':34} {'right':>5} {'missed':>6} {'false':>6}   {'precision':19} recall")
    pooled = Score()
    for condition, score in scores.items():
        print(score.line(condition))
        pooled.right += score.right
        pooled.missed += [f"{condition}: {name}" for name in score.missed]
        pooled.false += [f"{condition}: {name}" for name in score.false]
    print(pooled.line("pooled"))
    noise = list(urgent_noise(book, items))
    for title, names in (
        ("missed", pooled.missed),
        ("false alerts", pooled.false),
        ("hard negatives as urgent", noise),
    ):
        print(f"\n{title}: {len(names)}")
        for name in names:
            print(f"  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

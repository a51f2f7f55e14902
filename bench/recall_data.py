"""What the recall bench is measured on: claims as their editors describe them, labelled items, and other news."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from wires import SHARED, wires

from watcher.model import Source
from watcher.ranking.ranked_text import RankedText
from watcher.rulebook.teaching import ranked_text

EVALSET = SHARED / "data/evalset"
HEADLINES = SHARED / "data/text/mn-clock-civilwar"
SEED = 7
MAX_WARM_UP = 1000
"""Items of the news that the ranker learns from and that are not scored: four days of 250. At most a third of all."""
MAX_SCORED = 3000
"""Items of the news that the labelled items are ranked among. With more, the items of other claims, which are of today
and harder to tell from those that matter, would be too few among them."""


class Label(StrEnum):
    """What an item is to its claim; see the README of the evaluation set."""

    DOCUMENTED = "decisive-documented"
    REPORTED = "decisive-reported"
    DENIAL = "denial"
    CONTEXT = "context"
    HARD = "hard-negative"
    ORDINARY = "ordinary"


DECISIVE = frozenset({Label.DOCUMENTED, Label.REPORTED})
QUIET = frozenset({Label.CONTEXT, Label.ORDINARY})


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim and what its editor wrote for it in ten minutes."""

    id: str
    reviewed: str
    rating: str
    lists: dict[str, tuple[str, ...]]
    positive: tuple[str, ...]
    negative: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the stream."""

    id: str
    text: RankedText
    day: str = ""
    claim: str = ""
    """Empty for other news."""
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class News:
    """Ordinary news: a part that is learnt from, and another that is scored."""

    name: str
    warm_up: Sequence[Item]
    scored: Sequence[Item]
    rest: Sequence[Item]
    """What is not needed to tell how items rank, and counted only as lines of days."""

    @staticmethod
    def divided(name: str, items: Sequence[Item]) -> News:
        """Draw the parts at random, the same ones each time."""
        shuffled = list(items)
        random.Random(SEED).shuffle(shuffled)
        warm = min(MAX_WARM_UP, len(shuffled) // 3)
        return News(name, shuffled[:warm], shuffled[warm : warm + MAX_SCORED], shuffled[warm + MAX_SCORED :])


def texts(items: Iterable[Item]) -> list[RankedText]:
    """Return what of these items is ranked."""
    return [item.text for item in items]


def claims(folder: Path) -> list[Claim]:
    """Return the claims, by id; nothing but the claim, its rating and the editor's part is read."""
    return [_claim(path.stem, json.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("claims/*.json"))]


def _claim(name: str, written: dict[str, Any]) -> Claim:
    editor = written["editor"]
    return Claim(
        id=name,
        reviewed=written["claimReviewed"],
        rating=written["rating"],
        lists={side: tuple(editor[side]) for side in ("where", "what")},
        positive=tuple(editor["positive"]),
        negative=tuple(editor["negative"]),
    )


def labelled_items(folder: Path) -> list[Item]:
    """Return the labelled items of all claims."""
    return [
        Item(row["id"], _text_of(row), row.get("date") or "", row["claim"], Label(row["label"]))
        for row in _lines(folder / "items.jsonl")
    ]


def news_of(path: Path) -> list[Item]:
    """Return the items of a file of news: lines of JSON with title and text, perhaps source_name, tags and date."""
    return [Item(f"news-{at}", _text_of(row), row.get("date") or "") for at, row in enumerate(_lines(path))]


def wire_items() -> list[Item]:
    """Return the news wires, their titles as sentences: in capitals they would tell no acronym."""
    return [
        Item(f"wire-{at}", _text(wire.title.capitalize(), wire.body, "Reuters", []), wire.day.isoformat())
        for at, wire in enumerate(wires())
    ]


def headline_items() -> list[Item]:
    """Return real headlines about ICE in Minnesota: those that stood on the pages of some fifty outlets, day by day."""
    found: list[Item] = []
    for path in sorted(HEADLINES.glob("*/news_results.json")):
        areas: dict[str, Any] = json.loads(path.read_text("utf-8"))
        for area, outlet, headline in _headlines(areas):
            text = _text(headline, "", outlet, ["local"] if area == "minnesota_local" else [])
            found.append(Item(f"{path.parent.name}-{len(found)}", text, path.parent.name))
    return found


def _headlines(areas: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for area, leanings in areas.items():
        for outlets in leanings.values() if isinstance(leanings, dict) else ():
            for outlet in outlets if isinstance(outlets, list) else ():
                for article in outlet.get("articles", ()):
                    yield area, outlet["name"], article["headline"]


def _text_of(row: dict[str, Any]) -> RankedText:
    return _text(row["title"], row.get("text") or "", row.get("source_name") or "", row.get("tags") or [])


def _text(title: str, text: str, outlet: str, tags: Iterable[str]) -> RankedText:
    source = Source(id="", kind="", url="", tags=frozenset(tags))
    return ranked_text(source, title=title, summary="", text=text, outlet=outlet)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)

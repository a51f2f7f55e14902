"""How well the text of articles is extracted, compared with plain trafilatura, on pages whose articles people marked.

The pages are those of github.com/scrapinghub/article-extraction-benchmark, in the folder that is named, or below
``WATCHER_SHARED``, or in ``shared`` beside this checkout. The measure is its own: runs of four
words that both texts have, as often as both have them, every page with the same weight.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

import trafilatura
from rich.console import Console
from rich.table import Table

from watcher.model import FetchError
from watcher.reading.pool import Reader

SHARED = Path(os.environ.get("WATCHER_SHARED", Path(__file__).parents[2] / "shared"))
_WORD = re.compile(r"\w+")
_RUN = 4

Score = tuple[float, float, float]
"""Shares of right, wrong and missing text."""


def runs(words: str) -> Counter[tuple[str, ...]]:
    """Return every run of four words, and how often it occurs."""
    found = _WORD.findall(words)
    return Counter(tuple(found[at : at + _RUN]) for at in range(max(1, len(found) - _RUN + 1)))


def compare(truth: str, read: str) -> Score:
    """Return how the extracted text of a page agrees with what people marked."""
    wanted, got = runs(truth), runs(read)
    counts = ((wanted & got).total(), (got - wanted).total(), (wanted - got).total())
    whole = sum(counts) or 1
    return counts[0] / whole, counts[1] / whole, counts[2] / whole


def summary(scores: Sequence[Score]) -> tuple[float, float, float]:
    """Return F1, precision and recall over all pages."""
    precision = fmean(_share(right, wrong) for right, wrong, _ in scores)
    recall = fmean(_share(right, missing) for right, _, missing in scores)
    return 2 * precision * recall / (precision + recall), precision, recall


def _share(right: float, other: float) -> float:
    return right / (right + other) if right + other else float(right > 0)


def measure(name: str, table: Table, pages: dict[str, tuple[bytes, str]], read: Callable[[bytes], str]) -> float:
    """Read every page and add a line to the table; return F1."""
    scores, slowest, began = [], 0.0, time.perf_counter()
    for body, truth in pages.values():
        start = time.perf_counter()
        scores.append(compare(truth, read(body)))
        slowest = max(slowest, time.perf_counter() - start)
    spent = (time.perf_counter() - began) / len(pages)
    f1, precision, recall = summary(scores)
    table.add_row(name, *(f"{share:.4f}" for share in (f1, precision, recall)), f"{spent:.3f}", f"{slowest:.2f}")
    return f1


def main() -> int:
    """Print the table; return 1 if plain trafilatura is better, or a page exceeded a limit."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED / "data" / "articles" / "article-extraction-benchmark"
    if not folder.is_dir():
        sys.exit(f"no pages at {folder}: name the folder, or set WATCHER_SHARED")
    truths = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = {
        name: (gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()), truth["articleBody"])
        for name, truth in truths.items()
    }
    table = Table("reading", "F1", "precision", "recall", "s a page", "slowest", title=f"{len(pages)} pages")
    reader, refused, blocked = Reader(1), [], Counter[str]()

    def ours(body: bytes) -> str:
        try:
            article = reader.read_article(body, url="https://captured.example/article", content_type="text/html")
        except FetchError as error:
            refused.append(str(error))
            return ""
        blocked[article.blocked] += 1
        return article.text

    mine = measure("watcher, in its process", table, pages, ours)
    direct = measure("trafilatura", table, pages, lambda body: trafilatura.extract(body) or "")
    reader.close()
    console = Console()
    console.print(table)
    console.print(f"over a limit or no page: {refused or 'none'}; taken for blocked: {dict(blocked)}")
    return int(bool(refused) or mine < direct)


if __name__ == "__main__":
    sys.exit(main())

"""The time that reading feeds takes: the first time, again with nothing new, with two new entries, and without
fingerprints.

Run with the folder of captures: ``python bench/feeds.py ../shared/data/feeds``.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from watcher.model import FetchError
from watcher.reading import damage, encoding, syndication
from watcher.reading.pool import Reader

URL = "https://captured.example/feed.xml"
SMALLEST = 20_000
"""Bytes. Smaller captures are mostly test cases made by hand."""
COUNT = 60
RUNS = 5


def timed(work: Callable[[], object]) -> float:
    """Return milliseconds of processor time, the median of some runs."""
    spent = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        spent.append((time.process_time() - began) * 1000)
    return statistics.median(spent)


def measure(body: bytes) -> dict[str, float]:
    """Read one feed in each way in this process."""

    def read(known: frozenset[bytes]) -> object:
        return syndication.read(body, url=URL, content_type="", known=known)

    everything = syndication.read(body, url=URL, content_type="", known=frozenset())
    prints = everything.memory.fingerprints
    new = frozenset(entry.fingerprint for entry in everything.entries[:2])
    data = encoding.to_utf8(body, "")
    return {
        "first time": timed(lambda: read(frozenset())),
        "again, nothing new": timed(lambda: read(prints)),
        "again, two new": timed(lambda: read(prints - new)),
        "without looking first": timed(lambda: syndication._everything(data, damage.site(data) or URL, prints)),
    }


def main() -> None:
    """Print the table."""
    files = [path for path in sorted(Path(sys.argv[1]).rglob("*.xml")) if path.stat().st_size > SMALLEST][:COUNT]
    rows: list[dict[str, float]] = []
    for path in files:
        try:
            rows.append(measure(path.read_bytes()))
        except FetchError as error:
            print(f"{path.name}: {error}")
    size = sum(path.stat().st_size for path in files) / len(files) / 1024
    table = Table("reading", "ms of CPU a feed", title=f"{len(rows)} feeds, {size:.0f} KB on average")
    for name in rows[0]:
        table.add_row(name, f"{statistics.fmean(row[name] for row in rows):.1f}")
    reader, small = Reader(1), b"<rss version='2.0'><channel><title>c</title></channel></rss>"
    visits = [timed_visit(reader, small) for _ in range(300)]
    reader.close()
    table.add_row("a small feed through a process, of the clock", f"{statistics.median(visits):.2f}")
    Console().print(table)


def timed_visit(reader: Reader, body: bytes) -> float:
    """Return milliseconds of wall time, there and back."""
    began = time.perf_counter()
    reader.read_feed(body, url=URL, content_type="", known=frozenset())
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()

"""Real captures: nothing is lost, nothing is read twice, and looking first changes nothing."""

from __future__ import annotations

import gc
import re
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from watcher.model import Entry, FetchError, Reading, Reason
from watcher.reading import damage, encoding, jsonfeed, syndication
from watcher.reading.pool import Reader

pytestmark = pytest.mark.shared_data

URL = "https://captured.example/feeds/all.xml"
NO_FEED = {"tests_data_docs_filters_testdata.yaml.xml"}
"""Captures that are no feeds."""
SILENT = 10
"""Entries of one capture that hold neither title nor link nor text; all are made by hand to test something else."""
SERIES_STEP = 20
"""Of a series, whose versions differ little, one in so many is enough to compare ways of reading."""


def captures(shared_data: Path) -> list[Path]:
    feeds = [path for path in sorted((shared_data / "feeds").rglob("*")) if path.is_file() and path.name not in NO_FEED]
    return [path for path in feeds if path.suffix != ".jsonl"]


def series(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "feeds_series").rglob("*.xml"))


@pytest.fixture(scope="module")
def visitors() -> Iterator[ThreadPoolExecutor]:
    """As many threads as there are reading processes."""
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture
def lasting_reader() -> Iterator[Reader]:
    """Two processes that are not replaced, however many documents they read."""
    pool = Reader(max_documents=10_000)
    yield pool
    pool.close()


def visit(reader: Reader, body: bytes, known: frozenset[bytes] = frozenset()) -> Reading:
    return reader.read_feed(body, url=URL, content_type="", known=known)


def twice(reader: Reader, path: Path) -> tuple[Path, Reading, Reading]:
    body = path.read_bytes()
    first = visit(reader, body)
    return path, first, visit(reader, body, first.memory.fingerprints)


def test_every_capture_is_read_and_the_second_time_has_nothing_new(
    shared_data: Path, lasting_reader: Reader, visitors: ThreadPoolExecutor
) -> None:
    reader = lasting_reader
    processes = [one._running for one in reader._processes]
    total = 0
    for path, first, second in visitors.map(
        lambda one: twice(reader, one), captures(shared_data) + series(shared_data)
    ):
        assert not second.entries, path
        assert (second.total, second.title) == (first.total, first.title), path
        assert second.skipped == first.memory.fingerprints, path
        assert all(entry.title or entry.link or entry.summary or entry.text for entry in first.entries), path
        assert len(first.entries) >= first.total - SILENT, path
        total += len(first.entries)
    assert total > 10_000
    assert [one._running for one in reader._processes] == processes, "no process was lost"


def test_a_series_gives_what_each_version_adds(shared_data: Path, reader: Reader) -> None:
    for folder in sorted((shared_data / "feeds_series").iterdir()):
        known: frozenset[bytes] = frozenset()
        for path in sorted(folder.glob("*.xml"))[:20]:
            reading = visit(reader, path.read_bytes(), known)
            assert reading.memory.fingerprints >= reading.skipped, path
            assert not {entry.fingerprint for entry in reading.entries} & known, path
            known = reading.memory.fingerprints


def plain(entries: tuple[Entry, ...]) -> list[Entry]:
    """Without what depends on the way of reading."""
    return [replace(entry, fingerprint=b"") for entry in entries]


@pytest.mark.parametrize("shard", [0, *(pytest.param(shard, marks=pytest.mark.slow) for shard in (1, 2, 3))])
def test_looking_first_gives_the_same_as_parsing_all(shared_data: Path, shard: int) -> None:
    compared = 0
    for path in (captures(shared_data) + series(shared_data)[::SERIES_STEP])[shard::4]:
        body = path.read_bytes()
        if jsonfeed.looks_like_json(body):
            continue
        data = encoding.to_utf8(body, "")
        base = damage.site(data) or URL
        scanned = syndication._unknown_only(data, base, frozenset())
        if scanned is None:
            continue
        parsed = syndication._everything(data, base, frozenset())
        assert plain(scanned.entries) == plain(parsed.entries), path
        assert (scanned.title, scanned.hold, scanned.total) == (parsed.title, parsed.hold, parsed.total), path
        prints = [entry.fingerprint for entry in scanned.entries]
        half = frozenset(prints[1::2])
        some = syndication._unknown_only(data, base, half)
        assert some is not None
        assert list(some.entries) == [entry for entry in scanned.entries if entry.fingerprint not in half], path
        compared += 1
    assert compared > 100


def test_captures_give_no_markup(shared_data: Path) -> None:
    left_over = re.compile(r"</?(p|div|span|br|a|em|strong)\b[^>]*>|&(amp|nbsp|quot|#\d+);")
    titles = marked = 0
    for path in captures(shared_data)[::10]:
        reading = syndication.read(path.read_bytes(), url=URL, content_type="", known=frozenset())
        titles += len(reading.entries)
        marked += sum(left_over.search(entry.title) is not None for entry in reading.entries)
    assert titles > 300
    assert marked <= titles / 500, "a title may be about a tag; hardly any is"


def test_the_parser_suite_costs_no_process_and_no_memory(shared_data: Path, visitors: ThreadPoolExecutor) -> None:
    cases = [
        path
        for path in sorted((shared_data / "suites" / "feedparser").rglob("*"))
        if path.suffix in (".xml", ".gz", ".z")
    ]
    assert len(cases) == 2248
    reader = Reader(2)
    try:
        outcomes = list(visitors.map(lambda path: outcome(reader, path), cases[:400]))
        tracemalloc.start()
        outcomes += visitors.map(lambda path: outcome(reader, path), cases[400:])
        gc.collect()
        ours = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/watcher/reading/*")])
        assert sum(trace.size for trace in ours.traces) < 1 << 20, "what was read stays in memory"
    finally:
        tracemalloc.stop()
        reader.close()
    assert set(outcomes) <= {"read", Reason.NOT_A_FEED, Reason.DAMAGED}
    assert outcomes.count("read") > 2100


def outcome(reader: Reader, path: Path) -> str:
    try:
        reading = visit(reader, path.read_bytes())
    except FetchError as error:
        return error.reason
    for entry in reading.entries:
        f"{entry}".encode()
    return "read"

"""The table of real captures: every one is read whole, or it is said why not."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from watcher.reading.pool import Reader

pytestmark = pytest.mark.shared_data

BENCH: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / "bench" / "captures.py"))
CAPTURES: dict[str, Any] = BENCH["CAPTURES"]


@pytest.mark.parametrize("path", CAPTURES)
def test_a_capture_is_read_whole(path: str, shared_data: Path, reader: Reader) -> None:
    reading = BENCH["visit"]((shared_data / path).read_bytes(), CAPTURES[path], reader)
    assert reading.entries
    assert all(entry.title for entry in reading.entries)
    said = {(entry.title, entry.summary, entry.text, entry.link) for entry in reading.entries}
    assert len(said) == len(reading.entries)


def test_every_capture_is_spoken_of(shared_data: Path) -> None:
    assert BENCH["unnamed"](shared_data) == []

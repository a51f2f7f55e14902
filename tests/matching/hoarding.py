"""Texts that would make a matcher keep more and more; what it keeps. To be called in a process of its own."""

from __future__ import annotations

import resource
from pathlib import Path

from watcher.matching import Document, Matcher, Standing, parse


def spellings(compiled: bool) -> int:
    """Bytes kept after 900,000 different words."""
    matcher = Matcher([Standing("r", parse("officer", {}))], compiled=compiled)
    before = _resident_memory()
    for start in range(0, 900_000, 30_000):
        matcher.hits(Document.of(title=" ".join(f"x{n}" for n in range(start, start + 30_000))))
    assert matcher.hits(Document.of(title="the officer")) == ("r",)
    return _resident_memory() - before


def endless_words(compiled: bool) -> int:
    """Bytes kept after a hundred words of a million letters."""
    matcher = Matcher([Standing("r", parse("officer", {}))], compiled=compiled)
    before = _resident_memory()
    for number in range(100):
        assert matcher.hits(Document.of(title=f"{number}{'a' * 1_000_000} officer")) == ("r",)
    return _resident_memory() - before


def _resident_memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

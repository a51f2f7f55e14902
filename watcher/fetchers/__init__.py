"""Kinds of sources: one module per kind, one line per kind in ``KINDS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from watcher.fetchers.feed import FeedFetcher, FeedOptions
from watcher.fetchers.fetcher import Fetcher, Options, Reader, Tools, Web

__all__ = ["KINDS", "Fetcher", "Kind", "Options", "Reader", "Tools", "Web"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source: what a person may write for it, and what makes its fetcher."""

    options: type[Options]
    make: Callable[[Tools], Fetcher]


KINDS: dict[str, Kind] = {
    "feed": Kind(FeedOptions, FeedFetcher),
}

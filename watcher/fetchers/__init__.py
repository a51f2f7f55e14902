"""Kinds of sources: one module per kind, one line per kind in ``KINDS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from watcher.fetchers.doj import DojFetcher, DojOptions
from watcher.fetchers.feed import FeedFetcher, FeedOptions
from watcher.fetchers.fetcher import Fetcher, FetcherTools
from watcher.fetchers.json_api import JsonFetcher, JsonOptions
from watcher.fetchers.page import PageFetcher, PageOptions
from watcher.fetchers.sitemap import SitemapFetcher, SitemapOptions
from watcher.fetchers.watched_document import DocumentFetcher, DocumentOptions
from watcher.source_options import SourceOptions

__all__ = ["KINDS", "Fetcher", "FetcherTools", "SourceKind"]


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source: what a person may write for it, and what makes its fetcher."""

    options: type[SourceOptions]
    make: Callable[[FetcherTools], Fetcher]
    crawls: bool = False
    """It reads pages made for people, which robots.txt may forbid."""


KINDS: dict[str, SourceKind] = {
    "feed": SourceKind(FeedOptions, FeedFetcher),
    "json": SourceKind(JsonOptions, JsonFetcher),
    "page": SourceKind(PageOptions, PageFetcher, crawls=True),
    "document": SourceKind(DocumentOptions, DocumentFetcher, crawls=True),
    "doj": SourceKind(DojOptions, DojFetcher),
    "sitemap": SourceKind(SitemapOptions, SitemapFetcher),
}

"""Kinds of sources: one module per kind, one line per kind in ``KINDS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from watcher.fetchers.document import DocumentFetcher, DocumentOptions
from watcher.fetchers.doj import DojFetcher, DojOptions
from watcher.fetchers.feed import FeedFetcher, FeedOptions
from watcher.fetchers.fetcher import Ask, Fetcher, Reader, Tools, Web
from watcher.fetchers.json_api import JsonFetcher, JsonOptions
from watcher.fetchers.page import PageFetcher, PageOptions
from watcher.fetchers.sitemap import SitemapFetcher, SitemapOptions
from watcher.source_options import SourceOptions

__all__ = ["KINDS", "Ask", "Fetcher", "Kind", "Reader", "Tools", "Web"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source: what a person may write for it, and what makes its fetcher."""

    options: type[SourceOptions]
    make: Callable[[Tools], Fetcher]
    crawls: bool = False
    """Whether it reads pages made for people, of which sites may ask robots to keep away."""


KINDS: dict[str, Kind] = {
    "feed": Kind(FeedOptions, FeedFetcher),
    "json": Kind(JsonOptions, JsonFetcher),
    "page": Kind(PageOptions, PageFetcher, crawls=True),
    "document": Kind(DocumentOptions, DocumentFetcher, crawls=True),
    "doj": Kind(DojOptions, DojFetcher),
    "sitemap": Kind(SitemapOptions, SitemapFetcher),
}

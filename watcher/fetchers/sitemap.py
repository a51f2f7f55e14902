"""Sitemaps, for outlets that have no feed."""

from __future__ import annotations

from dataclasses import replace

from watcher.fetchers.fetcher import FetcherTools, options_of
from watcher.fetchers.redaction import evidence
from watcher.fetchers.validators import check_not_emptied, completed, unchanged
from watcher.model import Memory, Reading, Source
from watcher.source_options import SourceOptions

ACCEPT = "application/xml, text/xml;q=0.9, */*;q=0.1"


class SitemapOptions(SourceOptions):
    """A sitemap, best one of news. Of an index of sitemaps, the one that changed last is read."""

    may_be_empty: bool = False
    """Whether it may list nothing where it listed something before: news of two days may all be older."""


class SitemapFetcher:
    """Gets a sitemap if it changed, and has the pages in it read that are new."""

    def __init__(self, tools: FetcherTools) -> None:
        self._tools = tools

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """Return the pages that were not listed before. Raise FetchError."""
        options = options_of(source, SitemapOptions)
        first = self._tools.web.get(source.url, etag=memory.etag, last_modified=memory.last_modified, accept=ACCEPT)
        if same := unchanged(memory, first):
            return same
        part, response = self._tools.read_part("sitemap", first, memory.fingerprints), first
        if part.next:
            response = self._tools.web.get(part.next, accept=ACCEPT)
            part = self._tools.read_part("sitemap", response, memory.fingerprints)
        check_not_emptied(part.reading, memory, may_be_empty=options.may_be_empty)
        reading = completed(part.reading, response, [evidence(source.kind, response)])
        if response is not first:  # an index may stay as it is while what it lists does not
            reading = replace(reading, memory=part.reading.memory, moved_to=first.moved_to)
        return reading

"""Sitemaps, for outlets that have no feed."""

from __future__ import annotations

from dataclasses import replace

from watcher.fetchers.evidence import evidence
from watcher.fetchers.fetcher import Tools, options_of
from watcher.fetchers.memories import kept, unchanged
from watcher.model import FetchError, Memory, Part, Reading, Reason, Source
from watcher.source_options import SourceOptions
from watcher.web import Response

ACCEPT = "application/xml, text/xml;q=0.9, */*;q=0.1"


class SitemapOptions(SourceOptions):
    """A sitemap, best one of news. Of an index of sitemaps, the one that changed last is read."""

    may_be_empty: bool = False
    """Whether it may list nothing where it listed something before: news of two days may all be older."""


class SitemapFetcher:
    """Gets a sitemap if it changed, and has the pages in it read that are new."""

    def __init__(self, tools: Tools) -> None:
        self._web = tools.web
        self._reader = tools.reader

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """The pages that were not listed before. Raises FetchError; then ``memory`` stays as it is."""
        options = options_of(source, SitemapOptions)
        response = self._web.get(source.url, etag=memory.etag, last_modified=memory.last_modified, accept=ACCEPT)
        if same := unchanged(memory, response):
            return same
        part, moved_to = self._read(response, memory), response.moved_to
        keeps = part.reading.memory if part.reading.damaged else kept(part.reading.memory, response)
        if part.next:  # an index may stay as it is while what it lists does not
            response = self._web.get(part.next, accept=ACCEPT)
            part = self._read(response, memory)
            keeps = part.reading.memory
        if not part.reading.total and memory.fingerprints and not options.may_be_empty:
            raise FetchError(Reason.EMPTY, "it lists nothing any more; if that can be, write may_be_empty: true")
        seen = (evidence(source.kind, response),)
        return replace(part.reading, memory=keeps, hold=response.hold, evidence=seen, moved_to=moved_to)

    def _read(self, response: Response, memory: Memory) -> Part:
        return self._reader.read_part(
            "sitemap",
            response.body,
            url=response.url,
            content_type=response.content_type,
            known=memory.fingerprints,
        )

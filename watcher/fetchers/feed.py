"""Feeds: RSS, RDF, Atom and JSON Feed."""

from __future__ import annotations

from watcher.fetchers.fetcher import FetcherTools, options_of
from watcher.fetchers.redaction import evidence
from watcher.fetchers.validators import check_not_emptied, completed, unchanged
from watcher.model import Memory, Reading, Source
from watcher.source_options import SourceOptions

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)


class FeedOptions(SourceOptions):
    """A feed: RSS, RDF, Atom or JSON Feed."""

    may_be_empty: bool = False
    """Whether it may show nothing where it showed something before, like the feed of a search."""


class FeedFetcher:
    """Asks for a feed only if it changed, and has only what is unknown read."""

    def __init__(self, tools: FetcherTools) -> None:
        self._web = tools.web
        self._reader = tools.reader

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """Return the entries that were not there before. Raise FetchError."""
        options = options_of(source, FeedOptions)
        response = self._web.get(source.url, etag=memory.etag, last_modified=memory.last_modified, accept=ACCEPT)
        if same := unchanged(memory, response):
            return same
        reading = self._reader.read_feed(
            response.body, url=response.url, content_type=response.content_type, known=memory.fingerprints
        )
        check_not_emptied(reading, memory, may_be_empty=options.may_be_empty)
        return completed(reading, response, [evidence(source.kind, response)])

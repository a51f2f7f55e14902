"""Feeds: RSS, RDF, Atom and JSON Feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from watcher.fetchers.evidence import evidence
from watcher.fetchers.fetcher import Tools, options_of
from watcher.fetchers.memories import kept, unchanged
from watcher.model import FetchError, Memory, Reading, Reason, Source
from watcher.source_options import SourceOptions

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
LONGEST_TTL = timedelta(hours=1)
"""A ``ttl`` is written once, often to say a day, and forgotten; a conditional request costs its host nothing."""


class FeedOptions(SourceOptions):
    """A feed: RSS, RDF, Atom or JSON Feed."""

    may_be_empty: bool = False
    """Whether it may show nothing where it showed something before, like the feed of a search."""


class FeedFetcher:
    """Asks for a feed only if it changed, and has only what is unknown read."""

    def __init__(self, tools: Tools) -> None:
        self._web = tools.web
        self._reader = tools.reader

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """The entries that were not there before. Raises FetchError; then ``memory`` stays as it is."""
        options = options_of(source, FeedOptions)
        response = self._web.get(source.url, etag=memory.etag, last_modified=memory.last_modified, accept=ACCEPT)
        if same := unchanged(memory, response):
            return same
        reading = self._reader.read_feed(
            response.body, url=response.url, content_type=response.content_type, known=memory.fingerprints
        )
        if not reading.total and memory.fingerprints and not options.may_be_empty:
            raise FetchError(Reason.EMPTY, "it shows nothing any more; if that can be, write may_be_empty: true")
        keeps = reading.memory
        if not reading.damaged:  # what was damaged is asked for in full until it is whole
            keeps = kept(keeps, response)
        seen = (evidence(source.kind, response),)
        hold = _longer(response.hold, reading.hold)
        return replace(reading, memory=keeps, hold=hold, evidence=seen, moved_to=response.moved_to)


def _longer(asked: timedelta | None, ttl: timedelta | None) -> timedelta | None:
    holds = [asked, ttl and min(ttl, LONGEST_TTL)]
    return max((hold for hold in holds if hold), default=None)

"""Feeds: RSS, RDF, Atom and JSON Feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from watcher.fetchers.evidence import evidence
from watcher.fetchers.fetcher import Options, Tools
from watcher.fetchers.memories import kept, unchanged
from watcher.model import Memory, Reading, Source

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
LONGEST_TTL = timedelta(hours=1)
"""A ``ttl`` is written once, often to say a day, and forgotten; a conditional request costs its host nothing."""


class FeedOptions(Options):
    """A feed needs no options."""


class FeedFetcher:
    """Asks for a feed only if it changed, and has only what is unknown read."""

    def __init__(self, tools: Tools) -> None:
        self._web = tools.web
        self._reader = tools.reader

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """The entries that were not there before. Raises FetchError; then ``memory`` stays as it is."""
        response = self._web.get(source.url, etag=memory.etag, last_modified=memory.last_modified, accept=ACCEPT)
        if same := unchanged(memory, response):
            return same
        reading = self._reader.read_feed(
            response.body, url=response.url, content_type=response.content_type, known=memory.fingerprints
        )
        keeps = reading.memory
        if not reading.damaged:  # what was damaged is asked for in full until it is whole
            keeps = kept(keeps, response)
        seen = (evidence(source.kind, response),)
        return replace(reading, memory=keeps, hold=_longer(response.hold, reading.hold), evidence=seen)


def _longer(asked: timedelta | None, ttl: timedelta | None) -> timedelta | None:
    holds = [asked, ttl and min(ttl, LONGEST_TTL)]
    return max((hold for hold in holds if hold), default=None)

"""Feeds: RSS, RDF, Atom and JSON Feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus

from watcher.fetchers.fetcher import Options, Tools
from watcher.model import Memory, Reading, Source
from watcher.web import Response

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
        if response.status == HTTPStatus.NOT_MODIFIED:
            return Reading(memory=_refreshed(memory, response), unchanged=True, hold=response.hold)
        body_hash = sha256(response.body).digest()
        if body_hash == memory.body_hash:
            return Reading(memory=_validated(memory, response), unchanged=True, hold=response.hold)
        reading = self._reader.read_feed(
            response.body, url=response.url, content_type=response.content_type, known=memory.fingerprints
        )
        keeps = reading.memory
        if not reading.damaged:  # what was damaged is asked for in full until it is whole
            keeps = replace(_validated(keeps, response), body_hash=body_hash)
        return replace(reading, memory=keeps, hold=_longer(response.hold, reading.hold))


def _validated(memory: Memory, response: Response) -> Memory:
    """With the validators of a full answer, even of one with the same body: the old ones may never match again."""
    return replace(memory, etag=response.etag, last_modified=response.last_modified)


def _refreshed(memory: Memory, response: Response) -> Memory:
    """With the validators that a "not modified" brings, if any (RFC 9111, section 4.3.4)."""
    return replace(
        memory,
        etag=response.etag or memory.etag,
        last_modified=response.last_modified or memory.last_modified,
    )


def _longer(asked: timedelta | None, ttl: timedelta | None) -> timedelta | None:
    holds = [asked, ttl and min(ttl, LONGEST_TTL)]
    return max((hold for hold in holds if hold), default=None)

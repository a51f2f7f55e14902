"""Press releases of the US Justice Department, from its JSON interface (justice.gov/api/v1).

The interface ignores most parameters, sorting included at times, so the order is looked at in every visit: where the
oldest come first, it is read from its last page backwards. It filters by title only, so components and districts are
selected here. When it fails, the RSS feed has at least what is newest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from watcher.fetchers.fetcher import FetcherTools, options_of
from watcher.fetchers.listing import merged, with_parameter
from watcher.fetchers.redaction import evidence
from watcher.fetchers.selectors import one_or_more
from watcher.model import Entry, FetchError, Memory, Reading, Reason, Source
from watcher.reading.extraction import JsonExpressions
from watcher.reading.results import Part
from watcher.source_options import SourceOptions

EXPRESSIONS: Final = JsonExpressions(
    items="results",
    key="not_null(uuid, url)",
    title="title",
    link=["url"],
    date="not_null(date, created, changed)",
    summary="teaser",
    text="body",
    author="component[].name",
    filed_under="[component[].name, topic[].name]",
    count="metadata.resultset.count",
    timezone="America/New_York",
)
FALLBACK = "https://www.justice.gov/news/rss"
_ACCEPT = "application/json, */*;q=0.1"
_ACCEPT_FEED = "application/rss+xml, application/xml;q=0.9, */*;q=0.1"
_NOT_ITS_FAULT = frozenset({Reason.INTERRUPTED, Reason.INTERNAL, Reason.BAD_URL})
"""Failures that say nothing about the interface."""


class DojOptions(SourceOptions):
    """Press releases of the US Justice Department."""

    components: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    """Components and districts, as in their addresses (usao-mn, crt) or by their names; left out: all."""
    pages: Annotated[int, Field(ge=1, le=50)] = 10
    """How many pages are read at most; older ones only as long as nothing known comes."""
    fallback: str = FALLBACK
    """The feed that is read when the interface fails."""


class DojFetcher:
    """Reads releases, newest first whatever the order they come in, until one is known."""

    def __init__(self, tools: FetcherTools) -> None:
        self._tools = tools

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """Return the releases that are new. Raise FetchError if neither interface nor feed can be read."""
        options = options_of(source, DojOptions)
        try:
            reading = self._from_interface(source, memory, options)
        except FetchError as error:
            if error.reason in _NOT_ITS_FAULT:
                raise
            reading = self._from_feed(memory, options, error)
        return replace(reading, entries=tuple(filter(_of(options.components), reading.entries)))

    def _from_interface(self, source: Source, memory: Memory, options: DojOptions) -> Reading:
        parts: list[Part] = []
        met = False
        for part in self._newest_first(source):
            parts.append(part)
            met = not memory.fingerprints.isdisjoint(part.reading.memory.fingerprints)
            if met or len(parts) == options.pages:
                break
        missed = memory.fingerprints and not met and len(parts) == options.pages
        problem = f"more than {options.pages} pages of new releases: older ones were not read" if missed else ""
        whole = merged([part.reading for part in parts], problem)
        return replace(
            whole,
            entries=tuple(entry for entry in whole.entries if entry.fingerprint not in memory.fingerprints),
            skipped=memory.fingerprints & whole.memory.fingerprints,
            complete=False,
        )

    def _newest_first(self, source: Source) -> Iterator[Part]:
        """Yield the pages of the interface, the one with the newest releases first. Raise FetchError."""
        first = self._page(source.url, 0)
        size = first.reading.total
        if not size:
            raise FetchError(Reason.EMPTY, "the interface shows no releases")
        dates = [entry.published for entry in first.reading.entries if entry.published]
        oldest_first = len(dates) > 1 and dates[0] < dates[-1]
        if not oldest_first or first.count == size:
            yield first
            numbers: Iterator[int] = count(1)
        elif first.count is None:
            raise FetchError(
                Reason.SELECTOR, "the oldest releases come first, and the interface does not report how many there are"
            )
        else:
            numbers = iter(range((first.count - 1) // size, -1, -1))
        for number in numbers:
            part = self._page(source.url, number)
            if not part.reading.total:
                return
            yield part

    def _page(self, url: str, number: int) -> Part:
        response = self._tools.web.get(with_parameter(url, "page", str(number)), accept=_ACCEPT)
        # everything is parsed, known or not: the order shows in all of a page
        part = self._tools.read_part("json", response, frozenset(), EXPRESSIONS)
        return replace(part, reading=replace(part.reading, evidence=(evidence("doj", response),)))

    def _from_feed(self, memory: Memory, options: DojOptions, error: FetchError) -> Reading:
        """Return what the feed has. Raise the failure of the interface when the feed fails too."""
        try:
            response = self._tools.web.get(options.fallback, accept=_ACCEPT_FEED)
            reading = self._tools.reader.read_feed(
                response.body, url=response.url, content_type=response.content_type, known=memory.fingerprints
            )
        except FetchError:
            raise error from None
        damaged = f"the interface cannot be read ({error}); the RSS feed, which has only the newest, is read instead"
        return replace(
            reading,
            damaged=damaged,
            hold=response.hold,
            complete=False,
            evidence=(evidence("doj", response),),
        )


def _of(components: tuple[str, ...]) -> Callable[[Entry], bool]:
    """Return what tells releases of the components, by their address or the names they are filed under."""
    wanted = {component.casefold() for component in components}

    def is_of(entry: Entry) -> bool:
        names = {*urlsplit(entry.link).path.casefold().split("/"), *map(str.casefold, entry.tags)}
        return not wanted or not wanted.isdisjoint(names)

    return is_of

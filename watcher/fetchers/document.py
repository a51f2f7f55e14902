"""A page or a PDF that is watched as a whole: what is added to it are the items."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator

from watcher.fetchers.evidence import evidence
from watcher.fetchers.fetcher import Tools, options_of
from watcher.fetchers.memories import kept, unchanged
from watcher.fetchers.selectors import css_or_nothing
from watcher.model import FetchError, Memory, Reading, Reason, Source
from watcher.source_options import SourceOptions

ACCEPT = "text/html, application/xhtml+xml, application/pdf, */*;q=0.1"


class DocumentOptions(SourceOptions):
    """A page or a PDF; each paragraph or row of a table that is added is an item."""

    within: Annotated[str, AfterValidator(css_or_nothing)] = ""
    """A CSS selector of the part of a page that counts; left out: its main part."""


class DocumentFetcher:
    """Gets a document if it changed, and has its new passages read."""

    def __init__(self, tools: Tools) -> None:
        self._web = tools.web
        self._reader = tools.reader

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """The passages that were not there before. Raises FetchError; then ``memory`` stays as it is."""
        options = options_of(source, DocumentOptions)
        response = self._web.get(source.url, etag=memory.etag, last_modified=memory.last_modified, accept=ACCEPT)
        if same := unchanged(memory, response):
            return same
        reading = self._reader.read_part(
            "document",
            response.body,
            url=response.url,
            content_type=response.content_type,
            known=memory.fingerprints,
            shape={"within": options.within},
        ).reading
        if not reading.total:
            raise FetchError(Reason.EMPTY, "the document has no text")
        seen = (evidence(source.kind, response),)
        return replace(
            reading,
            memory=kept(reading.memory, response),
            hold=response.hold,
            evidence=seen,
            moved_to=response.moved_to,
        )

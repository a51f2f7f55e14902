"""A page or a PDF that is watched as a whole: what is added to it becomes items."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from watcher.fetchers.fetcher import FetcherTools, options_of
from watcher.fetchers.redaction import evidence
from watcher.fetchers.selectors import css_or_nothing
from watcher.fetchers.validators import completed, unchanged
from watcher.model import FetchError, Memory, Reading, Reason, Source
from watcher.reading.extraction import DocumentSelector
from watcher.source_options import SourceOptions

ACCEPT = "text/html, application/xhtml+xml, application/pdf, */*;q=0.1"


class DocumentOptions(SourceOptions):
    """A page or a PDF; each paragraph or row of a table that is added is an item."""

    within: Annotated[str, AfterValidator(css_or_nothing)] = ""
    """A CSS selector of the part of a page that counts; left out: its main part."""


class DocumentFetcher:
    """Gets a document if it changed, and has its new passages read."""

    def __init__(self, tools: FetcherTools) -> None:
        self._tools = tools

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """Return the passages that were not there before. Raise FetchError."""
        options = options_of(source, DocumentOptions)
        response = self._tools.web.get(source.url, etag=memory.etag, last_modified=memory.last_modified, accept=ACCEPT)
        if same := unchanged(memory, response):
            return same
        extract = DocumentSelector(within=options.within)
        reading = self._tools.read_part("document", response, memory.fingerprints, extract).reading
        if not reading.total:
            raise FetchError(Reason.EMPTY, "the document has no text")
        # a PDF of more pages than are read stays damaged for good
        return completed(reading, response, [evidence(source.kind, response)], even_if_damaged=True)

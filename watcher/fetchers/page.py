"""Pages that list things, read by CSS selectors."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator
from pydantic.json_schema import SkipJsonSchema

from watcher.fetchers.fetcher import FetcherTools, options_of
from watcher.fetchers.listing import Listing, ListingOptions
from watcher.fetchers.presets import PAGES
from watcher.fetchers.selectors import Css, Selectors, parted
from watcher.model import Memory, Reading, Source, TextFrom
from watcher.reading.extraction import PageSelectors
from watcher.reading.results import Part
from watcher.web import Response

ACCEPT = "text/html, application/xhtml+xml, */*;q=0.1"


class PageOptions(ListingOptions):
    """A page that lists things. The fields are CSS selectors inside an item; ``@name`` takes an attribute."""

    preset: Literal[tuple(PAGES)] | SkipJsonSchema[None] = None  # type: ignore[valid-type] # the names stand in one place
    """A known kind of page, whose options are taken where none are written."""
    item: Css = ""
    """What finds each item on the page."""
    title: Selectors = ("a",)
    """Several selectors give a title of several parts."""
    link: Selectors = ("a[href]",)
    """The first that leads somewhere counts."""
    key: Selectors = ()
    """What identifies an item, where its link does not."""
    date: Selectors = ()
    """When it was published; a day and a time of day may stand apart."""
    summary: Selectors = ()
    next: Selectors = ()
    """The link to the next page, anywhere on the page."""

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, written: Any) -> Any:
        preset = PAGES.get(written.get("preset", "")) if isinstance(written, dict) else None
        return {**preset, **written} if preset else written

    @model_validator(mode="after")
    def _finds_something(self) -> Self:
        if not self.item:
            raise ValueError("nothing to read: write item, with the selector that finds each item")
        return self

    def selectors(self, page: int, *, attached: bool = False) -> PageSelectors:
        """Return what to look for on a page, counted from 0: only the first one must have items."""
        return PageSelectors(
            item=self.item,
            title=[parted(written) for written in self.title],
            link=[parted(written) for written in self.link],
            key=[parted(written) for written in self.key],
            date=[parted(written) for written in self.date],
            summary=[parted(written) for written in self.summary],
            next=[parted(written) for written in self.next],
            timezone=self.timezone,
            must_find=page == 0 and not self.may_be_empty,
            attached=attached,
        )


class PageFetcher:
    """Gets a page, and those it goes on in, and has the items on them read."""

    def __init__(self, tools: FetcherTools) -> None:
        self._tools = tools

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """Return the items that were not there before. Raise FetchError."""
        options = options_of(source, PageOptions)

        def visit(url: str, memory: Memory) -> Response:
            return self._tools.web.get(url, etag=memory.etag, last_modified=memory.last_modified, accept=ACCEPT)

        def read(response: Response, page: int) -> Part:
            extract = options.selectors(page, attached=source.text_from is TextFrom.ATTACHED)
            return self._tools.read_part("page", response, memory.fingerprints, extract)

        return Listing(source, memory, options, visit, read).reading()

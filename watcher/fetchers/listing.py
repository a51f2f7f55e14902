"""Sources that hand out their entries page by page: one page is read, or several until nothing new comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from watcher.fetchers.redaction import evidence
from watcher.fetchers.validators import check_not_emptied, completed, unchanged
from watcher.model import Evidence, FetchError, Keeps, Memory, Reading, Reason, Source
from watcher.reading.results import Part
from watcher.source_options import SourceOptions
from watcher.web import Response

Visit = Callable[[str, Memory], Response]
"""Gets a page, only if it changed since the memory. Raises FetchError."""
Read = Callable[[Response, int], Part]
"""Has a page read, given its number from 0. Raises FetchError."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"unknown time zone {name!r}; names look like America/Chicago") from None
    return name


class ListingOptions(SourceOptions):
    """Options of every source that is read page by page."""

    pages: Annotated[int, Field(ge=1, le=50)] = 1
    """How many pages are read at most; further ones only as long as they show something new."""
    page_parameter: str = ""
    """The parameter of the address that numbers the pages, or says how many items to skip."""
    page_start: int = 1
    """The number of the first page."""
    page_step: Annotated[int, Field(ge=1)] = 1
    """The difference between the numbers of two pages: 1, or the items of a page where items are counted."""
    may_be_empty: bool = False
    """Whether it may show nothing where it showed something before."""
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The time zone of dates that do not say theirs."""


@dataclass(slots=True)
class Listing:
    """One visit to such a source. Call ``reading`` once."""

    source: Source
    memory: Memory
    options: ListingOptions
    visit: Visit
    read: Read
    _parts: list[Part] = field(default_factory=list)
    _visited: list[str] = field(default_factory=list)
    _evidence: list[Evidence] = field(default_factory=list)
    _problem: str = ""

    def reading(self) -> Reading:
        """Return what is new in the source. Raise FetchError."""
        first = self._visit(self._numbered(0), self.memory if self._first_says_all() else Memory())
        if self._first_says_all() and (same := unchanged(self.memory, first)):
            return same
        self._parts.append(self.read(first, 0))
        while len(self._parts) < self.options.pages and self._wants_more() and self._read_next():
            pass
        reading = merged([part.reading for part in self._parts], self._problem)
        reading = replace(reading, complete=not self._problem and not self._next())
        check_not_emptied(reading, self.memory, may_be_empty=self.options.may_be_empty)
        return completed(reading, first, self._evidence)

    def _first_says_all(self) -> bool:
        """Return whether nothing is new if the first page is as it was: new items come first, unless all are kept."""
        return self.options.pages == 1 or self.source.keeps is Keeps.WINDOW

    def _wants_more(self) -> bool:
        last = self._parts[-1].reading
        return bool(last.entries) or (self.source.keeps is Keeps.ALL and last.total > 0)

    def _read_next(self) -> bool:
        """Read the next page; return False without one. One that cannot be read costs none of those before it."""
        address = self._next()
        if not address or address in self._visited:
            return False
        try:
            self._parts.append(self.read(self._visit(address, Memory()), len(self._parts)))
        except FetchError as error:
            if error.reason is Reason.INTERRUPTED:
                raise
            self._problem = f"page {len(self._parts) + 1}: {error}"
            return False
        return True

    def _visit(self, address: str, memory: Memory) -> Response:
        self._visited.append(address)
        response = self.visit(address, memory)
        self._evidence.append(evidence(self.source.kind, response))
        return response

    def _next(self) -> str:
        """Return the address of the next page; empty at the end."""
        last = self._parts[-1]
        if last.next:
            return last.next if _origin(last.next) == _origin(self.source.url) else ""
        read = sum(part.reading.total for part in self._parts)
        if not self.options.page_parameter or not last.reading.total or (last.count is not None and read >= last.count):
            return ""
        return self._numbered(len(self._parts))

    def _numbered(self, page: int) -> str:
        """Return the address of a page, counted from 0."""
        if not self.options.page_parameter or not page:
            return self.source.url
        number = self.options.page_start + page * self.options.page_step
        return with_parameter(self.source.url, self.options.page_parameter, str(number))


def merged(pages: Sequence[Reading], problem: str = "") -> Reading:
    """Return the pages of a source as one reading, in which an item that is on two of them is once.

    ``problem``: why the next page could not be read.
    """
    entries = {entry.fingerprint: entry for page in pages for entry in page.entries}
    problems = [*(page.damaged for page in pages), problem]
    return Reading(
        entries=tuple(entries.values()),
        skipped=frozenset().union(*(page.skipped for page in pages)),
        memory=Memory(fingerprints=frozenset().union(*(page.memory.fingerprints for page in pages))),
        total=sum(page.total for page in pages),
        damaged="; ".join(dict.fromkeys(filter(None, problems))),
        title=pages[0].title,
        evidence=tuple(each for page in pages for each in page.evidence),
    )


def with_parameter(url: str, name: str, value: str) -> str:
    """Return the address with one parameter of its query set."""
    parts = urlsplit(url)
    others = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
    query = urlencode([*others, (name, value)], safe="$'():,[]", quote_via=quote)  # OData and JSON:API want these raw
    return urlunsplit(parts._replace(query=query))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc

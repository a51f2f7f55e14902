"""Sources that hand out their entries page by page: one page is read, or several until nothing new comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from watcher.fetchers.evidence import evidence
from watcher.fetchers.memories import kept, unchanged
from watcher.model import Evidence, FetchError, Keeps, Memory, Part, Reading, Reason, Source
from watcher.source_options import SourceOptions
from watcher.web import Response

Visit = Callable[[str, Memory], Response]
"""Gets a page, only if it changed since it was remembered. Raises FetchError."""
Read = Callable[[Response, int], Part]
"""Has a page read, of which it is told the number, from 0. Raises FetchError."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"no time zone is called {name!r}; names look like America/Chicago") from None
    return name


class ListingOptions(SourceOptions):
    """What may be said of every source that hands out its entries page by page."""

    pages: Annotated[int, Field(ge=1, le=50)] = 1
    """How many pages are read at most; further ones only as long as they bring something new."""
    page_parameter: str = ""
    """The parameter of the address that numbers the pages, or says how many items to skip."""
    page_start: int = 1
    """The number of the first page."""
    page_step: Annotated[int, Field(ge=1)] = 1
    """What lies between the numbers of two pages: 1, or the items of a page where items are counted."""
    may_be_empty: bool = False
    """Whether it may show nothing where it showed something before."""
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The time zone of dates that do not say theirs."""


@dataclass(slots=True)
class Listing:
    """One visit to such a source. To be read once."""

    source: Source
    memory: Memory
    options: ListingOptions
    visit: Visit
    read: Read
    _parts: list[Part] = field(default_factory=list)
    _visited: list[str] = field(default_factory=list)
    _evidence: list[Evidence] = field(default_factory=list)
    _trouble: str = ""

    def reading(self) -> Reading:
        """What the source says that is not known. Raises FetchError."""
        first = self._visit(self._numbered(0), self.memory if self._first_says_all() else Memory())
        if self._first_says_all() and (same := unchanged(self.memory, first)):
            return same
        self._parts.append(self.read(first, 0))
        while len(self._parts) < self.options.pages and self._wants_more() and self._read_next():
            pass
        reading = self._together()
        if not reading.total and self.memory.fingerprints and not self.options.may_be_empty:
            raise FetchError(Reason.EMPTY, "it shows nothing any more; if that can be, write may_be_empty: true")
        keeps = reading.memory if reading.damaged else kept(reading.memory, first)
        return replace(reading, memory=keeps, hold=first.hold, moved_to=first.moved_to)

    def _first_says_all(self) -> bool:
        """Whether nothing is new if the first page is as it was: what is new stands there, unless all is kept."""
        return self.options.pages == 1 or self.source.keeps is Keeps.WINDOW

    def _wants_more(self) -> bool:
        last = self._parts[-1].reading
        return bool(last.entries) or (self.source.keeps is Keeps.ALL and last.total > 0)

    def _read_next(self) -> bool:
        """Read the next page if there is one. One that cannot be read does not cost those before it."""
        address = self._next()
        if not address or address in self._visited:
            return False
        try:
            self._parts.append(self.read(self._visit(address, Memory()), len(self._parts)))
        except FetchError as error:
            if error.reason is Reason.INTERRUPTED:
                raise
            self._trouble = f"page {len(self._parts) + 1}: {error}"
            return False
        return True

    def _visit(self, address: str, memory: Memory) -> Response:
        self._visited.append(address)
        response = self.visit(address, memory)
        self._evidence.append(evidence(self.source.kind, response))
        return response

    def _next(self) -> str:
        """Where it goes on; empty at the end."""
        last = self._parts[-1]
        if last.next:
            return last.next if _origin(last.next) == _origin(self.source.url) else ""
        read = sum(part.reading.total for part in self._parts)
        if not self.options.page_parameter or not last.reading.total or (last.count is not None and read >= last.count):
            return ""
        return self._numbered(len(self._parts))

    def _numbered(self, page: int) -> str:
        """The address of a page, counted from 0."""
        if not self.options.page_parameter or not page:
            return self.source.url
        number = self.options.page_start + page * self.options.page_step
        parts = urlsplit(self.source.url)
        others = [(name, value) for name, value in _query(parts.query) if name != self.options.page_parameter]
        query = urlencode([*others, (self.options.page_parameter, str(number))], safe="$'():,[]", quote_via=quote)
        return urlunsplit(parts._replace(query=query))

    def _together(self) -> Reading:
        """All pages as one reading; what stands on two of them once."""
        readings = [part.reading for part in self._parts]
        entries = {entry.fingerprint: entry for reading in readings for entry in reading.entries}
        problems = [*(reading.damaged for reading in readings), self._trouble]
        return Reading(
            entries=tuple(entries.values()),
            skipped=reduce(or_, (reading.skipped for reading in readings)),
            memory=Memory(fingerprints=reduce(or_, (reading.memory.fingerprints for reading in readings))),
            total=sum(reading.total for reading in readings),
            damaged="; ".join(dict.fromkeys(filter(None, problems))),
            title=readings[0].title,
            complete=not self._trouble and not self._next(),
            evidence=tuple(self._evidence),
        )


def _query(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc

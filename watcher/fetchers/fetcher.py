"""What every fetcher does, and what it is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from watcher.model import Memory, Reading, Source
from watcher.reading.extraction import Extraction
from watcher.reading.results import Part
from watcher.source_options import SourceOptions
from watcher.web import Response

Options = TypeVar("Options", bound=SourceOptions)


class Fetcher(Protocol):
    """Reads one kind of source. One instance is used by many threads at once."""

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """Read what the source shows now.

        ``memory`` is that of the last reading that was stored; entries that it knows are left out. Raise FetchError;
        then ``memory`` stays as it is.
        """


def options_of(source: Source, kind: type[Options]) -> Options:
    """Return the options of a source as those of its fetcher. Raise TypeError for a source of another kind."""
    if not isinstance(source.options, kind):
        raise TypeError(f"source {source.id} of kind {source.kind!r} has no {kind.__name__}")
    return source.options


class SourceWeb(Protocol):
    """The way to the network, as far as fetchers need it."""

    def get(
        self, url: str, *, etag: bytes | None = None, last_modified: bytes | None = None, accept: str = "*/*"
    ) -> Response:
        """Return a response of the 200 class, or 304 if validators were given. Raise FetchError."""


class Ask(Protocol):
    """The way to the network for a question that needs more than an address."""

    def __call__(self, url: str, *, content: bytes | None, headers: Mapping[str, str]) -> Response:
        """Return a response of the 200 class to a GET, or to a POST if there is ``content``. Raise FetchError.

        The headers may hold secrets: they go to the origin of ``url`` and nowhere else.
        """


class SourceReader(Protocol):
    """Where documents are read: in other processes."""

    def read_feed(self, body: bytes, *, url: str, content_type: str, known: frozenset[bytes]) -> Reading:
        """Return what is new in a feed; its memory holds fingerprints only. Raise FetchError."""

    def read_part(
        self,
        kind: str,
        body: bytes,
        *,
        url: str,
        content_type: str,
        known: frozenset[bytes],
        extract: Extraction | None = None,
    ) -> Part:
        """Return what is new in one document of a source of this kind. Raise FetchError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetcherTools:
    """What fetchers may use of the world outside."""

    web: SourceWeb
    reader: SourceReader
    ask: Ask | None = None
    """Left out where only addresses can be read."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """What ``{name}`` in a header stands for."""

    def read_part(
        self, kind: str, response: Response, known: frozenset[bytes], extract: Extraction | None = None
    ) -> Part:
        """Return what is new in the document of a response. Raise FetchError."""
        return self.reader.read_part(
            kind, response.body, url=response.url, content_type=response.content_type, known=known, extract=extract
        )

"""What every fetcher is, and what it is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from watcher.model import Memory, Part, Reading, Source
from watcher.source_options import SourceOptions
from watcher.web import Response

Options = TypeVar("Options", bound=SourceOptions)


class Fetcher(Protocol):
    """Knows how to read one kind of source. One instance is used by many threads at once."""

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """Visit the source. ``memory`` is what the last reading that was kept asked to be told. Raises FetchError."""


def options_of(source: Source, kind: type[Options]) -> Options:
    """Return the options of a source as those of its fetcher. Raises TypeError for a source of another kind."""
    if not isinstance(source.options, kind):
        raise TypeError(f"source {source.id} of kind {source.kind!r} has no {kind.__name__}")
    return source.options


class Web(Protocol):
    """The way to the network, as far as fetchers need it."""

    def get(
        self, url: str, *, etag: bytes | None = None, last_modified: bytes | None = None, accept: str = "*/*"
    ) -> Response:
        """An answer of the 200 class, or 304 if validators were given. Raises FetchError."""


class Ask(Protocol):
    """The way to the network for a question that needs more than an address."""

    def __call__(self, url: str, *, content: bytes | None, headers: Mapping[str, str]) -> Response:
        """An answer of the 200 class to a GET, or to a POST if there is ``content``. Raises FetchError.

        The headers may hold secrets: they go to the origin of ``url`` and nowhere else.
        """


class Reader(Protocol):
    """Where documents are read: in other processes."""

    def read_feed(self, body: bytes, *, url: str, content_type: str, known: frozenset[bytes]) -> Reading:
        """What a feed says that is not known; its memory holds fingerprints only. Raises FetchError."""

    def read_part(
        self, kind: str, body: bytes, *, url: str, content_type: str, known: frozenset[bytes], **shape: Any
    ) -> Part:
        """What one document of a source of this kind says that is not known, as ``shape`` tells. Raises FetchError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What fetchers may use of the world outside."""

    web: Web
    reader: Reader
    ask: Ask | None = None
    """Left out where only addresses can be read."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """What ``{name}`` in a header stands for."""

"""The body of a response, decompressed and bounded while it streams in.

A few hundred bytes can decompress to gigabytes, so nothing is decompressed beyond the limit. Gzip is recognized by its
first bytes, whatever the headers claim: servers send compressed sitemaps without saying so, and nothing else that is
read here (feeds, pages, PDF, JSON) begins like that.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable, Iterator
from typing import Final

from watcher.model import FetchError, Reason
from watcher.web.headers import Headers, first, members

_MAGIC: Final = b"\x1f\x8b\x08"
_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS
_PIECE_BYTES: Final = 64 * 1024
_MAX_LAYERS: Final = 2
"""Proxies that compress what is compressed already, like a sitemap.xml.gz, are common."""
_MAX_MEMBERS: Final = 1000
"""Members of one gzip file: without a limit, endless empty ones would cost time and never reach the limit in bytes."""
_NOT_ASKED_FOR: Final = frozenset({b"br", b"zstd", b"deflate", b"compress", b"x-compress"})


def check_headers(headers: Headers, limit: int) -> None:
    """Raise FetchError if the headers announce a body that is too large, or compressed in another way than gzip."""
    length = first(headers, "Content-Length")
    if length is not None and int(length) > limit:
        raise _too_large(limit)
    for coding in members(headers, "Content-Encoding"):
        if coding.lower() in _NOT_ASKED_FOR:
            raise FetchError(Reason.DAMAGED, f"compressed as {coding.lower().decode()}, though only gzip was asked for")


def decompressed(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield the body without its gzip. Raise FetchError when it has more than ``limit`` bytes, compressed or not."""
    pieces = _bounded(chunks, limit)
    for _ in range(_MAX_LAYERS):
        pieces = _bounded(_gunzipped(_Peekable(pieces)), limit)
    return pieces


def _bounded(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    left = limit
    for chunk in chunks:
        if len(chunk) > left:
            yield chunk[:left]
            raise _too_large(limit)
        left -= len(chunk)
        yield chunk


class _Peekable:
    """Chunks whose beginning can be looked at before they are read, and to which unread bytes can be returned."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held = b""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        held, self._held = self._held, b""
        return held or next(self._chunks)

    def give_back(self, data: bytes) -> None:
        self._held = data

    def begins_with(self, start: bytes) -> bool:
        while len(self._held) < len(start):
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._held += chunk
        return self._held.startswith(start)


def _gunzipped(chunks: _Peekable) -> Iterator[bytes]:
    """Yield the members of a gzip file one after the other; what is not gzip as it is."""
    if not chunks.begins_with(_MAGIC):
        yield from chunks
        return
    for _ in range(_MAX_MEMBERS):
        chunks.give_back((yield from _member(chunks)))
        if not chunks.begins_with(_MAGIC):
            return  # what follows the last member is padding, for gunzip too
    raise FetchError(Reason.DAMAGED, f"gzip of more than {_MAX_MEMBERS} members")


def _member(chunks: _Peekable) -> Generator[bytes, None, bytes]:
    """Yield one member in pieces; return the bytes that were read beyond its end."""
    inflater = zlib.decompressobj(wbits=_GZIP_FORMAT)
    try:
        for chunk in chunks:
            while chunk and not inflater.eof:
                yield inflater.decompress(chunk, _PIECE_BYTES)
                chunk = inflater.unconsumed_tail
            if inflater.eof:
                return inflater.unused_data
    except zlib.error as error:
        raise FetchError(Reason.DAMAGED, "its gzip cannot be decompressed") from error
    raise FetchError(Reason.DAMAGED, "its gzip breaks off")


def _too_large(limit: int) -> FetchError:
    return FetchError(Reason.TOO_LARGE, f"more than {limit:,} bytes")

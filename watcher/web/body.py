"""The bytes of an answer, unpacked and bounded while they stream in.

A few hundred bytes can unpack to gigabytes, so nothing is unpacked further than the limit. What is gzip shows in its
first bytes, whatever the headers claim; nothing that is read here (feeds, pages, PDF, JSON) begins like that itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable, Iterator
from typing import Final

from watcher.model import FetchError, Reason
from watcher.web.freshness import Headers, first, listed

_MAGIC: Final = b"\x1f\x8b\x08"
_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS
_PIECE: Final = 64 * 1024
_LAYERS: Final = 2
"""A proxy that packs what is packed already is a common mistake."""
_MEMBERS: Final = 1000
"""Of one gzip file; without an end, empty ones would cost time and give nothing."""
_NOT_ASKED_FOR: Final = frozenset({b"br", b"zstd", b"deflate", b"compress", b"x-compress"})


def check_announced(headers: Headers, limit: int) -> None:
    """Raise FetchError if the headers say that the body is too large, or packed in a way that was not asked for."""
    length = first(headers, "Content-Length")
    if length is not None and int(length) > limit:
        raise _too_large(limit)
    for coding in listed(headers, "Content-Encoding"):
        if coding.lower() in _NOT_ASKED_FOR:
            raise FetchError(Reason.DAMAGED, f"packed as {coding.lower().decode()}, though only gzip was asked for")


def decoded(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The chunks without their gzip. Raises FetchError when they, packed or not, are more than ``limit`` bytes."""
    pieces = _bounded(chunks, limit)
    for _ in range(_LAYERS):
        pieces = _bounded(_unpacked(_Chunks(pieces)), limit)
    return pieces


def _bounded(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    left = limit
    for chunk in chunks:
        if len(chunk) > left:
            yield chunk[:left]
            raise _too_large(limit)
        left -= len(chunk)
        yield chunk


class _Chunks:
    """An iterator that can be looked into, and given back to."""

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


def _unpacked(chunks: _Chunks) -> Iterator[bytes]:
    """The members of a gzip file one after the other; what is not gzip as it is."""
    if not chunks.begins_with(_MAGIC):
        yield from chunks
        return
    for _ in range(_MEMBERS):
        chunks.give_back((yield from _member(chunks)))
        if not chunks.begins_with(_MAGIC):
            return  # padding, as gunzip sees it
    raise FetchError(Reason.DAMAGED, f"gzip of more than {_MEMBERS} members")


def _member(chunks: _Chunks) -> Generator[bytes, None, bytes]:
    """One member in pieces; returns what was read beyond its end."""
    inflater = zlib.decompressobj(wbits=_GZIP_FORMAT)
    try:
        for chunk in chunks:
            while chunk and not inflater.eof:
                yield inflater.decompress(chunk, _PIECE)
                chunk = inflater.unconsumed_tail
            if inflater.eof:
                return inflater.unused_data
    except zlib.error as error:
        raise FetchError(Reason.DAMAGED, "its gzip cannot be unpacked") from error
    raise FetchError(Reason.DAMAGED, "its gzip ends too early")


def _too_large(limit: int) -> FetchError:
    return FetchError(Reason.TOO_LARGE, f"more than {limit:,} bytes")

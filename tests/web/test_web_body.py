"""Unpacking in any pieces gives the same bytes."""

from __future__ import annotations

import contextlib
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.model import FetchError, Reason
from watcher.web.body import decompressed

LIMIT = 1_000_000


def split(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(1, 50), st.integers(0, 2))
def test_pieces_do_not_matter(members: list[bytes], size: int, layers: int) -> None:
    plain = b"-" + b"".join(members)
    packed = plain
    if layers:
        packed = gzip.compress(b"-") + b"".join(gzip.compress(member) for member in members)
    if layers == 2:
        packed = gzip.compress(packed)
    assert b"".join(decompressed(split(packed, size), LIMIT)) == plain


@given(st.binary(max_size=200), st.integers(1, 20))
def test_any_bytes_behind_the_magic_are_unpacked_or_an_error(data: bytes, size: int) -> None:
    with contextlib.suppress(FetchError):
        b"".join(decompressed(split(b"\x1f\x8b\x08" + data, size), LIMIT))


@pytest.mark.parametrize("size", [10_000, 1])
def test_the_limit_is_exact(size: int) -> None:
    data = b"x" * 5000
    for packed in (data, gzip.compress(data)):
        assert b"".join(decompressed(split(packed, size), 5000)) == data
        begun: list[bytes] = []
        with pytest.raises(FetchError) as caught:
            begun.extend(decompressed(split(packed, size), 4999))
        assert (caught.value.reason, caught.value.detail) == (Reason.TOO_LARGE, "more than 4,999 bytes")
        assert b"".join(begun) == data[:4999]


def test_packed_bytes_that_give_nothing_count_too() -> None:
    """A gzip header may hold a file name of any length."""
    with pytest.raises(FetchError, match="more than 4,999 bytes"):
        list(decompressed([b"\x1f\x8b\x08\x08\0\0\0\0\0\0", *[b"name"] * 2000], 4999))

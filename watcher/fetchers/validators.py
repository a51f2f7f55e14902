"""What is remembered of a response, so that the next one is asked for only if it differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus

from watcher.model import Evidence, FetchError, Memory, Reading, Reason
from watcher.web import Response

MAX_TTL = timedelta(hours=1)
"""The ``ttl`` of a feed is written once, often to say a day, and forgotten; a conditional request costs little."""


def unchanged(memory: Memory, response: Response) -> Reading | None:
    """Return the reading of a response that says nothing new; None when it has to be read."""
    if response.status == HTTPStatus.NOT_MODIFIED:  # which may bring new validators (RFC 9111, section 4.3.4)
        validators = response.etag or memory.etag, response.last_modified or memory.last_modified
    elif sha256(response.body).digest() == memory.body_hash:
        validators = response.etag, response.last_modified  # the old ones may never match again
    else:
        return None
    return Reading(
        memory=replace(memory, etag=validators[0], last_modified=validators[1]),
        unchanged=True,
        hold=response.hold,
        moved_to=response.moved_to,
    )


def kept(memory: Memory, response: Response) -> Memory:
    """Return the memory with what a response adds that was read to its end."""
    return replace(
        memory,
        etag=response.etag,
        last_modified=response.last_modified,
        body_hash=sha256(response.body).digest(),
    )


def completed(
    reading: Reading, response: Response, evidence: Sequence[Evidence], *, even_if_damaged: bool = False
) -> Reading:
    """Return the reading of a document with what its response says beside the body.

    A damaged document is not remembered, so that it is asked for in full until it is whole; ``even_if_damaged`` is for
    documents that will never be.
    """
    ttl = min(reading.hold, MAX_TTL) if reading.hold else None
    return replace(
        reading,
        memory=kept(reading.memory, response) if even_if_damaged or not reading.damaged else reading.memory,
        hold=max(filter(None, (response.hold, ttl)), default=None),
        evidence=tuple(evidence),
        moved_to=response.moved_to,
    )


def check_not_emptied(reading: Reading, memory: Memory, *, may_be_empty: bool) -> None:
    """Raise FetchError if a source shows nothing where it showed something before, unless that is expected of it."""
    if not reading.total and memory.fingerprints and not may_be_empty:
        raise FetchError(Reason.EMPTY, "it no longer shows any items; if that is normal, write may_be_empty: true")

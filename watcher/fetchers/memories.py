"""What is remembered of an answer, so that the next one is asked for only if it differs."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus

from watcher.model import Memory, Reading
from watcher.web import Response


def unchanged(memory: Memory, response: Response) -> Reading | None:
    """The reading of an answer that says nothing new, or None when it has to be read."""
    if response.status == HTTPStatus.NOT_MODIFIED:
        return _same(_refreshed(memory, response), response)
    if sha256(response.body).digest() == memory.body_hash:
        return _same(_validated(memory, response), response)
    return None


def _same(memory: Memory, response: Response) -> Reading:
    return Reading(memory=memory, unchanged=True, hold=response.hold, moved_to=response.moved_to)


def kept(memory: Memory, response: Response) -> Memory:
    """What a full answer, read without damage, adds to the memory."""
    return replace(_validated(memory, response), body_hash=sha256(response.body).digest())


def _validated(memory: Memory, response: Response) -> Memory:
    """With the validators of a full answer, even of one with the same body: the old ones may never match again."""
    return replace(memory, etag=response.etag, last_modified=response.last_modified)


def _refreshed(memory: Memory, response: Response) -> Memory:
    """With the validators that a "not modified" brings, if any (RFC 9111, section 4.3.4)."""
    return replace(
        memory,
        etag=response.etag or memory.etag,
        last_modified=response.last_modified or memory.last_modified,
    )

"""The daemon's side of reading: a few warm processes, each reading one document at a time.

A process that dies, hangs or answers nonsense is replaced, and the document that it was given is reported; the daemon
never parses a stranger's bytes itself.
"""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import TypeAdapter

from watcher.model import Article, FetchError, Lead, Paper, Part, Proposal, Reading, Reason
from watcher.reading.answers import (
    Answer,
    trusted,
    trusted_article,
    trusted_leads,
    trusted_paper,
    trusted_part,
    trusted_proposals,
)
from watcher.reading.process import COMMAND, Limits, Lost, Process

Read = TypeVar("Read")

_FEED = TypeAdapter(Answer[Reading])
_PART = TypeAdapter(Answer[Part])
_PROPOSALS = TypeAdapter(Answer[list[Proposal]])
_LEADS = TypeAdapter(Answer[list[Lead]])
_PAPER = TypeAdapter(Answer[Paper])
_ARTICLE = TypeAdapter(Answer[Article])
PAPER_LIMITS = Limits(seconds=25, cpu=20, memory=900 * 1024 * 1024)
"""PDFs cost more than other documents, and "document" may be one. With what the process has when it is warm, and what
replacing it takes, one is over within 30 s and 1 GiB.
"""
_LEAST_SECONDS = 1


class Reader:
    """Reads documents in ``workers`` processes; safe to use from any thread. To be closed."""

    def __init__(self, workers: int = 2, *, limits: Limits | None = None, command: Sequence[str] = COMMAND) -> None:
        self._limits = limits or Limits()
        self._processes = [Process(command) for _ in range(workers)]
        self._idle: queue.Queue[Process] = queue.Queue()
        for process in self._processes:
            self._idle.put(process)

    def read_feed(self, body: bytes, *, url: str, content_type: str, known: frozenset[bytes]) -> Reading:
        """What is new in the feed found at ``url``: its entries whose fingerprint is not ``known``.

        The memory of the reading holds fingerprints only. Raises FetchError: NOT_A_FEED, DAMAGED (nothing could be
        read), HOSTILE (it went over a limit, or broke the process), INTERNAL.
        """
        options = {"url": url, "content_type": content_type, "known": [own.hex() for own in known]}
        return self._read("feed", body, options, lambda payload: trusted(_FEED.validate_json(payload).result()))

    def read_part(
        self, kind: str, body: bytes, *, url: str, content_type: str, known: frozenset[bytes], **shape: Any
    ) -> Part:
        """What is new in one of the documents that a source of this kind consists of, read as its ``shape`` says.

        Raises FetchError as ``read_feed`` does, and BLOCKED (a wall stands in the way), SELECTOR, THROTTLED, REFUSED.
        """
        options = {"url": url, "content_type": content_type, "known": [own.hex() for own in known], **shape}
        limits = PAPER_LIMITS if kind == "document" else None
        return self._read(
            kind, body, options, lambda payload: trusted_part(_PART.validate_json(payload).result()), limits
        )

    def read_pdf(self, body: bytes) -> Paper:
        """The text of a PDF. What goes wrong is told in its ``problem``: nothing is raised."""
        try:
            return self._read(
                "pdf", body, {}, lambda payload: trusted_paper(_PAPER.validate_json(payload).result()), PAPER_LIMITS
            )
        except FetchError as error:
            return Paper(problem=f"text could not be read: {error.detail}")

    def propose(self, kind: str, body: bytes, *, url: str, content_type: str) -> list[Proposal]:
        """What might read the page (``kind`` page) or answer (json) found at ``url``, best first.

        Raises FetchError as ``read_part``.
        """
        options = {"url": url, "content_type": content_type}
        name = {"page": "proposals", "json": "guesses"}[kind]
        return self._read(name, body, options, lambda payload: trusted_proposals(_PROPOSALS.validate_json(payload)))

    def leads(self, body: bytes, *, url: str, content_type: str) -> list[Lead]:
        """The feeds and sitemaps that the page found at ``url`` names. Raises FetchError as ``read_part``."""
        options = {"url": url, "content_type": content_type}
        return self._read("leads", body, options, lambda payload: trusted_leads(_LEADS.validate_json(payload)))

    def read_article(self, body: bytes, *, url: str, content_type: str) -> Article:
        """The article on the page found at ``url``. Raises FetchError: NOT_A_FEED (no page), HOSTILE, INTERNAL."""
        options = {"url": url, "content_type": content_type}
        return self._read(
            "article", body, options, lambda payload: trusted_article(_ARTICLE.validate_json(payload).result())
        )

    def alive(self) -> bool:
        """Whether documents can be read. Idle processes that do not answer within seconds are replaced."""
        for _ in self._processes:
            try:
                process = self._idle.get_nowait()
            except queue.Empty:
                return True  # all are reading, and what reads is bounded by the limits
            try:
                if not process.awake():
                    return False
            finally:
                self._idle.put(process)
        return True

    def close(self) -> None:
        """End all reading processes, at once; what is being read fails."""
        for process in self._processes:
            process.close()
        for _ in self._processes:
            process = self._idle.get()
            process.end()
            self._idle.put(process)

    def _read(
        self,
        kind: str,
        body: bytes,
        options: dict[str, Any],
        understand: Callable[[bytes], Read],
        limits: Limits | None = None,
    ) -> Read:
        """Have one document read. ``understand`` raises ValueError for an answer that cannot be believed."""
        limits = limits or self._limits
        head = {"read": kind, "options": options, "cpu": limits.cpu, "memory": limits.memory}
        process = self._idle.get()
        try:
            payload = _exchange(process, json.dumps(head).encode(), body, limits)
            return _understood(process, payload, understand)
        finally:
            self._idle.put(process)


def _exchange(process: Process, head: bytes, body: bytes, limits: Limits) -> bytes:
    """A process that broke is no proof against the document; a second one is, in what is left of the time."""
    began = time.monotonic()
    try:
        return process.read(head, body, limits)
    except Lost as lost:
        if not lost.again:
            raise FetchError(lost.reason, str(lost)) from None
    left = began + limits.seconds - time.monotonic()
    try:
        return process.read(head, body, replace(limits, seconds=max(_LEAST_SECONDS, int(left))))
    except Lost as lost:
        raise FetchError(lost.reason, str(lost)) from None


def _understood(process: Process, payload: bytes, understand: Callable[[bytes], Read]) -> Read:
    """What the answer says. A process that a document has bent out of shape reads no other."""
    try:
        return understand(payload)
    except FetchError as error:
        if error.reason is Reason.HOSTILE:
            process.restart()
        raise
    except ValueError as error:
        process.restart()
        raise FetchError(Reason.HOSTILE, "made the reading process answer nonsense") from error

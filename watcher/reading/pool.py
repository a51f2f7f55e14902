"""The daemon's side of reading: a few warm processes, each reading one document at a time.

A process that dies, hangs or replies with nonsense is replaced, and the document that it was given is reported; the
daemon never parses a stranger's bytes itself.
"""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

from pydantic import TypeAdapter

from watcher.model import FetchError, Reading, Reason
from watcher.reading.extraction import Extraction
from watcher.reading.process import COMMAND, MAX_DOCUMENTS, PING_SECONDS, Limits, Lost, Process
from watcher.reading.replies import (
    Reply,
    trusted,
    trusted_article,
    trusted_fact_check,
    trusted_feed_links,
    trusted_part,
    trusted_pdf,
    trusted_proposals,
)
from watcher.reading.results import Article, FactCheck, FeedLink, OptionsProposal, Part, PdfText

Result = TypeVar("Result")

_FEED = TypeAdapter(Reply[Reading])
_PART = TypeAdapter(Reply[Part])
_PROPOSALS = TypeAdapter(Reply[list[OptionsProposal]])
_FEED_LINKS = TypeAdapter(Reply[list[FeedLink]])
_PDF = TypeAdapter(Reply[PdfText])
_ARTICLE = TypeAdapter(Reply[Article])
_FACT_CHECK = TypeAdapter(Reply[FactCheck])
PDF_LIMITS = Limits(seconds=25, cpu=20, memory=900 * 1024 * 1024)
"""PDFs cost more than other documents, and "document" may be one. With what the process has when it is warm, and what
replacing it takes, one is over within 30 s and 1 GiB.
"""
_MIN_SECONDS = 1
"""For the second try with a document, however long the first took."""


class Reader:
    """Read documents in ``workers`` processes; safe to use from any thread. Call ``close`` at the end."""

    def __init__(
        self,
        workers: int = 2,
        *,
        limits: Limits | None = None,
        command: Sequence[str] = COMMAND,
        ping_seconds: float = PING_SECONDS,
        max_documents: int = MAX_DOCUMENTS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._limits = limits or Limits()
        self._processes = [
            Process(command, ping_seconds=ping_seconds, max_documents=max_documents) for _ in range(workers)
        ]
        self._idle: queue.Queue[Process] = queue.Queue()
        for process in self._processes:
            self._idle.put(process)

    def read_feed(self, body: bytes, *, url: str, content_type: str, known: frozenset[bytes]) -> Reading:
        """Return what is new in the feed found at ``url``: its entries whose fingerprint is not ``known``.

        The memory of the reading holds fingerprints only. Raise FetchError: NOT_A_FEED, DAMAGED (nothing could be
        read), HOSTILE (it went over a limit, or broke the process), INTERNAL.
        """
        options = {"url": url, "content_type": content_type, "known": [own.hex() for own in known]}
        return self._read("feed", body, options, lambda reply: trusted(_FEED.validate_json(reply).result()))

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
        """Return what is new in one of the documents that a source of this kind consists of.

        Raise FetchError as ``read_feed`` does, and BLOCKED (a bot wall or a form to sign in), SELECTOR, THROTTLED,
        REFUSED.
        """
        options: dict[str, Any] = {"url": url, "content_type": content_type, "known": [own.hex() for own in known]}
        if extract is not None:
            options["extract"] = asdict(extract)
        limits = PDF_LIMITS if kind == "document" else None
        return self._read(kind, body, options, lambda reply: trusted_part(_PART.validate_json(reply).result()), limits)

    def read_pdf(self, body: bytes) -> PdfText:
        """Return the text of a PDF. Raise nothing: its ``problem`` says what went wrong."""
        try:
            return self._read(
                "pdf", body, {}, lambda reply: trusted_pdf(_PDF.validate_json(reply).result()), PDF_LIMITS
            )
        except FetchError as error:
            return PdfText(problem=f"text could not be read: {error.detail}")

    def propose(self, kind: str, body: bytes, *, url: str, content_type: str) -> list[OptionsProposal]:
        """Return options that might read the page (``kind`` page) or JSON (json) found at ``url``, best first.

        Raise FetchError as ``read_part``.
        """
        options = {"url": url, "content_type": content_type}
        name = {"page": "page proposals", "json": "json proposals"}[kind]
        return self._read(
            name, body, options, lambda reply: trusted_proposals(_PROPOSALS.validate_json(reply).result())
        )

    def feed_links(self, body: bytes, *, url: str, content_type: str) -> list[FeedLink]:
        """Return the feeds and sitemaps that the page found at ``url`` links to. Raise FetchError as ``read_part``."""
        options = {"url": url, "content_type": content_type}
        return self._read(
            "feed links", body, options, lambda reply: trusted_feed_links(_FEED_LINKS.validate_json(reply).result())
        )

    def read_article(self, body: bytes, *, url: str, content_type: str) -> Article:
        """Return the article on the page found at ``url``. Raise FetchError: NOT_A_FEED, HOSTILE, INTERNAL."""
        options = {"url": url, "content_type": content_type}
        return self._read(
            "article", body, options, lambda reply: trusted_article(_ARTICLE.validate_json(reply).result())
        )

    def read_fact_check(self, body: bytes, *, url: str, content_type: str) -> FactCheck:
        """Return the fact-check found at ``url``, a page or JSON-LD.

        Raise FetchError as ``read_article``, and BLOCKED, DAMAGED.
        """
        options = {"url": url, "content_type": content_type}
        return self._read(
            "fact check", body, options, lambda reply: trusted_fact_check(_FACT_CHECK.validate_json(reply).result())
        )

    def alive(self) -> bool:
        """Return whether documents can be read. Idle processes that do not reply within seconds are replaced."""
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
        options: dict[str, Any],  # becomes JSON
        parse: Callable[[bytes], Result],
        limits: Limits | None = None,
    ) -> Result:
        """Have one document read. ``parse`` raises ValueError for a reply that cannot be trusted."""
        limits = limits or self._limits
        head = {"read": kind, "options": options, "cpu": limits.cpu, "memory": limits.memory}
        process = self._idle.get()
        try:
            return _parsed(process, self._exchange(process, json.dumps(head).encode(), body, limits), parse)
        finally:
            self._idle.put(process)

    def _exchange(self, process: Process, head: bytes, body: bytes, limits: Limits) -> bytes:
        """Return the reply. Try twice, in the time of one try: a process that broke may be to blame, two hardly are."""
        began = self._monotonic()
        try:
            return process.read(head, body, limits)
        except Lost as lost:
            if not lost.again:
                raise FetchError(lost.reason, str(lost)) from None
        seconds_left = began + limits.seconds - self._monotonic()
        try:
            return process.read(head, body, replace(limits, seconds=max(_MIN_SECONDS, int(seconds_left))))
        except Lost as lost:
            raise FetchError(lost.reason, str(lost)) from None


def _parsed(process: Process, reply: bytes, parse: Callable[[bytes], Result]) -> Result:
    try:
        return parse(reply)
    except FetchError as error:
        if error.reason is Reason.HOSTILE:
            process.restart()  # a process that a document has corrupted must not read another
        raise
    except ValueError as error:
        process.restart()
        raise FetchError(Reason.HOSTILE, "made the reading process reply with nonsense") from error

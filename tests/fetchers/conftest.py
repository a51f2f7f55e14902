"""A world that answers as it was told, in front of fetchers that are real."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from watcher.fetchers import KINDS, FetcherTools
from watcher.model import FetchError, Memory, Reading, Reason, Source
from watcher.reading.pool import Reader
from watcher.web import Response


@dataclass
class Site:
    """Answers by address; what is no answer is raised. Remembers how it was asked."""

    answers: dict[str, bytes | FetchError] = field(default_factory=dict)
    content_type: str = "text/html"
    asked: list[str] = field(default_factory=list)
    sent: list[tuple[bytes | None, Mapping[str, str]]] = field(default_factory=list)

    def get(
        self, url: str, *, etag: bytes | None = None, last_modified: bytes | None = None, accept: str = ""
    ) -> Response:
        """A 304 to whoever has the validator of the answer."""
        answer = self._answer(url)
        own = sha256(answer).hexdigest().encode()
        return self._response(url, b"" if etag == own else answer, 304 if etag == own else 200, own)

    def ask(self, url: str, *, content: bytes | None, headers: Mapping[str, str]) -> Response:
        self.sent.append((content, headers))
        return self._response(url, self._answer(url), 200, None)

    def _answer(self, url: str) -> bytes:
        self.asked.append(url)
        answer = self.answers.get(url, FetchError(Reason.HTTP_STATUS, "404 Not Found"))
        if isinstance(answer, FetchError):
            raise answer
        return answer

    def _response(self, url: str, body: bytes, status: int, etag: bytes | None) -> Response:
        headers = ((b"Content-Type", self.content_type.encode()),)
        return Response(
            status=status,
            url=url,
            headers=headers,
            body=body,
            etag=etag,
            last_modified=None,
            hold=None,
            fetched_at=datetime(2026, 1, 20, 12, tzinfo=UTC),
        )


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """A real reading process."""
    pool = Reader(1)
    yield pool
    pool.close()


@pytest.fixture
def site() -> Site:
    return Site()


Fetch = Callable[..., Reading]


@pytest.fixture
def fetch(site: Site, reader: Reader) -> Fetch:
    """Visits a source of any kind at the site."""

    def visit(kind: str, url: str, memory: Memory | None = None, **given: Any) -> Reading:
        common = {name: given.pop(name) for name in ("keeps", "text_from") if name in given}
        secrets = given.pop("secrets", {})
        options = KINDS[kind].options.model_validate(given)
        source = Source(id="source", kind=kind, url=url, options=options, **common)
        tools = FetcherTools(web=site, reader=reader, ask=site.ask, secrets=secrets)
        return KINDS[kind].make(tools).fetch(source, memory or Memory())

    return visit

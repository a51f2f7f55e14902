"""A second reader on loopback that answers as a test says, and the way to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from watcher.second_reader.endpoint import DEADLINE, MAX_REPLY_BYTES, Endpoint
from watcher.web import Web

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)
MODEL = "tiny"
PATH = "/v1/chat/completions"


def completion(reply: str) -> dict[str, Any]:
    """What a chat interface sends around the words of its model."""
    return {"object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": reply}}]}


def verdict(answer: str = "yes", quote: str = "Two officers joined ICE.", confidence: str = "high") -> str:
    return json.dumps({"answer": answer, "quote": quote, "confidence": confidence})


class StubReader:
    """Replies with the same words to every question, or with any response at all."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.url = server.url_for("/v1")
        self.authority = f"{server.host}:{server.port}"
        self.questions: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    def replies(self, reply: str) -> None:
        self.responds(lambda: Response(json.dumps(completion(reply)), content_type="application/json"))

    def responds(self, respond: Callable[[], Response]) -> None:
        def handle(request: Any) -> Response:
            self.questions.append(request.get_json())
            self.headers.append(dict(request.headers))
            return respond()

        self.server.clear()
        self.server.expect_request(PATH, method="POST").respond_with_handler(handle)


@pytest.fixture
def stub(httpserver: HTTPServer) -> StubReader:
    made = StubReader(httpserver)
    made.replies(verdict())
    return made


@pytest.fixture
def endpoint(stub: StubReader) -> Iterator[Callable[..., Endpoint]]:
    """The way to the stub, quick to give up where ``seconds`` says so."""
    webs: list[Web] = []

    def make(*, seconds: float = DEADLINE.total_seconds(), url: str = stub.url, key: str = "", **web: Any) -> Endpoint:
        options = {"allow_private": (stub.authority, "127.0.0.1"), "deadline": timedelta(seconds=seconds), **web}
        webs.append(Web(user_agent="watcher/1", clock=lambda: NOON, max_bytes=MAX_REPLY_BYTES, **options))
        return Endpoint(web=webs[-1], url=url, model=MODEL, key=key)

    yield make
    for web in webs:
        web.close()

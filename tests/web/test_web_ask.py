"""Questions with headers and a body: one address, no redirects, and an answer that is whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from watcher.model import FetchError, Reason
from watcher.web import Web
from watcher.web.client import MAX_DELIVERY_RESPONSE_BYTES

SECRET = {"Authorization": "Bearer s3cret", "User-Agent": "desk@example.org"}


def test_a_question_without_content_is_a_get_with_its_headers(web: Web, serve: Any, http: Any) -> None:
    server = serve(http("200 OK", body=b"[1]"))
    assert web.ask(server.url + "/items", content=None, headers=SECRET).body == b"[1]"
    assert server.requests[0].startswith(b"GET /items HTTP/1.1\r\n")
    assert (server.header("Authorization"), server.header("User-Agent")) == (b"Bearer s3cret", b"desk@example.org")


def test_content_makes_it_a_post_and_the_answer_is_whole(web: Web, serve: Any, http: Any) -> None:
    answer = b"x" * (MAX_DELIVERY_RESPONSE_BYTES + 1)

    def handle(connection: Any, request: bytes) -> None:
        while not request.endswith(b"{}"):
            request += connection.recv(100)
        connection.sendall(http("200 OK", body=answer))

    server = serve(handle)
    assert web.ask(server.url, content=b"{}", headers=SECRET).body == answer
    assert server.requests[0].startswith(b"POST / HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, Reason.REDIRECT),
        (308, Reason.REDIRECT),
        (401, Reason.BLOCKED),
        (429, Reason.THROTTLED),
        (500, Reason.HTTP_STATUS),
    ],
)
def test_everything_else_is_an_error_and_secrets_go_nowhere_else(
    status: int, reason: Reason, web: Web, serve: Any, http: Any
) -> None:
    other = serve(http("200 OK", body=b"[]"))
    server = serve(http(f"{status} Some", ("Location", other.url)))
    with pytest.raises(FetchError) as caught:
        web.ask(server.url, content=None, headers=SECRET)
    assert caught.value.reason is reason
    assert other.requests == []


def test_a_question_out_of_turn_waits_for_nobody(make_web: Any, serve: Any, http: Any) -> None:
    server = serve(http("200 OK", body=b"[1]"))
    web = make_web(spacing=timedelta(hours=1), deadline=timedelta(seconds=0.4))
    for _ in range(2):
        assert web.ask(server.url, content=None, headers={}, in_turn=False).body == b"[1]"
    web.ask(server.url, content=None, headers={})
    with pytest.raises(FetchError) as caught:
        web.ask(server.url, content=None, headers={})
    assert caught.value.reason is Reason.TIMEOUT

"""Handing over: once, without redirects, and with a clear word on whether it may have arrived."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import pytest

from watcher.model import FetchError, Reason
from watcher.web import Web
from watcher.web.client import MAX_DELIVERY_RESPONSE_BYTES

HEADERS = {"Content-Type": "application/json", "webhook-id": "msg_1"}


def test_a_post_sends_its_content_and_headers(web: Web, serve: Any, http: Any) -> None:
    def handle(connection: Any, request: bytes) -> None:
        while not request.endswith(b"{}"):
            request += connection.recv(100)
        connection.sendall(http("202 Accepted", body=b"thanks"))

    server = serve(handle)
    response = web.post(server.url + "/hook", content=b"{}", headers=HEADERS)
    assert (response.status, response.body) == (202, b"thanks")
    assert server.requests[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert (server.header("webhook-id"), server.header("Content-Length")) == (b"msg_1", b"2")
    assert server.header("User-Agent") == b"watcher/1 (+https://example.org/contact)"


@pytest.mark.scenario("D3")
@pytest.mark.parametrize("status", [204, 301, 302, 307, 400, 401, 404, 410, 429, 500, 503])
def test_any_status_is_an_answer(status: int, web: Web, serve: Any, http: Any) -> None:
    server = serve(http(f"{status} Some", ("Location", "http://10.0.0.1/"), ("Retry-After", "30")))
    response = web.post(server.url, content=b"{}", headers=HEADERS)
    assert (response.status, response.hold) == (status, timedelta(seconds=30))
    assert len(server.requests) == 1


@pytest.mark.scenario("D3")
@pytest.mark.parametrize("location", [b"http://[", b"\xff", b"http://a:b/"])
def test_an_odd_redirect_is_an_answer_too(location: bytes, web: Web, serve: Any, http: Any) -> None:
    response = web.post(serve(http("302 Found", (b"Location", location))).url, content=b"", headers={})
    assert (response.status, response.header("Location")) == (302, location)


@pytest.mark.parametrize(
    "body",
    [b"x" * 1_000_000, gzip.compress(b"x" * 50_000_000), gzip.compress(b"x" * 1000)[:-9], b"x" * 10],
    ids=["large", "bomb", "cut gzip", "shorter than said"],
)
def test_a_status_counts_whatever_follows_it(body: bytes, web: Web, serve: Any, http: Any) -> None:
    server = serve(http("200 OK", ("Content-Length", "1000000"), body=body, length=False))
    response = web.post(server.url, content=b"{}", headers=HEADERS)
    assert response.status == 200
    assert 0 < len(response.body) <= MAX_DELIVERY_RESPONSE_BYTES
    assert set(response.body) == {ord("x")}


def test_a_status_counts_when_its_body_never_ends(make_web: Any, serve: Any) -> None:
    def handle(connection: Any, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nreceive")
        connection.recv(100)

    web: Web = make_web(deadline=timedelta(seconds=0.3))
    assert web.post(serve(handle).url, content=b"", headers={}).body == b"receive"


def test_an_interruption_after_sending_may_have_arrived(web: Web, serve: Any) -> None:
    with pytest.raises(FetchError) as caught:
        web.post(serve(lambda connection, _: None).url, content=b"{}", headers=HEADERS)
    assert (caught.value.reason, caught.value.unacknowledged) == (Reason.CONNECTION, True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "https://127.0.0.1:9/", "http://10.0.0.1/", "nonsense"])
def test_what_was_never_sent_has_not_arrived(url: str, web: Web) -> None:
    with pytest.raises(FetchError) as caught:
        web.post(url, content=b"{}", headers=HEADERS)
    assert not caught.value.unacknowledged


def test_a_header_that_http_does_not_allow_is_not_sent(web: Web, serve: Any, http: Any) -> None:
    server = serve(http())
    with pytest.raises(FetchError) as caught:
        web.post(server.url, content=b"", headers={"X": "a\r\nEvil: 1"})
    assert (caught.value.reason, caught.value.unacknowledged) == (Reason.INTERNAL, False)
    assert server.requests == []


def test_deliveries_to_one_host_do_not_wait_for_one_another(make_web: Any, serve: Any, http: Any) -> None:
    server = serve(http())
    web: Web = make_web(spacing=timedelta(hours=1))
    assert [web.post(server.url, content=b"", headers={}).status for _ in range(3)] == [200, 200, 200]

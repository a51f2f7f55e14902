"""Reading over real sockets: what is asked, what is answered, and what an answer means."""

from __future__ import annotations

import gzip
import logging
import socket
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request
from werkzeug import Response as Answer

from watcher.model import FetchError, Reason
from watcher.web import Web

FEED = b"<rss><channel><title>News</title></channel></rss>" * 20


def failure(web: Web, url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        web.get(url, **options)
    return caught.value


# ---------------------------------------------------------------------------------------- asking


def test_a_page_is_read_with_its_headers(web: Web, httpserver: HTTPServer, make_web: Callable[..., Web]) -> None:
    httpserver.expect_request("/feed", query_string="a=1").respond_with_data(
        FEED, headers={"ETag": '"v1"', "Last-Modified": "Wed, 04 Mar 2026 11:00:00 GMT", "Cache-Control": "max-age=600"}
    )
    url = httpserver.url_for("/feed?a=1")
    response = make_web(allow_private=("localhost",)).get(url)
    assert (response.status, response.body, response.url, response.moved_to) == (200, FEED, url, "")
    assert (response.etag, response.last_modified) == (b'"v1"', b"Wed, 04 Mar 2026 11:00:00 GMT")
    assert response.hold == timedelta(minutes=10)
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.header("etag") == b'"v1"'


def test_a_request_says_who_asks_and_carries_nothing_else(web: Web, serve: Any, http: Any) -> None:
    server = serve(http("200 OK", ("Set-Cookie", "a=b; Path=/")))
    assert web.get(server.url + "/feed", accept="application/rss+xml").header("Set-Cookie") is None
    web.get(server.url + "/feed", accept="application/rss+xml")
    for request in server.requests:
        head, *lines = request.rstrip(b"\r\n").split(b"\r\n")
        assert head == b"GET /feed HTTP/1.1"
        assert sorted(lines) == [
            b"Accept-Encoding: gzip",
            b"Accept: application/rss+xml",
            b"Connection: close",
            b"Host: " + server.authority.encode(),
            b"User-Agent: watcher/1 (+https://example.org/contact)",
        ]


def test_a_user_agent_may_carry_a_name_that_is_not_ascii(make_web: Any, serve: Any, http: Any) -> None:
    server = serve(http())
    make_web(user_agent="watcher (Jörg)").get(server.url)
    assert server.header("User-Agent") == "watcher (Jörg)".encode()


def test_a_proxy_in_the_environment_is_ignored(
    make_web: Any, serve: Any, http: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert make_web().get(serve(http(body=b"x")).url).body == b"x"


@pytest.mark.scenario("Z6")
def test_a_secret_in_the_address_is_in_no_log_line_and_no_error(
    web: Web, serve: Any, http: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(http("404 Not Found"))
    address = server.url.replace("//", "//user:hunter2@") + "/feed?token=SESAME"
    error = failure(web, address)
    refused = failure(web, "http://user:hunter2@10.0.0.1/?token=SESAME")
    broken = failure(web, "http://user:hun/ter2@host/?token=SESAME")
    text = caplog.text + str(error) + str(refused) + str(broken)
    assert error.detail == "404 Not Found"
    assert not [secret for secret in ("hun", "ter2", "SESAME") if secret in text]


# ---------------------------------------------------------------------------------------- validators


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        (b'W/"caf\xe9 ,\\"x"', b"Wed,  04 Mar 2026  11:00:00 gmt"),
        (b"unquoted", b"yesterday"),
        (b'"abc-gzip"', b"Thu, 01 Jan 1970 00:00:00 GMT"),
        ('"\u2603"'.encode(), b"0"),
    ],
)
def test_validators_are_echoed_byte_for_byte(
    etag: bytes, last_modified: bytes, web: Web, serve: Any, http: Any
) -> None:
    server = serve(http("200 OK", (b"ETag", etag), (b"Last-Modified", last_modified)))
    first = web.get(server.url)
    assert (first.etag, first.last_modified) == (etag, last_modified)
    assert server.header("If-None-Match") is None
    web.get(server.url, etag=first.etag, last_modified=first.last_modified)
    assert (server.header("If-None-Match"), server.header("If-Modified-Since")) == (etag, last_modified)


def test_a_304_brings_its_new_validators_and_freshness(web: Web, serve: Any, http: Any) -> None:
    server = serve(http("304 Not Modified", ("ETag", '"v2"'), ("Cache-Control", "max-age=60"), length=False))
    response = web.get(server.url, etag=b'"v1"')
    assert (response.status, response.body, response.etag) == (304, b"", b'"v2"')
    assert response.hold == timedelta(minutes=1)


def test_a_304_to_a_first_request_is_an_error(web: Web, serve: Any, http: Any) -> None:
    error = failure(web, serve(http("304 Not Modified", length=False)).url)
    assert (error.reason, error.detail) == (Reason.HTTP_STATUS, "304 Not Modified")


# ---------------------------------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    ("status", "reason", "detail"),
    [
        ("400 Bad", Reason.HTTP_STATUS, "400 Bad Request"),
        ("401 No", Reason.BLOCKED, "401 Unauthorized"),
        ("403 No", Reason.BLOCKED, "403 Forbidden"),
        ("404 \x1b[31mred", Reason.HTTP_STATUS, "404 Not Found"),
        ("410 Gone", Reason.GONE, "410 Gone"),
        ("429 Slow", Reason.THROTTLED, "429 Too Many Requests"),
        ("451 Law", Reason.BLOCKED, "451 Unavailable For Legal Reasons"),
        ("500 Oops", Reason.HTTP_STATUS, "500 Internal Server Error"),
        ("503 Later", Reason.HTTP_STATUS, "503 Service Unavailable"),
        ("300 Choose", Reason.HTTP_STATUS, "300 Multiple Choices"),
        ("599 Odd", Reason.HTTP_STATUS, "599 (not a standard status)"),
    ],
)
def test_a_status_has_its_reason_in_the_standards_words(
    status: str, reason: Reason, detail: str, web: Web, serve: Any, http: Any
) -> None:
    error = failure(web, serve(http(status, body=b"x" * 100)).url)
    assert (error.reason, error.detail, error.retry_after) == (reason, detail, None)


def test_the_page_of_an_error_is_not_read(web: Web, serve: Any, http: Any) -> None:
    server = serve(http("404 Not Found", ("Content-Length", "5000000000"), body=b"x", length=False))
    assert failure(web, server.url).detail == "404 Not Found"


@pytest.mark.parametrize("status", ["429 Too Many", "503 Unavailable"])
@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("5", timedelta(seconds=5)),
        ("Wed, 04 Mar 2026 12:02:00 GMT", timedelta(minutes=2)),
        ("Wed, 04 Mar 2026 11:00:00 GMT", None),
        ("1000000000000", timedelta(days=1)),
        ("soon", None),
    ],
)
def test_retry_after_is_honoured_up_to_a_day(
    status: str, asked: str, wait: timedelta | None, web: Web, serve: Any, http: Any
) -> None:
    error = failure(web, serve(http(status, ("Retry-After", asked), ("Cache-Control", "max-age=9"))).url)
    assert error.retry_after == wait


# ---------------------------------------------------------------------------------------- bodies


def chunked(body: bytes) -> bytes:
    return b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"


GZIPPED = ("Content-Encoding", "gzip")
BODIES: dict[str, tuple[list[tuple[str, str]], bytes]] = {
    "plain": ([], FEED),
    "gzip": ([GZIPPED], gzip.compress(FEED)),
    "x-gzip": ([("Content-Encoding", "x-gzip")], gzip.compress(FEED)),
    "gzip in two members": ([GZIPPED], gzip.compress(FEED[:100]) + gzip.compress(FEED[100:])),
    "gzip with padding": ([GZIPPED], gzip.compress(FEED) + b"\0" * 512),
    "gzip twice, said once": ([GZIPPED], gzip.compress(gzip.compress(FEED))),
    "gzip twice, said twice": ([("Content-Encoding", "gzip, gzip")], gzip.compress(gzip.compress(FEED))),
    "gzip, not said": ([], gzip.compress(FEED)),
    "plain, called gzip": ([GZIPPED], FEED),
    "plain, called utf-8": ([("Content-Encoding", "utf-8")], FEED),
    "plain, called identity": ([("Content-Encoding", "identity")], FEED),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_unpacked_whatever_the_headers_claim(name: str, web: Web, serve: Any, http: Any) -> None:
    headers, body = BODIES[name]
    whole = serve(http("200 OK", *headers, body=body))
    bytewise = serve(http("200 OK", *headers, ("Transfer-Encoding", "chunked"), length=False) + chunked(body))
    assert web.get(whole.url).body == web.get(bytewise.url).body == FEED


def test_an_empty_body_is_a_body(web: Web, serve: Any, http: Any) -> None:
    assert web.get(serve(http("200 OK", GZIPPED)).url).body == b""


BOMB = gzip.compress(b"\0" * 20_000_000)
LIES: dict[str, tuple[Reason, list[tuple[str, str]], bytes]] = {
    "bomb": (Reason.TOO_LARGE, [GZIPPED], BOMB),
    "bomb in a bomb": (Reason.TOO_LARGE, [GZIPPED], gzip.compress(BOMB)),
    "members without end": (Reason.DAMAGED, [GZIPPED], gzip.compress(b"") * 2000),
    "large body": (Reason.TOO_LARGE, [], b"x" * 1_000_001),
    "large body, called gzip": (Reason.TOO_LARGE, [GZIPPED], b"x" * 1_000_001),
    "length too long": (Reason.CONNECTION, [("Content-Length", "5000")], b"x" * 100),
    "length far too long": (Reason.TOO_LARGE, [("Content-Length", "5000000000")], b"x" * 100),
    "length is no number": (Reason.CONNECTION, [("Content-Length", "many")], b"x" * 100),
    "chunked garbage": (Reason.CONNECTION, [("Transfer-Encoding", "chunked")], b"zz\r\nhello\r\n"),
    "chunks cut off": (Reason.CONNECTION, [("Transfer-Encoding", "chunked")], b"9\r\nhel"),
    "gzip cut off": (Reason.DAMAGED, [GZIPPED], gzip.compress(FEED)[:-12]),
    "gzip with a wrong checksum": (Reason.DAMAGED, [GZIPPED], gzip.compress(FEED)[:-8] + b"12345678"),
    "brotli": (Reason.DAMAGED, [("Content-Encoding", "br")], b"\x8b\x00\x80x\x03"),
    "deflate": (Reason.DAMAGED, [("Content-Encoding", "Deflate")], zlib.compress(FEED)),
    "header without end": (Reason.CONNECTION, [("X", "y" * 200_000)], b""),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lying_body_is_an_error_and_the_next_fetch_is_normal(name: str, make_web: Any, serve: Any, http: Any) -> None:
    reason, headers, body = LIES[name]
    answers = [http("200 OK", *headers, body=body, length=False), http(body=FEED)]
    server = serve(lambda connection, _: connection.sendall(answers.pop(0)))
    web = make_web(max_bytes=1_000_000)
    assert failure(web, server.url).reason is reason
    assert web.get(server.url).body == FEED


def test_a_length_too_short_cuts_the_body_and_spoils_no_other_answer(web: Web, serve: Any, http: Any) -> None:
    server = serve(http("200 OK", ("Content-Length", "4"), body=b"goodHTTP/1.1 200 OK\r\n\r\nevil", length=False))
    assert [web.get(server.url).body, web.get(server.url).body] == [b"good", b"good"]


def test_a_bomb_takes_little_more_memory_than_the_limit(make_web: Any, serve: Any, http: Any) -> None:
    server = serve(http("200 OK", GZIPPED, body=gzip.compress(b"\0" * 200_000_000, 9)))
    web = make_web(max_bytes=1_000_000)
    web.get(serve(http()).url)
    tracemalloc.start()
    assert failure(web, server.url).reason is Reason.TOO_LARGE
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


# ---------------------------------------------------------------------------------------- no answer


def test_a_server_that_hangs_up_is_an_error_that_says_so(web: Web, serve: Any) -> None:
    error = failure(web, serve(lambda connection, _: None).url)
    assert error.reason is Reason.CONNECTION
    assert "hung up" in error.detail
    assert error.unacknowledged


@pytest.mark.parametrize("nonsense", [b"SSH-2.0-OpenSSH_9\r\n\r\n", b"HTTP/1.1 banana\r\n\r\n", b"\0" * 300, b"<html>"])
def test_what_is_not_http_is_an_error(nonsense: bytes, web: Web, serve: Any) -> None:
    assert failure(web, serve(nonsense).url).reason is Reason.CONNECTION


def test_a_closed_port_is_an_error_in_words(web: Web) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(web, f"http://127.0.0.1:{port}/")
    assert (error.reason, error.detail) == (Reason.CONNECTION, f"127.0.0.1 port {port}: connection refused")
    assert not error.unacknowledged


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("host", ["nowhere.example", "a" * 64 + ".example", "a..b"])
def test_an_unknown_name_is_an_error(host: str, web: Web) -> None:
    error = failure(web, f"http://{host}/")
    assert (error.reason, error.unacknowledged) == (Reason.ADDRESS_UNKNOWN, False)


@pytest.mark.parametrize(
    "url",
    ["", "feed", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http:///x", "http://a:99999/", "http://a:0/",
     "http://a:b/", "http://a\r\nb/", "http://[::1/", "http://[zz]/", "http://" + "a" * 300 + "/", "http://a/\ud800",
     "javascript:alert(1)", "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/", "//127.0.0.1/", "http://1.2.3.400/"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_before_anything_happens(
    url: str, web: Web, connects: list[Any], names: Any
) -> None:
    assert failure(web, url).reason is Reason.BAD_URL
    assert connects == []


def test_a_real_framework_can_be_read(make_web: Any, httpserver: HTTPServer) -> None:
    def reply(request: Request) -> Answer:
        unchanged = request.if_none_match.contains("v1")
        return Answer(status=304 if unchanged else 200, headers={"ETag": '"v1"'}, response=b"" if unchanged else FEED)

    httpserver.expect_request("/").respond_with_handler(reply)
    web = make_web(allow_private=("localhost",))
    first = web.get(httpserver.url_for("/"))
    again = web.get(httpserver.url_for("/"), etag=first.etag)
    assert (first.status, first.body, again.status, again.body) == (200, FEED, 304, b"")

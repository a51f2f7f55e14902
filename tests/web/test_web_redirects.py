"""Redirects: followed by hand, checked at each hop, answered with an error when they are odd."""

from __future__ import annotations

import base64
import contextlib
import ssl
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from watcher.model import FetchError, Reason
from watcher.web import Web
from watcher.web.urls import RedirectChain, Url


def redirecting(http: Any, *hops: tuple[int, str | bytes]) -> Any:
    """A handler: the path /N answers with hop N; past the last hop there is a page."""

    def handle(connection: Any, request: bytes) -> None:
        path = request.split()[1].strip(b"/")
        position = int(path) if path.isdigit() else 0
        if path and position >= len(hops):
            connection.sendall(http(body=b"the page"))
        else:
            status, target = hops[position]
            connection.sendall(http(f"{status} Moved", ("Location", target)))

    return handle


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(status: int, web: Web, serve: Any, http: Any) -> None:
    server = serve(redirecting(http, (status, "/1")))
    response = web.get(server.url + "/")
    assert (response.status, response.body, response.url) == (200, b"the page", server.url + "/1")
    assert response.moved_to == (server.url + "/1" if status in (301, 308) else "")


@pytest.mark.parametrize(
    ("statuses", "moved"), [((301, 308, 301), True), ((301, 302, 301), False), ((307, 301, 301), False)]
)
def test_only_a_way_that_is_permanent_throughout_moves_a_source(
    statuses: tuple[int, ...], moved: bool, web: Web, serve: Any, http: Any
) -> None:
    server = serve(redirecting(http, *[(status, f"/{hop}") for hop, status in enumerate(statuses, 1)]))
    assert web.get(server.url).moved_to == (server.url + "/3" if moved else "")


def test_an_error_behind_a_redirect_is_its_own(web: Web, serve: Any, http: Any) -> None:
    gone = serve(http("410 Gone"))
    server = serve(redirecting(http, (302, gone.url)))
    with pytest.raises(FetchError) as caught:
        web.get(server.url)
    assert caught.value.reason is Reason.GONE


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"/1", b"/1"),
        (b"1", b"/1"),
        (b"?1", b"/?1"),
        (b"  /1  ", b"/1"),
        (b"/a b", b"/a%20b"),
        (b"/caf\xc3\xa9", b"/caf%C3%A9"),
        (b"/caf\xe9", b"/caf%EF%BF%BD"),
        (b"/1#part", b"/1"),
        (b"http:/1", b"/1"),
        (b"http:///1", b"/1"),
    ],
)
def test_an_odd_location_is_followed(location: bytes, path: bytes, web: Web, serve: Any, http: Any) -> None:
    def handle(connection: Any, request: bytes) -> None:
        first = request.startswith(b"GET / ")
        connection.sendall(http("302 Found", (b"Location", location)) if first else http(body=b"x"))

    server = serve(handle)
    assert web.get(server.url + "/").body == b"x"
    assert server.requests[-1].split()[1] == path


@pytest.mark.parametrize(
    "location",
    [b"", b"http://", b"file:///etc/passwd", b"ftp://127.0.0.1/", b"javascript:alert(1)", b"data:,x",
     b"http://a:99999/", b"http://[::1/", b"http://[::1]x/", b"//", b"http://a:b/", b"http://\xff\xfe/", b"\x01",
     b"http://" + b"a" * 300 + b"/", "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/".encode(), b"mailto:a@b.example"],
)  # fmt: skip
def test_a_location_that_cannot_be_used_is_an_error(
    location: bytes, web: Web, serve: Any, http: Any, connects: list[Any], names: Any
) -> None:
    server = serve(http("301 Moved", (b"Location", location)))
    with pytest.raises(FetchError) as caught:
        web.get(server.url)
    assert caught.value.reason is Reason.REDIRECT
    assert connects == [("127.0.0.1", server.port)]


@pytest.mark.parametrize("break_", [b"\rX: 1", b"\x00"])
def test_a_location_with_a_line_break_in_it_is_an_error(break_: bytes, web: Web, serve: Any, http: Any) -> None:
    server = serve(http("301 Moved", (b"Location", b"/1" + break_)))
    with pytest.raises(FetchError) as caught:
        web.get(server.url)
    assert caught.value.reason is Reason.CONNECTION


def test_a_redirect_without_a_location_is_an_error(web: Web, serve: Any, http: Any) -> None:
    with pytest.raises(FetchError, match="without a target"):
        web.get(serve(http("302 Found")).url)


def test_an_international_name_goes_to_the_resolver_in_ascii(web: Web, serve: Any, http: Any, names: Any) -> None:
    names["xn--bcher-kva.example"] = [["127.0.0.1"]]
    page = serve(http(body=b"x"))
    server = serve(http("302 Found", ("Location", f"http://bücher.example:{page.port}/")))
    assert web.get(server.url).body == b"x"
    assert page.header("Host") == f"xn--bcher-kva.example:{page.port}".encode()


def test_a_circle_is_left_at_once(web: Web, serve: Any, http: Any) -> None:
    server = serve(redirecting(http, (302, "/1"), (302, "/0")))
    with pytest.raises(FetchError, match="circle"):
        web.get(server.url + "/0")
    assert len(server.requests) == 2


def test_ten_redirects_are_followed_and_no_more(web: Web, serve: Any, http: Any) -> None:
    server = serve(redirecting(http, *[(302, f"/{hop}") for hop in range(1, 26)]))
    assert web.get(server.url + "/15").body == b"the page"
    server.requests.clear()
    with pytest.raises(FetchError, match="more than 10 redirects"):
        web.get(server.url + "/14")
    assert len(server.requests) == 11


def test_a_redirect_from_https_to_http_is_not_followed(make_web: Any, serve: Any, http: Any) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    plain = serve(http(body=b"x"))
    secure = serve(redirecting(http, (301, plain.url)), tls=context)
    with pytest.raises(FetchError, match="from https to http"):
        make_web(tls=trust).get(secure.url)
    assert plain.requests == []


def test_credentials_go_to_their_own_origin_only(web: Web, serve: Any, http: Any) -> None:
    other = serve(redirecting(http, (302, "/1")))
    server = serve(redirecting(http, (301, "/1"), (302, other.url.replace("//", "//mallory:x@") + "/0")))
    response = web.get(server.url.replace("//", "//user:p%40ss@") + "/0")
    expected = b"Basic " + base64.b64encode(b"user:p@ss")
    assert [server.header("Authorization", request) for request in (0, 1)] == [expected, expected]
    assert [other.header("Authorization", request) for request in (0, 1)] == [None, None]
    assert response.url == other.url + "/1"


def test_the_new_address_of_a_source_keeps_its_credentials(web: Web, serve: Any, http: Any) -> None:
    server = serve(redirecting(http, (301, "/1")))
    start = server.url.replace("//", "//user:p%40ss@")
    response = web.get(start + "/0")
    assert (response.moved_to, response.url) == (start + "/1", server.url + "/1")


@given(st.text() | st.binary().map(lambda raw: "http://" + raw.decode("latin-1")))
def test_any_text_is_a_place_or_a_fetch_error(text: str) -> None:
    with contextlib.suppress(FetchError):
        url = Url.parse(text)
        assert url.url.scheme in ("http", "https")
        assert not url.url.userinfo
        assert Url.parse(str(url)) == url


@given(st.binary(), st.booleans())
def test_any_location_is_followed_or_a_fetch_error(location: bytes, permanent: bool) -> None:
    chain = RedirectChain(Url.parse("https://user:secret@example.org/feed"))
    with contextlib.suppress(FetchError):
        chain.follow(location, permanent=permanent)
    assert chain.current.url.scheme == "https"
    assert chain.current.credentials is None or chain.current.host == "example.org"

"""Pages are read where a site's robots.txt lets programs read them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from web.conftest import NOON, answer

from watcher.model import FetchError, Reason
from watcher.web import Crawler, Web, robots

RULES = b"User-agent: *\nDisallow: /private\nAllow: /private/notices\nDisallow: /*?print=\n"


class Site:
    """A site whose robots.txt says this; it counts who asks for it."""

    def __init__(self, serve: Callable[..., Any], robots: bytes) -> None:
        self.robots = robots
        self.server = serve(self._answer)

    def _answer(self, connection: Any, request: bytes) -> None:
        connection.sendall(self.robots if self._is_robots(request) else answer(body=b"page"))

    @staticmethod
    def _is_robots(request: bytes) -> bool:
        return request.startswith(b"GET /robots.txt ")

    @property
    def asked(self) -> int:
        return sum(map(self._is_robots, self.server.requests))

    @property
    def pages(self) -> int:
        return len(self.server.requests) - self.asked

    def url(self, path: str) -> str:
        return f"{self.server.url}{path}"


class Hands:
    """A clock that can be set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def web(make_web: Callable[..., Web], hands: Hands) -> Web:
    return make_web(clock=hands)


@pytest.fixture
def pages(web: Web, hands: Hands) -> Crawler:
    return Crawler(web, hands)


def refused(pages: Crawler, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        pages.get(url)
    return caught.value


@pytest.mark.parametrize("path", ["/", "/public", "/private/notices/1", "/list?page=2", "/robots.txt"])
def test_what_is_allowed_is_read(path: str, pages: Crawler, serve: Any) -> None:
    assert pages.get(Site(serve, answer(body=RULES)).url(path)).status == 200


@pytest.mark.parametrize("path", ["/private", "/private/x", "/list?print=1"])
def test_what_is_forbidden_is_not_asked_for(path: str, pages: Crawler, serve: Any) -> None:
    site = Site(serve, answer(body=RULES))
    error = refused(pages, site.url(path))
    assert error.reason is Reason.ROBOTS
    assert error.detail == f"{site.url('/robots.txt')} asks programs not to read {path.split('?')[0]}"
    assert site.pages == 0


def test_feeds_and_interfaces_do_not_ask(web: Web, serve: Any) -> None:
    site = Site(serve, answer(body=b"User-agent: *\nDisallow: /\n"))
    assert web.get(site.url("/feed")).status == 200
    assert site.asked == 0


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (b"User-agent: watcher\nDisallow: /\n", False),
        (b"User-agent: Watcher\nDisallow: /\n\nUser-agent: *\nAllow: /\n", False),
        (b"User-agent: watcher\nAllow: /\n\nUser-agent: *\nDisallow: /\n", True),
        (b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n", True),
        (b"User-agent: GPTBot\nUser-agent: *\nDisallow: /\n", False),
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /\r\n", False),
        (b"User-agent: *\nDisallow:\n", True),
        (b"", True),
        (b"\x00\xff\xfe<html>not found</html>", True),
    ],
)
def test_the_group_that_means_us_counts(rules: bytes, allowed: bool, pages: Crawler, serve: Any) -> None:
    site = Site(serve, answer(body=rules))
    if allowed:
        assert pages.get(site.url("/")).body == b"page"
    else:
        assert refused(pages, site.url("/")).reason is Reason.ROBOTS


@pytest.mark.parametrize(
    "status",
    ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone", "429 Too Many Requests"],
)
def test_where_there_is_none_all_is_allowed(status: str, pages: Crawler, serve: Any) -> None:
    assert pages.get(Site(serve, answer(status)).url("/x")).status == 200


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable"])
def test_where_it_cannot_be_had_nothing_is_read_for_a_while(
    status: str, pages: Crawler, hands: Hands, serve: Any
) -> None:
    site = Site(serve, answer(status))
    for _ in range(3):
        error = refused(pages, site.url("/x"))
        assert error.reason is Reason.ROBOTS
        assert error.detail == f"robots.txt cannot be read ({status}), so no page may be read"
    assert (site.asked, site.pages) == (1, 0)
    site.robots = answer(body=RULES)
    hands.now += robots.RETRY_AFTER
    assert pages.get(site.url("/x")).status == 200


def test_of_a_site_that_cannot_be_reached_the_reason_is_that(make_web: Any) -> None:
    assert refused(make_web(), "http://127.0.0.1:1/x").reason is Reason.CONNECTION


def test_what_it_said_before_holds_while_it_cannot_be_had(pages: Crawler, hands: Hands, serve: Any) -> None:
    site = Site(serve, answer(body=RULES))
    pages.get(site.url("/x"))
    site.robots = answer("503 Service Unavailable")
    hands.now += timedelta(days=2)
    assert pages.get(site.url("/x")).status == 200
    assert refused(pages, site.url("/private")).detail.startswith(site.url("/robots.txt asks"))
    assert site.asked == 2


def test_where_it_could_not_be_had_for_a_month_there_is_none(pages: Crawler, hands: Hands, serve: Any) -> None:
    site = Site(serve, answer("503 Service Unavailable"))
    began = hands.now
    refused(pages, site.url("/private"))
    for days in (1, 15, 29.9):
        hands.now = began + timedelta(days=days)
        assert refused(pages, site.url("/private")).reason is Reason.ROBOTS
    hands.now = began + robots.ALLOW_ALL_AFTER
    assert pages.get(site.url("/private")).status == 200
    site.robots = answer(body=RULES)
    hands.now += robots.RETRY_AFTER
    assert refused(pages, site.url("/private")).detail.startswith(site.url("/robots.txt asks"))


def test_a_copy_of_it_holds_longer_than_a_month(pages: Crawler, hands: Hands, serve: Any) -> None:
    site = Site(serve, answer(body=RULES))
    pages.get(site.url("/x"))
    site.robots = answer("503 Service Unavailable")
    for _ in range(4):
        hands.now += timedelta(days=20)
        assert refused(pages, site.url("/private")).reason is Reason.ROBOTS


def moved(serve: Any, target: str) -> Any:
    """A site without a robots.txt, all of whose pages have moved."""

    def handle(connection: Any, request: bytes) -> None:
        if request.startswith(b"GET /robots.txt "):
            connection.sendall(answer("404 Not Found"))
        else:
            connection.sendall(answer("302 Found", ("Location", target)))

    return serve(handle)


def test_a_redirect_to_what_another_site_forbids_is_not_followed(pages: Crawler, serve: Any) -> None:
    other = Site(serve, answer(body=RULES))
    server = moved(serve, other.url("/private"))
    error = refused(pages, server.url + "/x")
    assert (error.reason, error.detail) == (
        Reason.ROBOTS,
        f"{other.url('/robots.txt')} asks programs not to read /private",
    )
    assert (other.asked, other.pages) == (1, 0)


def test_a_redirect_to_what_the_same_site_forbids_is_not_followed(pages: Crawler, serve: Any) -> None:
    def handle(connection: Any, request: bytes) -> None:
        robots_txt, page = answer(body=RULES), answer("301 Moved Permanently", ("Location", "/private"))
        connection.sendall(robots_txt if request.startswith(b"GET /robots.txt ") else page)

    server = serve(handle)
    assert refused(pages, server.url + "/x").reason is Reason.ROBOTS
    assert [request.split()[1] for request in server.requests] == [b"/robots.txt", b"/x"]


def test_a_redirect_to_what_is_allowed_is_followed(pages: Crawler, serve: Any) -> None:
    other = Site(serve, answer(body=RULES))
    assert pages.get(moved(serve, other.url("/private/notices/1")).url + "/x").body == b"page"


@pytest.mark.parametrize(
    ("headers", "hours"), [((), 24), ((("Cache-Control", "max-age=7200"),), 2), ((("Cache-Control", "max-age=5"),), 1)]
)
def test_it_is_remembered_between_an_hour_and_a_day(
    headers: Any, hours: float, pages: Crawler, hands: Hands, serve: Any
) -> None:
    site = Site(serve, answer("200 OK", *headers, body=RULES))
    pages.get(site.url("/x"))
    hands.now += timedelta(hours=hours) - timedelta(minutes=1)
    pages.get(site.url("/x"))
    assert site.asked == 1
    hands.now += timedelta(minutes=1)
    pages.get(site.url("/x"))
    assert site.asked == 2


def test_so_many_sites_are_remembered_and_no_more(web: Web, hands: Hands, serve: Any) -> None:
    crawler = Crawler(web, hands, max_sites=2)
    sites = [Site(serve, answer(body=RULES)) for _ in range(3)]
    for site in (*sites, sites[2], sites[1], sites[0]):
        crawler.get(site.url("/x"))
    assert [site.asked for site in sites] == [2, 1, 1]


def test_it_is_fetched_like_everything_else_from_public_addresses_only(
    make_web: Any, hands: Hands, connects: list[Any]
) -> None:
    assert refused(Crawler(make_web(allow_private=()), hands), "http://127.0.0.1:1/x").reason is Reason.ADDRESS_REFUSED
    assert connects == []


def test_a_robots_txt_that_redirects_for_ever_is_none(pages: Crawler, serve: Any) -> None:
    site = Site(serve, answer("302 Found", ("Location", "/robots.txt")))
    assert pages.get(site.url("/x")).status == 200


@pytest.mark.parametrize(
    "rules",
    [
        b"".join(b"User-agent: a%d\n" % n for n in range(16_000)) + b"Disallow: /x\n" * 16_000,
        b"User-agent: *\n" + b"".join(b"Disallow: /%sb%d\n" % (b"*a" * 100, n) for n in range(2_400)),
        b"User-agent: *\nDisallow: /" + b"*a" * 200_000 + b"b$\n",
        b"\n" * 2_000_000,
        b" " * 500_000,
        b"User-agent:" + b" " * 500_000,
        "".join(f"User-agent: a{n}\x85" for n in range(16_000)).encode() + b"Disallow: /x\n" * 16_000,
        b"User-agent: *\nDisallow: /a\n" * 30_000,
    ],
)
def test_a_bomb_takes_no_time(rules: bytes, pages: Crawler, serve: Any) -> None:
    site, began = Site(serve, answer(body=rules)), time.monotonic()
    pages.get(site.url("/" + "b" * 2_000))
    assert time.monotonic() - began < 5


def test_what_is_no_address_is_refused_in_the_usual_words(pages: Crawler) -> None:
    assert refused(pages, "ftp://example.org/x").reason is Reason.BAD_URL
    assert refused(pages, "").reason is Reason.BAD_URL

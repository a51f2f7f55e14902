"""The only way to the network.

One ``Web`` reads sources (``get``), another, with its own private addresses, hands over deliveries (``post``). Whatever
the other end does, a call ends by its deadline with a bounded ``Response`` or a ``FetchError``; no socket is opened to
an address that is not public, unless ``allow_private`` names it; and a visit is polite: one request in flight per host
and a pause between the starts, validators echoed byte for byte, no cookies, no Referer.

Pages made for people are read through ``Web.pages``, which goes nowhere a site asks programs not to go.

The way of a request through this package::

    Web ── places     what may be asked for, and where a redirect leads
     ├──── robots     what sites ask of those who read their pages
     ├──── turns      whose turn it is at a host
     ├──── transport  resolve once, check, connect to what was checked, all before the deadline
     │      └─ addresses   which addresses are public
     ├──── body       gzip, bounded
     └──── freshness  when the origin wants to be asked again
"""

from __future__ import annotations

import contextlib
import functools
import http.cookiejar
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx

from watcher.model import Clock, FetchError, Reason
from watcher.web.addresses import AddressPolicy
from watcher.web.body import check_announced, decoded
from watcher.web.freshness import Headers, first, hold
from watcher.web.places import Place, Trail
from watcher.web.robots import Crawler
from watcher.web.transport import RAW_HEADERS, Backend, Transport
from watcher.web.turns import Turns

MEBIBYTE: Final = 1024 * 1024
ANSWER_BYTES: Final = 64 * 1024
"""As much of the answer to a delivery as is read."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PERMANENT: Final = frozenset({301, 308})
_REASONS: Final = {
    401: Reason.BLOCKED,
    403: Reason.BLOCKED,
    410: Reason.GONE,
    429: Reason.THROTTLED,
    451: Reason.BLOCKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back."""

    status: int
    url: str
    """Where the answer came from in the end; without user name and password."""
    headers: Headers
    """As they came, names in the server's own spelling; never Set-Cookie."""
    body: bytes
    """Decoded, and never longer than asked for."""
    etag: bytes | None
    last_modified: bytes | None
    hold: timedelta | None
    """How long the origin asks not to be asked again, a day at most; None: it does not say."""
    fetched_at: datetime
    moved_to: str = ""
    """The new address, if every redirect on the way was permanent (301, 308)."""

    @property
    def content_type(self) -> str:
        """The Content-Type as written, parameters included; empty when there is none."""
        return (self.header("Content-Type") or b"").decode("latin-1")

    def header(self, name: str) -> bytes | None:
        """The first header of this name, in any case."""
        return first(self.headers, name)


class Web:
    """Fetches and delivers over HTTP/1.1. Safe to use from many threads, who are its only limit on connections."""

    def __init__(
        self,
        *,
        user_agent: str,
        clock: Clock,
        allow_private: Collection[str] = (),
        deadline: timedelta = timedelta(seconds=30),
        max_bytes: int = 15 * MEBIBYTE,
        spacing: timedelta = timedelta(seconds=1),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Say who asks, and what is allowed.

        ``allow_private`` names hosts, host:port or networks that may be private; a wrong entry is a ConfigError.
        ``deadline`` is for one whole ``get`` or ``post``, redirects and body included, waiting for a turn not.
        ``spacing`` lies between the starts of two requests to one host; ``tls`` replaces the usual certificates.
        """
        self.pages = Crawler(self, clock)
        self._clock = clock
        self._deadline = deadline.total_seconds()
        self._max_bytes = max_bytes
        self._turns = Turns(spacing=spacing.total_seconds(), patience=self._deadline)
        self._transport = Transport(Backend(AddressPolicy(allow_private)), tls or _usual_certificates())
        self._client = httpx.Client(
            transport=self._transport,
            trust_env=False,
            follow_redirects=False,
            cookies=_NoCookies(),
            headers=[
                (b"User-Agent", user_agent.encode()),
                (b"Accept-Encoding", b"gzip"),
                (b"Connection", b"close"),
            ],
        )

    def get(
        self,
        url: str,
        *,
        etag: bytes | None = None,
        last_modified: bytes | None = None,
        accept: str = "*/*",
        check: Callable[[str], None] | None = None,
    ) -> Response:
        """Read an address: an answer of the 200 class, or 304 if ``etag`` or ``last_modified`` were given.

        Follows up to ten redirects, each checked like the first address; none from https to http. A user name and
        password in the address go to its own origin only. Everything else raises FetchError, and so may ``check``,
        which is handed each address (without user name and password) before it is asked for.
        """
        conditions = [(b"If-None-Match", etag), (b"If-Modified-Since", last_modified)]
        validators = [(name, value) for name, value in conditions if value is not None]
        headers = [(b"Accept", accept.encode()), *validators]
        trail = Trail(Place.parse(url))
        left = self._deadline
        while True:
            if check is not None:
                check(str(trail.here.url))
            with self._turns.at(trail.here.host):
                began = time.monotonic()
                answer = self._exchange("GET", trail.here, headers, self._whole, until=began + left)
                left -= time.monotonic() - began
            if answer.status not in _REDIRECTS:
                break
            trail.follow(answer.header("Location"), permanent=answer.status in _PERMANENT)
        if answer.status == HTTPStatus.NOT_MODIFIED and validators:
            return replace(answer, moved_to=trail.moved_to)
        return replace(_good(answer), moved_to=trail.moved_to)

    def ask(self, url: str, *, content: bytes | None, headers: Mapping[str, str]) -> Response:
        """Put a question to an interface: a GET with these headers, or a POST if there is ``content``.

        Gives an answer of the 200 class, whole; waits its turn like ``get``. Follows no redirect: the headers may hold
        secrets, which are for this address alone. Everything else raises FetchError.
        """
        place = Place.parse(url)
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        method = "GET" if content is None else "POST"
        with self._turns.at(place.host):
            until = time.monotonic() + self._deadline
            return _good(self._exchange(method, place, raw, self._whole, until=until, content=content))

    def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Response:
        """Hand something over, once: any status is an answer, redirects too, and at most 64 KiB of it are read.

        Raises FetchError when no status came back; its ``unacknowledged`` says whether the request may have arrived.
        Does not wait for turns: the outbox sets the pace of deliveries.
        """
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        until = time.monotonic() + self._deadline
        return self._exchange("POST", Place.parse(url), raw, _beginning, until=until, content=content)

    def close(self) -> None:
        """End every wait for a turn and every request under way: each raises FetchError where it is."""
        self._turns.close()
        self._transport.close()

    def _exchange(
        self,
        method: str,
        place: Place,
        headers: list[tuple[bytes, bytes]],
        read: Callable[[httpx.Response], bytes],
        *,
        until: float,
        content: bytes | None = None,
    ) -> Response:
        """One request and its answer, over by ``until`` on the monotonic clock, on a connection of its own.

        Connections are not kept: hosts are met every ten minutes, and what is never reused cannot be stale, carry
        the rest of a lying answer into the next one, or escape the check of its address.
        """
        timeouts = dict.fromkeys(("connect", "read", "write"), until)  # moments: see Backend
        with self._client.stream(
            method,
            place.url,
            headers=headers,
            content=content,
            auth=place.credentials,
            extensions={"timeout": timeouts},
        ) as response:
            answered: Headers = response.extensions[RAW_HEADERS]
            now = self._clock()
            return Response(
                status=response.status_code,
                url=str(place.url),
                headers=answered,
                body=read(response),
                etag=first(answered, "ETag"),
                last_modified=first(answered, "Last-Modified"),
                hold=hold(response.status_code, answered, now),
                fetched_at=now,
            )

    def _whole(self, response: httpx.Response) -> bytes:
        """All of a good answer; nothing of another, which is not worth its bytes."""
        if not response.is_success:
            return b""
        headers: Headers = response.extensions[RAW_HEADERS]
        check_announced(headers, self._max_bytes)
        return b"".join(decoded(response.iter_raw(), self._max_bytes))


class _NoCookies(http.cookiejar.CookieJar):
    """A jar that keeps nothing."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Leave them where they are."""


@functools.cache
def _usual_certificates() -> ssl.SSLContext:
    """Loading them takes longer than a handshake, so all share one context."""
    return httpx.create_ssl_context(trust_env=False)


def _beginning(response: httpx.Response) -> bytes:
    """What can be had of an answer whose status is all that counts."""
    beginning = bytearray()
    with contextlib.suppress(FetchError):
        for piece in decoded(response.iter_raw(), ANSWER_BYTES):
            beginning += piece
    return bytes(beginning)


def _good(answer: Response) -> Response:
    """The answer, if it is of the 200 class; else raises FetchError."""
    if 200 <= answer.status < 300:
        return answer
    reason = Reason.REDIRECT if answer.status in _REDIRECTS else _REASONS.get(answer.status, Reason.HTTP_STATUS)
    raise FetchError(reason, _in_words(answer.status), retry_after=answer.hold, status=answer.status)


def _in_words(status: int) -> str:
    """``404 Not Found``: the standard's phrase, not the server's."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status}, a status that no standard knows"

"""The HTTP client: every request of the service is made here."""

from __future__ import annotations

import contextlib
import functools
import http.cookiejar
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx

from watcher.model import Clock, FetchError
from watcher.web.addresses import AddressPolicy
from watcher.web.body import check_headers, decompressed
from watcher.web.freshness import hold
from watcher.web.headers import Headers, first
from watcher.web.host_limiter import HostLimiter
from watcher.web.response import PERMANENT_REDIRECTS, REDIRECTS, Response
from watcher.web.transport import RAW_HEADERS, Backend, Transport
from watcher.web.urls import RedirectChain, Url

MAX_BODY_BYTES: Final = 15 * 1024 * 1024
"""Bytes of one response, decompressed."""
MAX_DELIVERY_RESPONSE_BYTES: Final = 64 * 1024
"""Bytes of the response to a delivery; only its status counts."""


class Web:
    """Read and deliver over HTTP/1.1. Safe to use from many threads, which are its only limit on connections."""

    def __init__(
        self,
        *,
        user_agent: str,
        clock: Clock,
        allow_private: Collection[str] = (),
        deadline: timedelta = timedelta(seconds=30),
        max_bytes: int = MAX_BODY_BYTES,
        spacing: timedelta = timedelta(seconds=1),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Set who asks, and what is allowed.

        ``allow_private`` names hosts, host:port or networks that may be private; a wrong entry is a ConfigError.
        ``deadline`` is for one whole ``get`` or ``post``, redirects and body included, without waiting for the host.
        ``spacing`` is between the starts of two requests to one host; ``tls`` replaces the usual certificates.
        """
        self._clock = clock
        self._deadline = deadline.total_seconds()
        self._max_bytes = max_bytes
        self._limiter = HostLimiter(spacing_seconds=spacing.total_seconds(), timeout_seconds=self._deadline)
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
        """Return a response of the 200 class, or 304 if ``etag`` or ``last_modified`` were given.

        Follow up to ten redirects, each checked like the first address; none from https to http. A user name and
        password in the address go to its own origin only. Raise FetchError for everything else, and whatever ``check``
        raises, which is called with each address (without user name and password) before it is asked for.
        """
        conditions = [(b"If-None-Match", etag), (b"If-Modified-Since", last_modified)]
        validators = [(name, value) for name, value in conditions if value is not None]
        headers = [(b"Accept", accept.encode()), *validators]
        chain = RedirectChain(Url.parse(url))
        seconds_left = self._deadline
        while True:
            if check is not None:
                check(str(chain.current.url))
            with self._limiter.slot(chain.current.host):
                began = time.monotonic()
                response = self._exchange("GET", chain.current, headers, self._read_body, until=began + seconds_left)
                seconds_left -= time.monotonic() - began
            if response.status not in REDIRECTS:
                break
            chain.follow(response.header("Location"), permanent=response.status in PERMANENT_REDIRECTS)
        if not (response.status == HTTPStatus.NOT_MODIFIED and validators):
            response.raise_for_status()
        return replace(response, moved_to=chain.moved_to)

    def ask(self, url: str, *, content: bytes | None, headers: Mapping[str, str], in_turn: bool = True) -> Response:
        """Query an interface with a GET with these headers, or a POST if there is ``content``.

        Return a response of the 200 class; wait for the host like ``get``, or not at all if not ``in_turn``: then the
        deadline bounds the whole call. Follow no redirect: the headers may hold secrets, which are for this address
        alone. Raise FetchError for everything else.
        """
        target = Url.parse(url)
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        method = "GET" if content is None else "POST"
        with self._limiter.slot(target.host) if in_turn else contextlib.nullcontext():
            until = time.monotonic() + self._deadline
            response = self._exchange(method, target, raw, self._read_body, until=until, content=content)
        response.raise_for_status()
        return response

    def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Response:
        """Deliver something, once; return the response whatever its status, redirects too.

        Raise FetchError when no status came back; its ``unacknowledged`` says whether the request may have arrived.
        Do not wait for the host: the outbox sets the pace of deliveries.
        """
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        until = time.monotonic() + self._deadline
        return self._exchange("POST", Url.parse(url), raw, _read_beginning, until=until, content=content)

    def close(self) -> None:
        """End every wait for a host and every request under way: each raises FetchError where it is."""
        self._limiter.close()
        self._transport.close()

    def _exchange(
        self,
        method: str,
        target: Url,
        headers: list[tuple[bytes, bytes]],
        read: Callable[[httpx.Response], bytes],
        *,
        until: float,
        content: bytes | None = None,
    ) -> Response:
        """Make one request, over by ``until`` on the monotonic clock, on a connection of its own.

        Connections are not kept: hosts are asked every ten minutes, and what is never reused cannot be stale, carry
        the rest of a malformed response into the next one, or escape the check of its address.
        """
        timeouts = dict.fromkeys(("connect", "read", "write"), until)  # moments, not seconds: see Backend
        with self._client.stream(
            method,
            target.url,
            headers=headers,
            content=content,
            auth=target.credentials,
            extensions={"timeout": timeouts},
        ) as response:
            received: Headers = response.extensions[RAW_HEADERS]
            now = self._clock()
            return Response(
                status=response.status_code,
                url=str(target.url),
                headers=received,
                body=read(response),
                etag=first(received, "ETag"),
                last_modified=first(received, "Last-Modified"),
                hold=hold(response.status_code, received, now),
                fetched_at=now,
            )

    def _read_body(self, response: httpx.Response) -> bytes:
        if not response.is_success:
            return b""  # what a refusal says in its body is not worth its bytes
        check_headers(response.extensions[RAW_HEADERS], self._max_bytes)
        return b"".join(decompressed(response.iter_raw(), self._max_bytes))


class _NoCookies(http.cookiejar.CookieJar):
    """A cookie jar that stays empty."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Ignore the cookies of a response."""


@functools.cache
def _usual_certificates() -> ssl.SSLContext:
    """Return the context that all share: loading the certificates takes longer than a handshake."""
    return httpx.create_ssl_context(trust_env=False)


def _read_beginning(response: httpx.Response) -> bytes:
    beginning = bytearray()
    with contextlib.suppress(FetchError):  # the status is there, and says whether the delivery was accepted
        for piece in decompressed(response.iter_raw(), MAX_DELIVERY_RESPONSE_BYTES):
            beginning += piece
    return bytes(beginning)

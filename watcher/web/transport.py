"""Connections to allowed addresses only, each over by its deadline.

httpx's timeouts bound one read each, so a server that drips bytes could hold a request without end; and a check of the
address that is not made where the socket is opened can be evaded by a redirect or by a second answer of the name
service. Both belong in httpcore's network backend.
"""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any, Final

import httpcore
import httpx

from watcher.model import FetchError, Reason
from watcher.web.addresses import AddressPolicy

RAW_HEADERS: Final = "raw_headers"
"""The extension of a httpx.Response that holds the headers as sent, without Set-Cookie."""

_AddressInfo = Sequence[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]]

_NO_RESPONSE: Final = "the server hung up before its response was complete, or its response is not HTTP"

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # they log whole addresses, with the secrets in them


class Transport(httpx.BaseTransport):
    """httpx over a pool that keeps no connection. Raise nothing but FetchError; ``unacknowledged`` once connected."""

    def __init__(self, backend: httpcore.NetworkBackend, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=None, max_keepalive_connections=0, network_backend=backend
        )
        self._closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response, its body still to be read."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        sent = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with self._fetch_errors():
            received = self._pool.handle_request(sent)
        assert isinstance(received.stream, Iterable)
        return httpx.Response(
            received.status,
            # httpx looks into Location of its own accord and trips over odd ones; Web follows redirects itself
            headers=[(name, value) for name, value in received.headers if name.lower() != b"location"],
            stream=_Body(self._guarded(received.stream), received.close),
            extensions={
                RAW_HEADERS: tuple(pair for pair in received.headers if pair[0].lower() != b"set-cookie"),
            },
        )

    def close(self) -> None:
        """Cut every connection, also those in use."""
        self._closed = True
        self._pool.close()

    def _guarded(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        with self._fetch_errors():
            yield from chunks

    @contextmanager
    def _fetch_errors(self) -> Iterator[None]:
        try:
            yield
        except httpcore.LocalProtocolError as error:
            raise FetchError(Reason.INTERNAL, "the request has a header that HTTP does not allow") from error
        except httpcore.TimeoutException as error:
            raise FetchError(Reason.TIMEOUT, "no complete response in time", unacknowledged=True) from error
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            if self._closed:
                raise FetchError(Reason.INTERRUPTED, "shutting down", unacknowledged=True) from error
            raise FetchError(Reason.CONNECTION, _NO_RESPONSE, unacknowledged=True) from error


class Backend(httpcore.NetworkBackend):
    """Open sockets to addresses that were checked, and give up at the deadline.

    httpcore passes the timeouts of a request through to here unread. So that everything a request does ends by one
    deadline, ``timeout`` is that moment on the monotonic clock instead of a number of seconds.
    """

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - in httpcore's signature, and never given
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore.NetworkStream:
        """Resolve once, check every address, connect to one of these. Raise FetchError."""
        try:
            found = _resolved(host, port, timeout)
            self._policy.check(host, port, [sockaddr[0] for *_, sockaddr in found])
            return _Stream(_first_connection(found, timeout))
        except TimeoutError as error:
            raise FetchError(Reason.TIMEOUT, f"no connection to {host} in time") from error
        except (socket.gaierror, ValueError) as error:
            raise FetchError(Reason.ADDRESS_UNKNOWN, f"the name service has no address for {host}") from error
        except OSError as error:
            why = (error.strerror or "no connection").lower()
            raise FetchError(Reason.CONNECTION, f"{host} port {port}: {why}") from error


class _Stream(httpcore.NetworkStream):
    """A connected socket; ``timeout`` is a moment, as in Backend."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _httpcore_errors(httpcore.ReadTimeout, httpcore.ReadError):
            self._socket.settimeout(_seconds_left(timeout))
            return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        with _httpcore_errors(httpcore.WriteTimeout, httpcore.WriteError):
            while rest:
                self._socket.settimeout(_seconds_left(timeout))
                rest = rest[self._socket.send(rest) :]

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            self._socket.settimeout(_seconds_left(timeout))
            return _Stream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))
        except (OSError, ValueError) as error:
            self.close()
            raise _tls_error(error, server_hostname) from error

    def close(self) -> None:
        """Close the socket; a thread that is still reading from it wakes up."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class _Body(httpx.SyncByteStream):
    """The body of a response as it comes in."""

    def __init__(self, chunks: Iterable[bytes], close: Callable[[], None]) -> None:
        self._chunks = chunks
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    def close(self) -> None:
        self._close()


def _resolved(host: str, port: int, until: float | None) -> _AddressInfo:
    """Return what the name service says. It has no timeout, so it is asked in a thread that can be left behind."""
    future: Future[_AddressInfo] = Future()

    def ask() -> None:
        try:
            future.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as error:
            future.set_exception(error)

    Thread(target=ask, name="resolver", daemon=True).start()
    return future.result(_seconds_left(until))


def _first_connection(found: _AddressInfo, until: float | None) -> socket.socket:
    """Try the addresses in order, each for its share of the time, so that a dead one leaves some to the next."""
    failure: OSError = OSError("no addresses")
    for position, (family, kind, protocol, _, sockaddr) in enumerate(found):
        connecting = socket.socket(family, kind, protocol)
        try:
            connecting.settimeout(_seconds_left(until) / (len(found) - position))
            connecting.connect(sockaddr)
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connecting.close()
            failure = error
        else:
            return connecting
    raise failure


def _seconds_left(until: float | None) -> float:
    """Return the time to a moment on the monotonic clock; raise TimeoutError when it has passed."""
    assert until is not None, "every request has a deadline"
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _tls_error(error: Exception, host: str | None) -> FetchError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return FetchError(Reason.TLS, f"the certificate of {host} is not valid: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        return FetchError(Reason.TLS, f"{host}: {(error.reason or 'no handshake').replace('_', ' ').lower()}")
    if isinstance(error, TimeoutError):
        return FetchError(Reason.TIMEOUT, f"no TLS connection to {host} in time")
    if isinstance(error, OSError):
        return FetchError(Reason.CONNECTION, f"{host} closed the connection before TLS was set up")
    return FetchError(Reason.TLS, f"no certificate can be for a name like {host}")


@contextmanager
def _httpcore_errors(timeout: type[Exception], failure: type[Exception]) -> Iterator[None]:
    """Raise httpcore's errors: after its own write error it still reads what a server said before it hung up."""
    try:
        yield
    except TimeoutError as error:
        raise timeout from error
    except (OSError, ValueError) as error:  # ValueError: closed meanwhile by another thread
        raise failure from error

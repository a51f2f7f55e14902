"""Servers that misbehave on loopback, a name service made of a table, and a record of every connect."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watcher.web import Web

Handler = Callable[[socket.socket, bytes], None]
TLS_HANDSHAKE = b"\x16"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

_recorders: list[list[tuple[Any, ...]]] = []


def _watch_connects(event: str, args: tuple[Any, ...]) -> None:
    """The interpreter tells of every connect before it is made; those that would leave loopback never are."""
    if event != "socket.connect" or not _recorders:
        return
    address = args[1]
    _recorders[0].append(address)
    if not str(address[0]).startswith("127."):
        raise OSError(0, "left loopback")


sys.addaudithook(_watch_connects)


@pytest.fixture
def connects() -> Iterator[list[tuple[Any, ...]]]:
    """Every address that anything connects to during the test."""
    _recorders.append([])
    yield _recorders[0]
    _recorders.clear()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """The whole name service: for each name its answers, one after the other; the last one stays."""
    table: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        if host not in table:
            return real(host, port, flags=socket.AI_NUMERICHOST, **options)
        answers = table[host]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [info for address in answer for info in real(address, port, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return table


class Server:
    """Accepts on loopback and lets a handler answer each connection in a thread of its own."""

    def __init__(self, handler: Handler, address: tuple[str, int], tls: ssl.SSLContext | None) -> None:
        self.requests: list[bytes] = []
        self.stopping = threading.Event()
        self._handler = handler
        self._tls = tls
        self._listener = socket.create_server(address)
        self._threads = [threading.Thread(target=self._accept)]
        self.port = self._listener.getsockname()[1]
        self.authority = f"{address[0]}:{self.port}"
        self.url = f"{'https' if tls else 'http'}://{self.authority}"
        self._threads[0].start()

    def header(self, name: str, request: int = -1) -> bytes | None:
        lines = self.requests[request].split(b"\r\n")
        wanted = name.lower().encode() + b":"
        return next((line[len(wanted) :].strip() for line in lines if line.lower().startswith(wanted)), None)

    def stop(self) -> None:
        self.stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with connection, suppress(OSError):
            stream = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            with stream:
                request = b""
                while b"\r\n\r\n" not in request and not request.startswith(TLS_HANDSHAKE):
                    chunk = stream.recv(65536)
                    if not chunk:
                        return
                    request += chunk
                self.requests.append(request)
                self._handler(stream, request)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start a server that answers with these bytes, or lets a handler answer."""
    servers: list[Server] = []

    def start(
        answer: bytes | Handler, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> Server:
        handler = answer if callable(answer) else lambda connection, _: connection.sendall(answer)
        servers.append(Server(handler, (host, port), tls))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def make_web() -> Iterator[Callable[..., Web]]:
    """A Web that may visit loopback and is quick to give up; anything can be said otherwise."""
    webs: list[Web] = []

    def make(**options: Any) -> Web:
        defaults: dict[str, Any] = {
            "user_agent": "watcher/1 (+https://example.org/contact)",
            "clock": lambda: NOON,
            "allow_private": ("127.0.0.0/8",),
            "deadline": timedelta(seconds=5),
            "spacing": timedelta(0),
        }
        webs.append(Web(**{**defaults, **options}))
        return webs[-1]

    yield make
    for web in webs:
        web.close()


@pytest.fixture
def web(make_web: Callable[..., Web]) -> Web:
    return make_web()


def answer(
    status: str = "200 OK", *headers: tuple[str, str] | tuple[bytes, bytes], body: bytes = b"", length: bool = True
) -> bytes:
    """An HTTP answer as bytes."""
    lines = [f"HTTP/1.1 {status}".encode()]
    for name, value in headers:
        lines.append((name.encode() if isinstance(name, str) else name) + b": " + _raw(value))
    if length:
        lines.append(f"Content-Length: {len(body)}".encode())
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _raw(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


@pytest.fixture
def http() -> Callable[..., bytes]:
    return answer

"""Whatever the other end does, a call is over in time, and leaves nothing behind."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from watcher.model import FetchError, Reason
from watcher.web import Web

DEADLINE = 0.4


def dripping(start: bytes, drop: bytes) -> Callable[[Any, bytes], None]:
    """A handler that sends a drop every 50 ms for as long as anyone listens."""

    def handle(connection: Any, request: bytes) -> None:
        connection.sendall(start)
        with suppress(OSError):
            for _ in repeat(None, 100):
                connection.sendall(drop)
                time.sleep(0.05)

    return handle


SLOW: dict[str, Callable[[Any, bytes], None]] = {
    "body": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "gzip that grows to nothing": dripping(b"HTTP/1.1 200 OK\r\n\r\n\x1f\x8b\x08", b"\0"),
    "early hints": dripping(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "headers": dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: y\r\n"),
    "half a header": dripping(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "status line": dripping(b"", b"H"),
    "silence": lambda connection, _: connection.recv(1),
}


@pytest.fixture
def quick(make_web: Callable[..., Web]) -> Web:
    return make_web(deadline=timedelta(seconds=DEADLINE))


@pytest.fixture
def black_hole() -> Iterator[str]:
    """An address whose connects are never answered, because its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for connecting in waiting:
            connecting.setblocking(False)
            connecting.connect_ex(address)
        yield f"{address[0]}:{address[1]}"
        for connecting in waiting:
            connecting.close()


def timed_out(visit: Callable[[], object]) -> FetchError:
    started = time.monotonic()
    with pytest.raises(FetchError) as caught:
        visit()
    assert time.monotonic() - started < DEADLINE + 1
    assert caught.value.reason is Reason.TIMEOUT
    return caught.value


@pytest.mark.parametrize("kind", SLOW)
def test_a_server_that_drips_is_left_at_the_deadline(kind: str, quick: Web, serve: Any) -> None:
    server = serve(SLOW[kind])
    assert timed_out(lambda: quick.get(server.url)).unacknowledged


def test_a_tls_handshake_that_never_ends_is_left_at_the_deadline(quick: Web, serve: Any) -> None:
    server = serve(SLOW["silence"])
    error = timed_out(lambda: quick.get(server.url.replace("http:", "https:")))
    assert not error.unacknowledged


def test_a_black_hole_is_left_at_the_deadline(quick: Web, black_hole: str) -> None:
    error = timed_out(lambda: quick.get(f"http://{black_hole}/"))
    assert (error.unacknowledged, error.detail) == (False, "no connection to 127.0.0.1 in time")


def test_a_dead_address_leaves_time_for_the_next(
    quick: Web, black_hole: str, serve: Any, http: Any, names: dict[str, list[list[str]]]
) -> None:
    names["two.example"] = [["127.0.0.1", "127.0.0.2"]]
    port = int(black_hole.rpartition(":")[2])
    serve(http(body=b"second"), host="127.0.0.2", port=port)
    assert quick.get(f"http://two.example:{port}/").body == b"second"


def test_a_name_service_that_does_not_answer_is_left_at_the_deadline(
    quick: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(5) and [])
    timed_out(lambda: quick.get("http://slow.example/"))
    answered.set()


def test_a_server_that_does_not_listen_is_left_at_the_deadline(quick: Web) -> None:
    """It takes the connection, but never reads: what is sent fills the buffers and then waits."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        error = timed_out(lambda: quick.post(url, content=b"x" * 20_000_000, headers={}))
    assert error.unacknowledged


def test_redirects_share_one_deadline(quick: Web, serve: Any, http: Any) -> None:
    def handle(connection: Any, request: bytes) -> None:
        time.sleep(DEADLINE / 3)
        connection.sendall(http("302 Found", ("Location", f"/{len(request.split()[1])}{'x' * len(request)}")))

    server = serve(handle)
    timed_out(lambda: quick.get(server.url))
    assert len(server.requests) <= 4


def test_after_many_bad_visits_a_good_one_is_quick_and_nothing_is_left_open(
    make_web: Any, serve: Any, http: Any, black_hole: str
) -> None:
    kinds = [*SLOW.values(), *(http("200 OK", body=b"x" * 10_000)[:-1], b"garbage\r\n\r\n", b"")]
    bad = [serve(kind, host=f"127.0.1.{number}").url for number, kind in enumerate(kinds, 1)]
    bad += [bad[0].replace("http:", "https:"), f"http://{black_hole}/", "http://10.0.0.1/"]
    good = serve(http(body=b"well"), host="127.0.0.2")
    web: Web = make_web(deadline=timedelta(seconds=0.3))
    web.get(good.url)
    files = open_files()

    def visit(url: str) -> None:
        with pytest.raises(FetchError):
            web.get(url)

    with ThreadPoolExecutor(len(bad)) as pool:
        list(pool.map(visit, bad * 5))
    started = time.monotonic()
    assert web.get(good.url).body == b"well"
    assert time.monotonic() - started < 1
    assert_soon(lambda: open_files() <= files)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def assert_soon(holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        time.sleep(0.05)
    assert holds()


def test_close_ends_a_visit_under_way(make_web: Any, serve: Any) -> None:
    server = serve(SLOW["silence"])
    web: Web = make_web(deadline=timedelta(seconds=30))
    timer = threading.Timer(0.2, web.close)
    timer.start()
    started = time.monotonic()
    with pytest.raises(FetchError) as caught:
        web.get(server.url)
    timer.join()
    assert time.monotonic() - started < 5
    assert (caught.value.reason, caught.value.unacknowledged) == (Reason.INTERRUPTED, True)

"""One visitor per host, and a pause between two starts."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from watcher.model import FetchError, Reason
from watcher.web import Web
from watcher.web.host_limiter import HostLimiter

SPACING = 0.1


def test_starts_at_one_host_lie_apart_and_never_overlap(make_web: Any, serve: Any, http: Any) -> None:
    inside = threading.Semaphore(1)
    overlaps: list[bool] = []

    def handle(connection: Any, _: bytes) -> None:
        overlaps.append(not inside.acquire(blocking=False))
        time.sleep(0.02)
        inside.release()
        connection.sendall(http(body=b"x"))

    server = serve(handle)
    web: Web = make_web(spacing=timedelta(seconds=SPACING))
    began = time.monotonic()
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: web.get(server.url), range(5)))
    assert time.monotonic() - began >= 4 * SPACING
    assert overlaps == [False] * 5


def test_a_redirect_waits_for_its_turn_too(make_web: Any, serve: Any, http: Any) -> None:
    def handle(connection: Any, request: bytes) -> None:
        first = request.startswith(b"GET / ")
        connection.sendall(http("302 Found", ("Location", "/x")) if first else http(body=b"x"))

    web: Web = make_web(spacing=timedelta(seconds=SPACING))
    began = time.monotonic()
    web.get(serve(handle).url + "/")
    assert time.monotonic() - began >= SPACING


def test_waiting_does_not_count_against_the_deadline(make_web: Any, serve: Any, http: Any) -> None:
    def handle(connection: Any, _: bytes) -> None:
        time.sleep(0.2)
        connection.sendall(http(body=b"x"))

    server = serve(handle)
    web: Web = make_web(spacing=timedelta(seconds=0.75), deadline=timedelta(seconds=0.7))
    web.get(server.url)
    assert web.get(server.url).body == b"x"


def test_hosts_do_not_wait_for_one_another() -> None:
    limiter = HostLimiter(spacing_seconds=60, timeout_seconds=0.01)
    with limiter.slot("a.example"), limiter.slot("b.example"):
        pass


def test_a_turn_ends_with_an_error_too() -> None:
    limiter = HostLimiter(spacing_seconds=0, timeout_seconds=0.01)
    for _ in range(2):
        with pytest.raises(KeyError), limiter.slot("a.example"):
            raise KeyError


def test_who_waits_too_long_is_told_so() -> None:
    limiter = HostLimiter(spacing_seconds=0, timeout_seconds=0.05)
    with limiter.slot("a.example"), pytest.raises(FetchError) as caught, limiter.slot("a.example"):
        pass
    assert (caught.value.reason, caught.value.detail) == (
        Reason.TIMEOUT,
        "waited 0.05 s for other requests to a.example",
    )


def test_closing_sends_everyone_away() -> None:
    limiter = HostLimiter(spacing_seconds=0, timeout_seconds=30)
    failures: list[Reason] = []

    def wait() -> None:
        with pytest.raises(FetchError) as caught, limiter.slot("a.example"):
            pass
        failures.append(caught.value.reason)

    with limiter.slot("a.example"):
        waiting = [threading.Thread(target=wait) for _ in range(3)]
        for thread in waiting:
            thread.start()
        limiter.close()
        for thread in waiting:
            thread.join(5)
    wait()
    assert failures == [Reason.INTERRUPTED] * 4

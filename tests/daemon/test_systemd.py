from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from watcher.daemon.systemd import Notifier

Listener = tuple[str, socket.socket]


@pytest.fixture(params=["path", "abstract"])
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    """Where systemd listens: in the file system, or in the abstract namespace, which an address starts with @ for."""
    with (
        tempfile.TemporaryDirectory(prefix="watcher-") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own,
    ):
        path = str(Path(folder) / "notify")
        own.bind(path if request.param == "path" else f"\0{path}")
        own.settimeout(5)
        yield (path if request.param == "path" else f"@{path}"), own


def test_each_word_is_a_datagram_of_its_own(listener: Listener) -> None:
    address, own = listener
    notifier = Notifier(address)
    notifier.ready("all is well")
    notifier.alive("all is well")
    notifier.stopping()
    assert own.recv(999) == b"READY=1\nSTATUS=all is well"
    assert own.recv(999) == b"WATCHDOG=1\nSTATUS=all is well"
    assert own.recv(999) == b"STOPPING=1"


def test_reloading_tells_the_moment(listener: Listener) -> None:
    address, own = listener
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    Notifier(address).reloading()
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    word, moment = own.recv(999).decode().split("\n")
    assert word == "RELOADING=1"
    name, microseconds = moment.split("=")
    assert name == "MONOTONIC_USEC"
    assert before // 1000 <= int(microseconds) <= after // 1000


def test_a_status_cannot_say_another_word(listener: Listener) -> None:
    address, own = listener
    Notifier(address).ready("refused\nMAINPID=1\r\x1b[31m \N{LINE SEPARATOR}\ud800")
    assert own.recv(999).split(b"\n") == [b"READY=1", b"STATUS=refused MAINPID=1  [31m   "]


def test_without_systemd_nothing_is_said() -> None:
    Notifier("").ready("all is well")


def test_a_systemd_that_went_away_does_no_harm() -> None:
    Notifier("/nowhere/notify").ready("all is well")


def test_a_systemd_that_does_not_listen_is_not_waited_for(listener: Listener) -> None:
    address, _own = listener
    notifier = Notifier(address, send_seconds=0.01)
    began = time.monotonic()
    for _ in range(20):  # more than a socket's queue takes: net.unix.max_dgram_qlen
        notifier.alive("all is well")
    assert time.monotonic() - began < 5

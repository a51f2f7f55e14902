from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

import pytest

from watcher.model import FetchError, Reading, Reason
from watcher.reading import process, wire
from watcher.reading.pool import Reader
from watcher.reading.process import Limits

Mutant = Callable[..., Reader]
FEED = b"<rss version='2.0'><channel><title>c</title><item><title>one</title></item></channel></rss>"


def read(reader: Reader, body: bytes = FEED) -> Reading:
    return reader.read_feed(body, url="https://example.org/", content_type="text/xml", known=frozenset())


def failure(reader: Reader, body: bytes = FEED) -> FetchError:
    with pytest.raises(FetchError) as caught:
        read(reader, body)
    return caught.value


def process_id(reader: Reader) -> int:
    """Of the one process of a reader that tells it."""
    return int(read(reader).entries[0].tags[0])


def test_what_is_known_is_not_read_again(reader: Reader) -> None:
    first = read(reader)
    again = reader.read_feed(FEED, url="", content_type="", known=first.memory.fingerprints)
    assert (again.entries, again.skipped, again.total) == ((), first.memory.fingerprints, 1)


@pytest.mark.scenario("P2", "X10")
@pytest.mark.parametrize(
    ("behaviour", "limits", "detail"),
    [
        ("hang", Limits(seconds=0.3), "takes more than 0.3 s to read"),
        ("spin", Limits(cpu=1), "takes more than 1 s of processor time to read"),
        ("hoard", Limits(), "takes more than 300 MB to read"),
        ("recurse", Limits(), "nested too deeply to read"),
        ("crash", Limits(), "broke the reading process (SIGSEGV)"),
        ("huge_frame", Limits(), "made the reading process reply with nonsense"),
    ],
)
def test_a_document_over_a_limit_is_hostile_and_the_next_is_read(
    mutant: Mutant, behaviour: str, limits: Limits, detail: str
) -> None:
    reader = mutant(behaviour, limits=limits)
    error = failure(reader)
    assert (error.reason, error.detail) == (Reason.HOSTILE, detail)
    assert reader.alive()


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense", b"{}", b'{"read": {"memory": {}, "entries": [{}]}}', b'{"refusal": null}']
)
def test_nonsense_is_not_believed(mutant: Mutant, answer: bytes) -> None:
    error = failure(mutant("raw"), answer)
    assert (error.reason, error.detail) == (Reason.HOSTILE, "made the reading process reply with nonsense")


def test_a_bug_of_ours_is_internal_and_says_where(mutant: Mutant) -> None:
    error = failure(mutant("bug"))
    assert error.reason is Reason.INTERNAL
    assert error.detail.startswith("KeyError at mutant.py:")
    assert "\x1b" not in error.detail


@pytest.mark.scenario("X10")
def test_a_document_is_read_again_when_its_process_died(mutant: Mutant) -> None:
    first = process_id(mutant("stop"))
    reader = mutant("crash_once")
    dying = reader._processes[0]._running
    assert dying is not None
    reading = read(reader, str(dying.pid).encode())
    assert int(reading.entries[0].tags[0]) not in (first, dying.pid)


def test_a_document_that_breaks_two_processes_has_no_more_time_than_one(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, now = [], [0.0]
    reader = mutant("stop", limits=Limits(seconds=25), monotonic=lambda: now[0])

    def broken(head: bytes, body: bytes, limits: Limits) -> bytes:
        given.append(limits.seconds)
        now[0] += 18.5
        raise process.Lost(Reason.HOSTILE, "broke the reading process", again=True)

    monkeypatch.setattr(reader._processes[0], "read", broken)
    assert failure(reader).detail == "broke the reading process"
    assert given == [25, 6]


@pytest.mark.scenario("X10")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_dead_or_stopped_process_is_no_fault_of_the_next_document(mutant: Mutant, number: int) -> None:
    reader = mutant("stop", ping_seconds=0.5)
    before = process_id(reader)
    os.kill(before, number)
    assert process_id(reader) != before


@pytest.mark.scenario("X10")
def test_a_stopped_process_is_replaced_before_it_is_needed(mutant: Mutant) -> None:
    reader = mutant("stop", ping_seconds=0.5)
    before = process_id(reader)
    os.kill(before, signal.SIGSTOP)
    assert reader.alive()
    replaced = reader._processes[0]._running
    assert replaced is not None
    assert replaced.pid != before


@pytest.mark.scenario("X10")
def test_stopped_processes_are_replaced_within_seconds() -> None:
    assert process.PING_SECONDS < 5


def test_a_process_is_replaced_after_many_documents(mutant: Mutant) -> None:
    reader = mutant("stop", max_documents=3)
    ids = [process_id(reader) for _ in range(6)]
    assert [ids.count(one) for one in dict.fromkeys(ids)] == [3, 3]


@pytest.mark.scenario("P2")
def test_a_hostile_document_delays_no_other(mutant: Mutant) -> None:
    pool = Reader(2, limits=Limits(seconds=3))
    heavy = b"<rss version='2.0'><channel><item><author>" + b"a" * 60_000 + b"@</author></item></channel></rss>"
    try:
        read(pool), read(pool)
        held = threading.Thread(target=failure, args=(pool, heavy))
        held.start()
        began = time.monotonic()
        for _ in range(5):
            read(pool)
        assert time.monotonic() - began < 2.5
        held.join()
    finally:
        pool.close()


def test_nothing_a_process_prints_reaches_the_daemon(mutant: Mutant, capfd: pytest.CaptureFixture[str]) -> None:
    read(mutant("chatter"))
    assert "printed by a reading process" not in "".join(capfd.readouterr())


def test_closing_ends_what_is_being_read_and_refuses_the_rest(mutant: Mutant) -> None:
    reader = mutant("hang")
    errors: list[FetchError] = []
    held = threading.Thread(target=lambda: errors.append(failure(reader)))
    held.start()
    time.sleep(0.5)  # until the document is being read
    reader.close()
    held.join(5)
    assert not held.is_alive()
    assert failure(reader).reason is Reason.INTERNAL
    assert not reader.alive()
    reader.close()


@pytest.mark.scenario("X7")
def test_a_process_that_cannot_start_is_told_and_tried_again() -> None:
    reader = Reader(1, command=("/nonexistent/python",))
    try:
        error = failure(reader)
        assert (error.reason, error.detail) == (Reason.INTERNAL, "no reading process could be started")
        assert not reader.alive()
    finally:
        reader.close()


def test_a_process_that_ends_at_once_is_told() -> None:
    reader = Reader(1, command=(sys.executable, "-c", "raise SystemExit(7)"))
    try:
        assert failure(reader).detail == "no reading process replies (exit status 7)"
    finally:
        reader.close()


def test_an_interrupt_leaves_no_answer_for_the_next_document(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[bytes] = []

    def interrupted_at_the_answer(channel: socket.socket, *, deadline: float) -> bytes:
        if received:
            raise KeyboardInterrupt
        received.append(receive(channel, deadline=deadline))
        return received[0]

    receive = wire.receive
    with monkeypatch.context() as patched:
        patched.setattr(wire, "receive", interrupted_at_the_answer)
        with pytest.raises(KeyboardInterrupt):
            read(reader)
    for number in range(4):
        body = FEED.replace(b"one", str(number).encode())
        assert read(reader, body).entries[0].title == str(number)

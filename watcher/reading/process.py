"""One place for a reading process: whatever happens to the process, the place gets a new one."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from watcher.model import Reason
from watcher.reading import wire

COMMAND = (sys.executable, "-P", "-m", "watcher.reading.worker")
"""How a reading process is started. ``-P``: nothing is imported from where the daemon happens to stand."""

_ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""All that a reading process is told: it inherits neither the daemon's environment nor its files."""
_START_SECONDS = 30.0
_WAKE_SECONDS = 3.0
_DYING_SECONDS = 1.0
"""A process whose channel is closed is about to end, and how it ended says why."""
_DOCUMENTS = 1_000
"""A process is replaced after so many: nothing a document left behind stays for long."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document may cost."""

    seconds: float = 10
    """Of the clock; then the process is killed."""
    cpu: int = 8
    """Seconds of processor time."""
    memory: int = 300 * 1024 * 1024
    """Bytes, over what the process has when it is warm."""


class Lost(Exception):
    """The process did not survive, and has been replaced. ``again``: another one may do better."""

    def __init__(self, reason: Reason, detail: str, *, again: bool) -> None:
        super().__init__(detail)
        self.reason = reason
        self.again = again


class Process:
    """Holds a warm reading process. Used by one thread at a time; only ``close`` may come from another."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._closed = False
        self._running: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._wake_seconds = _START_SECONDS
        self._documents = 0
        self._start()

    def awake(self) -> bool:
        """Whether it answers; one that does not is replaced, and then asked."""
        for _ in range(2):
            with contextlib.suppress(Lost):
                self._wake()
                return True
        return False

    def read(self, head: bytes, body: bytes, limits: Limits) -> bytes:
        """The answer to a request. Raises Lost."""
        channel = self._wake()
        deadline = time.monotonic() + limits.seconds
        try:
            wire.send(channel, head, deadline=deadline)
            wire.send(channel, body, deadline=deadline)
            answer = wire.receive(channel, deadline=deadline)
        except TimeoutError:
            self.restart()
            raise self._lost(f"takes more than {limits.seconds:g} s to read") from None
        except ValueError:
            self.restart()
            raise self._lost("made the reading process answer nonsense") from None
        except (EOFError, OSError):
            status = self.restart(_DYING_SECONDS)
            if status == -signal.SIGXCPU:
                raise self._lost(f"takes more than {limits.cpu} s of processor time to read") from None
            raise self._lost(f"broke the reading process ({_ending(status)})", again=True) from None
        except BaseException:
            self.restart()  # half a request is on its way: whatever is answered next belongs to nobody
            raise
        self._documents += 1
        if self._documents >= _DOCUMENTS:
            self.restart()
        return answer

    def restart(self, patience: float = 0) -> int:
        """Replace the process. Gives the exit status of the old one: negative, the signal that ended it."""
        status = self.end(patience)
        self._start()
        return status

    def close(self) -> None:
        """Kill the process, and start no other."""
        with self._lock:
            self._closed = True
            if self._running:
                self._running.kill()

    def end(self, patience: float = 0) -> int:
        """Kill what runs, if it does not end within ``patience`` seconds of itself, and let go of it."""
        with self._lock:
            running, self._running = self._running, None
        if self._channel:
            self._channel.close()
            self._channel = None
        if running is None:
            return 0
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(patience)
        running.kill()
        return running.wait()

    def _wake(self) -> socket.socket:
        """The channel to a process that is listening. A stopped or stuck one is not the next document's fault."""
        if self._channel is None:
            self._start()
        if self._channel is None:
            raise Lost(Reason.INTERNAL, "no reading process could be started", again=True)
        deadline = time.monotonic() + self._wake_seconds
        try:
            wire.send(self._channel, b"", deadline=deadline)
            wire.receive(self._channel, deadline=deadline)
        except (EOFError, OSError, ValueError):
            ending = _ending(self.restart(_DYING_SECONDS))
            _log.warning("reading process replaced", because=f"it did not answer ({ending})")
            raise Lost(Reason.INTERNAL, f"no reading process answers ({ending})", again=True) from None
        self._wake_seconds = _WAKE_SECONDS
        return self._channel

    def _lost(self, detail: str, *, again: bool = False) -> Lost:
        _log.warning("reading process replaced", because=f"a document {detail}")
        return Lost(Reason.HOSTILE, detail, again=again)

    def _start(self) -> None:
        """Start a process, which warms up by itself; without one when the system refuses, until the next wake."""
        with self._lock:
            if self._closed:
                return
            try:
                self._running, self._channel = _spawn(self._command)
            except OSError as error:
                _log.error("no reading process could be started", error=str(error))
        self._wake_seconds, self._documents = _START_SECONDS, 0


def _spawn(command: Sequence[str]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A process and our end of the channel to it. Raises OSError."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,  # an interrupt at the terminal is for the daemon to act on
            )
        except OSError:
            ours.close()
            raise
    return process, ours


def _ending(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"

"""A reading process, which is replaced whatever happens to it."""

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
"""How a reading process is started. ``-P``: nothing is imported from the daemon's working directory."""

_ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""The environment of a reading process, which inherits neither the daemon's environment nor its files."""
PING_SECONDS = 3.0
"""In which a warm process has to reply to a ping."""
MAX_DOCUMENTS = 1_000
"""A process is replaced after so many: nothing that a document left behind lasts."""
_START_SECONDS = 30.0
"""In which a new process has to reply to its first ping: it warms up before."""
_EXIT_SECONDS = 1.0
"""A process whose channel is closed is about to end, and its exit status says why."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document may cost."""

    seconds: float = 10
    """Wall-clock time after which the process is killed."""
    cpu: int = 8
    """Seconds of processor time."""
    memory: int = 300 * 1024 * 1024
    """Bytes on top of what the process has when it is warm."""


class Lost(Exception):
    """The process did not survive and has been replaced; ``again``: another one may manage."""

    def __init__(self, reason: Reason, detail: str, *, again: bool) -> None:
        super().__init__(detail)
        self.reason = reason
        self.again = again


class Process:
    """A warm reading process. Use it from one thread at a time; only ``close`` may come from another."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        name: str = "reading process",
        ping_seconds: float = PING_SECONDS,
        max_documents: int = MAX_DOCUMENTS,
    ) -> None:
        self._command = command
        self._name = name
        self._ping_seconds = ping_seconds
        self._max_documents = max_documents
        self._lock = threading.Lock()
        self._closed = False
        self._running: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._seconds_to_reply = _START_SECONDS
        self._documents = 0
        self._start()

    def awake(self) -> bool:
        """Return whether it replies; if it does not, ask its replacement."""
        for _ in range(2):
            with contextlib.suppress(Lost):
                self._pinged()
                return True
        return False

    def read(self, head: bytes, body: bytes, limits: Limits) -> bytes:
        """Return the reply to a request. Raise Lost."""
        channel = self._pinged()
        deadline = time.monotonic() + limits.seconds
        try:
            wire.send(channel, head, deadline=deadline)
            wire.send(channel, body, deadline=deadline)
            reply = wire.receive(channel, deadline=deadline)
        except TimeoutError:
            self.restart()
            raise self._lost(f"takes more than {limits.seconds:g} s to read") from None
        except ValueError:
            self.restart()
            raise self._lost(f"made the {self._name} reply with nonsense") from None
        except (EOFError, OSError):
            status = self.restart(_EXIT_SECONDS)
            if status == -signal.SIGXCPU:
                raise self._lost(f"takes more than {limits.cpu} s of processor time to read") from None
            raise self._lost(f"broke the {self._name} ({_ending(status)})", again=True) from None
        except BaseException:
            self.restart()  # half a request is on its way, so the next reply would be to nothing that was asked
            raise
        self._documents += 1
        if self._documents >= self._max_documents:
            self.restart()
        return reply

    def restart(self, exit_seconds: float = 0) -> int:
        """Replace the process. Gives the exit status of the old one: negative, the signal that ended it."""
        status = self.end(exit_seconds)
        self._start()
        return status

    def close(self) -> None:
        """Kill the process, and do not start another."""
        with self._lock:
            self._closed = True
            if self._running:
                self._running.kill()

    def end(self, exit_seconds: float = 0) -> int:
        """Kill what runs, if it does not end by itself within ``exit_seconds``; return its exit status."""
        with self._lock:
            running, self._running = self._running, None
        if self._channel:
            self._channel.close()
            self._channel = None
        if running is None:
            return 0
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(exit_seconds)
        running.kill()
        return running.wait()

    def _pinged(self) -> socket.socket:
        """Return the channel to a process that replies: a stopped or stuck one is not the next document's fault."""
        if self._channel is None:
            self._start()
        if self._channel is None:
            raise Lost(Reason.INTERNAL, f"no {self._name} could be started", again=True)
        deadline = time.monotonic() + self._seconds_to_reply
        try:
            wire.send(self._channel, b"", deadline=deadline)
            wire.receive(self._channel, deadline=deadline)
        except (EOFError, OSError, ValueError):
            ending = _ending(self.restart(_EXIT_SECONDS))
            _log.warning(f"{self._name} replaced", because=f"it did not reply ({ending})")
            raise Lost(Reason.INTERNAL, f"no {self._name} replies ({ending})", again=True) from None
        self._seconds_to_reply = self._ping_seconds
        return self._channel

    def _lost(self, detail: str, *, again: bool = False) -> Lost:
        _log.warning(f"{self._name} replaced", because=f"a document {detail}")
        return Lost(Reason.HOSTILE, detail, again=again)

    def _start(self) -> None:
        """Start a process, which warms up by itself; if the system refuses, the next ping tries again."""
        with self._lock:
            if self._closed:
                return
            try:
                self._running, self._channel = _spawn(self._command)
            except OSError as error:
                _log.error(f"no {self._name} could be started", error=str(error))
        self._seconds_to_reply, self._documents = _START_SECONDS, 0


def _spawn(command: Sequence[str]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Return a process and our end of the channel to it. Raise OSError."""
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

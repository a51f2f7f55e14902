"""The socket by which commands reach the running service: one line of JSON each way.

There is one writer, the daemon. A command that changes something asks it over this socket; where nobody answers,
`doing` opens the service itself, alone, under the same lock. Who may write to the socket may ask: its mode and the
folder it lies in decide.
"""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from storage.database import StorageError
from watcher import app
from watcher.app import App
from watcher.jobs import housekeeping, reminders
from watcher.model import ConfigError, WatcherError
from watcher.settings import Settings, runtime_directory

log = structlog.get_logger()

SOCKET = "control.sock"
PATIENCE = 120.0
"""Seconds: a test message may have to wait for a slow server."""
_MOST = 65536
_HURRY = 5.0
"""Seconds that whoever connects may take to say what it wants."""

Call = Callable[..., Any]
Commands = Mapping[str, Call]


def commands(service: App) -> dict[str, Call]:
    """What can be asked of a service, from any thread; every answer can be written as JSON."""
    reading = threading.Lock()

    def reload(*, confirmed: bool = False) -> dict[str, Any]:
        with reading:  # of two sets, the one that was read last goes live last
            return _reloaded(service, confirmed=confirmed)

    return {
        "live": service.live,
        "reload": reload,
        "retry": service.retry,
        "poll_now": service.poll_now,
        "send_test": lambda name: [asdict(result) for result in service.send_test(name)],
        "answer": partial(reminders.take, service.database, service.clock),
        "forget": partial(housekeeping.forget, service.database, service.clock),
        "catch_up": partial(housekeeping.catch_up, service.database, service.clock),
    }


def _reloaded(service: App, *, confirmed: bool) -> dict[str, Any]:
    loaded = service.reload(confirmed=confirmed)
    return {
        "live": loaded.book is not None,
        "digest": service.rulebook.digest,
        "problems": [asdict(problem) for problem in loaded.problems],
        "suspicion": loaded.suspicion,
    }


class Server:
    """Answers commands, each in a thread of its own: one that takes minutes holds up no other."""

    def __init__(self, path: Path, offered: Commands) -> None:
        self._path = path
        self._server = _listen(path, offered)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more; what is being done for somebody is not waited for."""
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class _Listener(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def _listen(path: Path, offered: Commands) -> _Listener:
    class Handler(socketserver.StreamRequestHandler):
        timeout = _HURRY

        def handle(self) -> None:
            with contextlib.suppress(OSError):  # whoever says nothing, or does not wait, gets no answer
                answer = _answer(self.rfile.readline(_MOST), offered)
                self.wfile.write(json.dumps(answer).encode() + b"\n")

    try:
        path.unlink(missing_ok=True)  # left by a process that was killed; the lock says that it is gone
        server = _Listener(str(path), Handler)
        path.chmod(0o660)
    except OSError as error:
        raise ConfigError(f"cannot listen at {path} ({error}); set a shorter path or another owner for it") from error
    return server


def _answer(line: bytes, offered: Commands) -> dict[str, Any]:
    try:
        asked = json.loads(line)
        command, arguments = offered[asked["command"]], dict(asked.get("arguments", {}))
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"error": "that is no command of this version of watcher; restart the service after an update"}
    try:
        return {"result": command(**arguments)}
    except (WatcherError, StorageError) as error:
        return {"error": str(error)}
    except Exception as error:  # whoever asked must hear of it, and the service goes on
        log.exception("command failed", command=asked["command"])
        return {"error": f"{type(error).__name__}: {error}; the log says more"}


def ask(settings: Settings, command: str, **arguments: Any) -> Any:
    """Ask the running service. Raises ConnectionError when none runs, ConfigError when it says no."""
    path = runtime_directory(settings) / SOCKET
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(PATIENCE)
        try:
            line.connect(str(path))
            line.sendall(json.dumps({"command": command, "arguments": arguments}).encode() + b"\n")
            said = line.makefile("rb").readline()
        except FileNotFoundError as error:
            raise ConnectionRefusedError from error
        except PermissionError as error:
            raise ConfigError(f"{path}: you may not ask this service: use sudo, or join its group") from error
        except TimeoutError as error:
            raise ConfigError(f"{path}: no answer within {PATIENCE:.0f} s: its log may say why") from error
    answer = json.loads(said or b'{"error": "the service went away without an answer"}')
    if "error" in answer:
        raise ConfigError(answer["error"])
    return answer["result"]


@contextmanager
def doing(settings: Settings) -> Iterator[Call]:
    """A way to run commands: by the running service, else by opening it here under the same lock."""
    try:
        ask(settings, "live")
    except ConnectionError:
        with app.opened(settings) as service:
            offered = commands(service)
            yield lambda command, **arguments: offered[command](**arguments)
    else:
        yield lambda command, **arguments: ask(settings, command, **arguments)

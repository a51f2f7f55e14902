"""The socket by which commands reach the running service: one line of JSON each way.

There is one writer, the daemon. A command that changes something asks it over this socket; where nobody answers,
`do` opens what the command needs itself, under the same lock. Who may write to the socket may ask: its mode and the
folder it lies in decide.
"""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from storage.errors import StorageError
from watcher.daemon.live_status import LiveStatus
from watcher.model import ConfigError, WatcherError
from watcher.settings import Settings, runtime_directory

SOCKET = "control.sock"
ANSWER_SECONDS = 120.0
"""How long a command waits for its answer: a test message may have to wait for a slow server."""
REQUEST_SECONDS = 5.0
"""How long a client that has connected may take to send its request; then its thread is given back."""
MAX_REQUEST_BYTES = 65536
"""Size of one request; the longest holds a note of 2,000 characters."""

Call = Callable[..., Any]
Commands = Mapping[str, Call]


class Server:
    """Answers commands, each in a thread of its own: one that takes minutes holds up no other."""

    def __init__(self, path: Path, offered: Commands, *, request_seconds: float = REQUEST_SECONDS) -> None:
        self._path = path
        self._server = _listen(path, offered, request_seconds)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Accept no more requests; those being answered are not waited for."""
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class _Listener(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def _listen(path: Path, offered: Commands, request_seconds: float) -> _Listener:
    class Handler(socketserver.StreamRequestHandler):
        timeout = request_seconds

        def handle(self) -> None:
            with contextlib.suppress(OSError):  # a client that sends nothing or does not wait gets no answer
                answer = _answer(self.rfile.readline(MAX_REQUEST_BYTES), offered)
                self.wfile.write(_encoded(answer) + b"\n")

    try:
        path.unlink(missing_ok=True)  # left by a process that was killed; the lock says that it is gone
        server = _Listener(str(path), Handler)
        path.chmod(0o660)
    except OSError as error:
        raise ConfigError(f"cannot listen at {path} ({error}); set a shorter path or another owner for it") from error
    return server


def _encoded(answer: object) -> bytes:
    """Return what a command answered as JSON: frozen dataclasses become objects."""
    return json.dumps(answer, default=_as_json).encode()


def _as_json(value: Any) -> Any:
    return value.as_json() if isinstance(value, LiveStatus) else asdict(value)


def _answer(line: bytes, offered: Commands) -> dict[str, Any]:
    try:
        asked = json.loads(line)
        command, arguments = offered[asked["command"]], dict(asked.get("arguments", {}))
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"error": "unknown command; restart the service after an update"}
    try:
        return {"result": command(**arguments)}
    except (WatcherError, StorageError) as error:
        return {"error": str(error)}
    except Exception as error:  # the client must hear of it, and the service goes on
        import structlog  # here, since a process that only asks logs nothing

        log = structlog.get_logger()
        log.exception("command failed", command=asked["command"])
        return {"error": f"{type(error).__name__}: {error}; see the log"}


def ask(settings: Settings, command: str, answer_seconds: float = ANSWER_SECONDS, /, **arguments: Any) -> Any:
    """Ask the running service; return the result. Waits ``answer_seconds`` for it.

    Raises ConnectionRefusedError when no service runs, ConfigError when it refuses or does not answer.
    """
    path = runtime_directory(settings) / SOCKET
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(answer_seconds)
        try:
            line.connect(str(path))
        except FileNotFoundError as error:
            raise ConnectionRefusedError from error
        except PermissionError as error:
            raise ConfigError(f"{path}: permission denied: use sudo, or join the group of the service") from error
        try:
            line.sendall(json.dumps({"command": command, "arguments": arguments}).encode() + b"\n")
            received = line.makefile("rb").readline()
        except TimeoutError as error:
            raise ConfigError(f"{path}: no answer within {answer_seconds:.0f} s: see the log") from error
        except ConnectionError:
            # the command may have been carried out: it must not be taken for one that nobody has received
            received = b""
    answer = json.loads(received or b'{"error": "the service ended without an answer"}')
    if "error" in answer:
        raise ConfigError(answer["error"])
    return answer["result"]


def do(settings: Settings, command: str, **arguments: Any) -> Any:
    """Run a command in the running service, or here under the same lock where none runs.

    Returns its result as it comes out of JSON, wherever it ran.
    """
    try:
        return ask(settings, command, **arguments)
    except ConnectionRefusedError:
        from watcher.daemon import commands  # the whole service behind them; not loaded where one is running

        return json.loads(_encoded(commands.alone(settings, command, **arguments)))

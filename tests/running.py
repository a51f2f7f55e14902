"""The real service as a process of its own, with a feed, a systemd that listens, and files of its own; all loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from watcher import settings, state
from watcher.daemon import control
from watcher.reports import status
from watcher.settings import Settings

CLAIM = """\
watch: 1
id: officers-to-ice
claim: {claimReviewed: Police officers quit to join ICE, rating: No evidence}
rules:
  transfer: {when: officer* and ICE}
"""

ITEM = "<item><guid>{0}</guid><link>https://news.example/{0}</link><title>{1}</title></item>"


def feed(*titles: str) -> bytes:
    """A feed of these items; their keys are their titles."""
    items = "".join(ITEM.format(title.replace(" ", "-"), title) for title in titles)
    return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()


class Newspaper:
    """Serves a feed, and can keep whoever asks waiting."""

    def __init__(self) -> None:
        self.page = feed("Council meets")
        self.visits = 0
        self.open = threading.Event()
        self.open.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/feed"

    def close(self) -> None:
        self.open.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(newspaper) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # `self` is the handler's, below
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the name http.server calls
                newspaper.visits += 1
                newspaper.open.wait(60)
                self.send_response(200)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(newspaper.page)))
                self.end_headers()
                self.wfile.write(newspaper.page)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class Systemd:
    """The end that listens to what a service says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.05)
        self.heard: list[dict[str, str]] = []
        self.watched: subprocess.Popen[str] | None = None

    def listen(self, seconds: float = 0.0) -> list[dict[str, str]]:
        """Everything heard so far, and what is said within these seconds."""
        until = time.monotonic() + seconds
        while True:
            try:
                lines = self._socket.recv(4096).decode().split("\n")
                self.heard.append(dict(line.split("=", 1) for line in lines))
            except TimeoutError:
                if time.monotonic() >= until:
                    return self.heard

    def wait_for(self, word: str, seconds: float = 20, *, since: int = 0) -> dict[str, str]:
        """What was said with the first such word after the first ``since`` things heard."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for message in self.listen()[since:]:
                if word in message:
                    return message
        raise AssertionError(f"nothing was said of {word}; heard {self.heard}; {self._abort()}")

    def _abort(self) -> str:
        """What systemd does to a silent service, which then says what each of its threads was doing."""
        if self.watched is None:
            return "nothing was started"
        self.watched.send_signal(signal.SIGABRT)
        return self.watched.communicate()[1]

    def order(self) -> list[str]:
        """The words in the order in which they came, each repetition once."""
        words = [next(iter(message)) for message in self.listen()]
        return [word for place, word in enumerate(words) if place == 0 or words[place - 1] != word]

    def close(self) -> None:
        self._socket.close()


@dataclass
class Service:
    """A folder with everything the service needs, and the service when it was started."""

    folder: Path
    """Short: the paths of sockets are limited to 107 bytes."""
    newspaper: Newspaper
    systemd: Systemd
    process: subprocess.Popen[str] = field(init=False)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def write(self, *, every: str = "1s", channels: str = "", claim: str = CLAIM, url: str = "") -> Self:
        """Write settings and rule files."""
        (self.folder / "rules/claims").mkdir(parents=True, exist_ok=True)
        (self.folder / "watcher.toml").write_text(
            'state = "state"\n'
            '[fetch]\nallow_private = ["127.0.0.1"]\ndeadline = 20\n'
            f'[deliver]\nallow_private = ["127.0.0.1"]\n{channels}'
        )
        source = f"{{id: paper, kind: feed, url: '{url or self.newspaper.url}', every: {every}, text_from: feed}}"
        (self.folder / "rules/sources.yaml").write_text(f"watch: 1\nsources:\n  - {source}\n")
        self.write_claim(claim)
        return self

    def write_claim(self, text: str) -> None:
        (self.folder / "rules/claims/ice.yaml").write_text(text)

    def start(self, *arguments: str, before: str = "", watchdog: float = 0, **environment: str) -> Self:
        """Start it; ``before`` is code that is run in its process before its own."""
        code = f"{before}\nfrom watcher.cli import main\nmain()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *(arguments or ("run",))],
            env=self.environment(watchdog) | environment,
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.systemd.watched = self.process
        return self

    def environment(self, watchdog: float = 0) -> dict[str, str]:
        named = {
            "NOTIFY_SOCKET": str(self.systemd.path),
            "RUNTIME_DIRECTORY": str(self.folder),
            "WATCHER_CONFIG": str(self.folder / "watcher.toml"),
            "PYTHONWARNINGS": "default",
        }
        wanted = {"WATCHDOG_USEC": str(int(watchdog * 1e6))} if watchdog else {}
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "PYTHONPATH", "HOME"}}
        return kept | named | wanted

    def ready(self) -> Self:
        self.wait(lambda: any("READY" in message for message in self.systemd.listen()), "it is ready", alive=True)
        return self

    def wait(self, true: Callable[[], Any], what: str, *, seconds: float = 20, alive: bool = False) -> None:
        until = time.monotonic() + seconds
        while not true():
            if alive and self.process.poll() is not None:
                raise AssertionError(f"it ended before {what}: {self.process.communicate()}")
            if time.monotonic() > until:
                raise AssertionError(f"after {seconds} s it is still not so that {what}")
            time.sleep(0.02)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, seconds: float = 20) -> Ended:
        """Wait until it has ended by itself."""
        began = time.monotonic()
        out, error = self.process.communicate(timeout=seconds)
        return Ended(self.process.returncode, out, error, time.monotonic() - began)

    def stop(self) -> Ended:
        self.signal(signal.SIGTERM)
        return self.end()

    def settings(self) -> Settings:
        return settings.load(self.folder / "watcher.toml")

    def ask(self, command: str, **arguments: Any) -> Any:
        """Ask the running service, as a command does."""
        return control.ask(self.settings(), command, **arguments)

    def command(self, *arguments: str) -> Ended:
        """Run a command beside it."""
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "watcher", *arguments],
            env=self.environment(),
            cwd=self.folder,
            text=True,
            capture_output=True,
            timeout=30,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    def alerts_file(self) -> str:
        """What the channels of a service without any configured have written; empty before the first message."""
        path = self.state / "alerts.atom"
        return path.read_text() if path.exists() else ""

    def deliveries(self) -> list[status.DeliveryReport]:
        """The outbox as a person sees it."""
        with closing(state.open_database(self.settings(), read_only=True)) as database, database.read() as connection:
            return status.delivery_list(connection, states=(), limit=100)

    def alerts(self) -> list[status.AlertReport]:
        """The alerts as a person sees them."""
        with closing(state.open_database(self.settings(), read_only=True)) as database, database.read() as connection:
            return status.alert_list(connection, limit=100)

    def close(self) -> None:
        if hasattr(self, "process"):
            if self.process.poll() is None:
                self.process.kill()
            self.process.communicate()


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    error: str
    seconds: float


@contextmanager
def service(folder: Path) -> Iterator[Service]:
    """A service that is cleaned up, whatever happens."""
    newspaper, systemd = Newspaper(), Systemd(folder / "notify")
    made = Service(folder, newspaper, systemd)
    try:
        yield made
    finally:
        newspaper.close()
        made.close()
        systemd.close()

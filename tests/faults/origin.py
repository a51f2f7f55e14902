"""Sites that are read: an HTTP server whose pages change on order, with validators, and with faults on demand.

Run as ``python -m faults.origin JOURNAL ADDRESSES``. It logs what it published (``published``, with the messages that
this calls for) and every visit (``asked``). Each page can be had at every one of so many addresses of 127.0.0.0/8,
since a polite visitor spaces its visits to one host.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from faults.journal import Journal
from faults.remote import take_orders

DROP = "drop"
"""A fault: the connection ends before the status line."""


@dataclass(frozen=True, slots=True)
class Page:
    """One version of what a site shows."""

    body: bytes
    content_type: str
    etag: str


class Origin:
    """The pages, and what is wrong with them at the moment."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._pages: dict[str, Page] = {}
        self._faults: dict[str, str] = {}

    def obey(self, order: str, **words: Any) -> str:
        """Publish, or change how a page answers."""
        orders: dict[str, Callable[..., str]] = {"publish": self._publish, "break": self._break, "mend": self._mend}
        return orders[order](**words)

    def visit(self, name: str, etag: str | None) -> tuple[int, Page | None]:
        """The status and the page of an answer; status 0 is none at all."""
        with self._lock:
            page, fault = self._pages.get(name), self._faults.get(name)
        if fault:
            status = 0 if fault == DROP else int(fault)
        elif page is None:
            status = HTTPStatus.NOT_FOUND
        else:
            status = HTTPStatus.NOT_MODIFIED if etag == page.etag else HTTPStatus.OK
        shown = page.etag if page and status == HTTPStatus.OK else None
        self._journal.write(event="asked", page=name, echoed=etag, status=int(status), shown=shown)
        return status, page

    def _publish(
        self,
        page: str,
        body: str = "",
        file: str = "",
        content_type: str = "application/rss+xml",
        calls_for: Sequence[Sequence[str]] = (),
    ) -> str:
        """Show something from now on; gives its validator."""
        content = Path(file).read_bytes() + body.encode() if file else body.encode()
        new = Page(content, content_type, f'"{sha256(content).hexdigest()[:16]}"')
        # first the log, then the page: what a visitor has seen was published
        self._journal.write(event="published", page=page, etag=new.etag, calls_for=calls_for)
        with self._lock:
            self._pages[page] = new
        return new.etag

    def _break(self, page: str, fault: str, calls_for: Sequence[Sequence[str]] = ()) -> str:
        """Answer with this status, or not at all."""
        self._journal.write(event="broken", page=page, fault=fault, calls_for=calls_for)
        with self._lock:
            self._faults[page] = fault
        return fault

    def _mend(self, page: str, calls_for: Sequence[Sequence[str]] = ()) -> str:
        self._journal.write(event="mended", page=page, calls_for=calls_for)
        with self._lock:
            del self._faults[page]
        return page


class _Visit(BaseHTTPRequestHandler):
    origin: Origin

    def do_GET(self) -> None:  # the name http.server calls
        status, page = self.origin.visit(self.path.strip("/"), self.headers["If-None-Match"])
        if not status:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        body = page.body if page and status == HTTPStatus.OK else b""
        if page and status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            self.send_header("ETag", page.etag)
            self.send_header("Content-Type", page.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # the name http.server uses
        """The journal says it all."""


class Server(ThreadingHTTPServer):
    """A server whose visitors may leave in the middle of a sentence."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Killing the visitor is the point of the exercise."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def listen(handler: type[BaseHTTPRequestHandler], addresses: int = 1) -> int:
    """Serve at so many addresses of 127.0.0.0/8, at one port of them all; gives the port."""
    port = 0
    for number in range(addresses):
        server = Server((address(number), port), handler)
        port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return port


def address(number: int) -> str:
    """The n-th address that sites have."""
    return f"127.0.{1 + number // 200}.{1 + number % 200}"


def main() -> None:
    """Serve until the orders end."""
    path, addresses = sys.argv[1:]
    origin = Origin(Journal(Path(path)))
    port = listen(type("Visit", (_Visit,), {"origin": origin}), int(addresses))
    take_orders({"port": port}, origin.obey)


if __name__ == "__main__":
    main()

"""What lives beside the service in the container: a feed, and a receiver that believes only what is signed."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook

FOLDER, SECRET = Path(sys.argv[1]), sys.argv[2]


class Newsroom(BaseHTTPRequestHandler):
    """GET gives the feed, POST takes an alert."""

    def do_GET(self) -> None:
        page = (FOLDER / "feed.xml").read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        Webhook(SECRET).verify(body, dict(self.headers))
        with (FOLDER / "received").open("a") as received:
            received.write(f"{body}\n")
        self.send_response(204)
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 8000), Newsroom).serve_forever()

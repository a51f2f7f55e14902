"""A receiver of webhooks that remembers: ``python -m faults.hook_sink JOURNAL NAME SECRET``."""

from __future__ import annotations

import json
import socket
import sys
import time
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from faults import signs
from faults.journal import Journal
from faults.origin import listen
from faults.refusals import DROP, STALL, Refusals
from faults.remote import take_orders
from standardwebhooks import Webhook, WebhookVerificationError


class _Post(BaseHTTPRequestHandler):
    journal: Journal
    refusals: Refusals
    name: str
    verifier: Webhook

    def do_POST(self) -> None:  # the name http.server calls
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            return  # the sender died in the middle: nothing was received
        answer = self._answer(body)
        self.journal.write(
            event="received",
            destination=self.name,
            key=self.headers["webhook-id"],
            sign=signs.of_webhook(json.loads(body)),
            content=sha256(body).hexdigest(),
            answer=answer,
            acknowledged=answer.startswith("2"),
        )
        time.sleep(self.refusals.pause)
        if answer == STALL:
            self.rfile.read(1)  # there is no more, until the sender has gone
        if answer in (DROP, STALL):
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(int(answer))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, body: bytes) -> str:
        try:
            self.verifier.verify(body, dict(self.headers))
        except WebhookVerificationError:
            return str(int(HTTPStatus.UNAUTHORIZED))
        refuse = self.refusals.next
        return refuse(self.name, without_answer=False) or refuse(self.name, without_answer=True) or "204"

    def log_message(self, format: str, *args: Any) -> None:  # the name http.server uses
        """The journal says it all."""


def main() -> None:
    """Receive until the orders end."""
    path, name, secret = sys.argv[1:]
    refusals = Refusals()
    parts = {"journal": Journal(Path(path)), "refusals": refusals, "name": name, "verifier": Webhook(secret)}
    port = listen(type("Post", (_Post,), parts))
    take_orders({"port": port}, refusals.obey)


if __name__ == "__main__":
    main()

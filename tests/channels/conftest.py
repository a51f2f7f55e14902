from __future__ import annotations

import contextlib
import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from watcher.channels import ChannelTools
from watcher.messages import (
    AlertView,
    ClaimView,
    HitView,
    ItemView,
    alert,
)
from watcher.model import Envelope as Parcel
from watcher.model import EventKind, Priority, Rendered, Span
from watcher.web import Web

CREATED = datetime(2026, 1, 20, 14, 12, tzinfo=UTC)
PASSWORD = "hunter2-of-the-desk"


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """The real one: the verifier of webhooks allows five minutes and cannot be told another time."""
    return lambda: datetime.now(UTC)


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(ca: trustme.CA) -> ssl.SSLContext:
    """For a server on 127.0.0.1."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusting(ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the test's own authority one of the system's."""
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.fixture
def tools(clock: Callable[[], datetime]) -> Iterator[ChannelTools]:
    web = Web(user_agent="watcher-tests", clock=clock, allow_private=["127.0.0.1"])
    yield ChannelTools(web=web, clock=clock, stream=io.StringIO())
    web.close()


def rendered(title: str = "Two officers resigned, joined ICE") -> Rendered:
    return alert(
        AlertView(
            alert_id="17",
            at=CREATED,
            claim=ClaimView(id="mpd-ice", claim_reviewed="Police officers quit to join ICE", rating="No evidence"),
            priority=Priority.URGENT,
            event=EventKind.NEW,
            item=ItemView(
                title=title,
                link="https://news.example/1",
                source_id="star-tribune",
                first_seen=CREATED,
                parts={"title": title},
            ),
            hits=(HitView(rule_id="documented-transfer", spans=(Span("title", 4, 12),)),),
        )
    )


@pytest.fixture
def parcel() -> Callable[..., Parcel]:
    """An envelope with an alert, and what is given instead."""

    def make(**fields: Any) -> Parcel:
        usual: dict[str, Any] = {
            "key": "msg_0123456789abcdef",
            "destination": "desk@example.org",
            "created_at": CREATED,
            "message": rendered(),
            "thread": "alert-17",
        }
        return Parcel(**(usual | fields))

    return make


@dataclass
class Mailbox:
    """A handler of aiosmtpd that keeps what arrives and refuses what it is told to."""

    mails: list[Envelope] = field(default_factory=list)
    recipients: dict[str, str] = field(default_factory=dict)
    """Replies for recipients that are not welcome."""
    sender: str = ""
    data: str = ""
    logins: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802  # the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if not self.sender:
            envelope.mail_from = address
        return self.sender or "250 OK"

    async def handle_RCPT(  # noqa: N802  # the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.data:
            return self.data
        self.mails.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def authenticator(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        self.logins.append(data.password)
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@pytest.fixture
def mailbox() -> type[Mailbox]:
    """Makes handlers for ``mail_server``."""
    return Mailbox


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail_server() -> Iterator[Callable[..., int]]:
    """Starts a real SMTP server on loopback with a handler and options of aiosmtpd; gives its port."""
    with contextlib.ExitStack() as stack:

        def start(handler: Mailbox, **options: Any) -> int:
            controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **options)
            controller.start()
            stack.callback(controller.stop)
            return int(controller.port)

        yield start


@pytest.fixture
def raw_server() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Starts a server that does to each connection what it is told, and nothing else; gives its port."""
    listeners: list[socket.socket] = []

    def start(behave: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=attend, args=[connection], daemon=True).start()

        def attend(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                behave(connection)

        threading.Thread(target=serve, daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()

"""One SMTP conversation with a deadline, and what its replies mean for a delivery.

``smtplib`` applies its timeout to each read, so a server that sends a byte a second never lets it end, and
``send_message`` may return, instead of raising, although it was refused. Here every read and write shares one deadline,
the replies of a conversation are limited, and each reply is checked (RFC 5321, sections 4.2 and 4.5.3.2).
"""

from __future__ import annotations

import contextlib
import io
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

from watcher.model import DeliveryError, Reason
from watcher.text.lines import one_line

FAILURES = (OSError, ValueError)
"""What ``smtplib`` raises: its own errors are OSErrors, and ValueError is for a server's broken base64."""

_CHUNK_BYTES = 16_384
"""Bytes sent at a time, so that the deadline is checked between two pieces of a long message."""
_MAX_REPLY_BYTES = 65_536
"""Bytes of all replies together; a normal conversation has a few hundred."""

_QUIT_SECONDS = 5
"""Seconds for QUIT: the message has been accepted by then, so a slow goodbye must not hold the thread."""

_MESSAGE = "message"
"""The step after which the server may have accepted the message."""

_AUTHENTICATION = frozenset({530, 534, 535, 538})
"""RFC 4954: the account is wrong or missing; the recipient may be right."""


class Session(smtplib.SMTP):
    """A conversation with a deadline; connects when it is created."""

    def __init__(self, host: str, port: int, *, hello_as: str, patience: float, tls: ssl.SSLContext | None) -> None:
        self.set_deadline(patience)
        self._tls = tls
        super().__init__(host, port, local_hostname=hello_as, timeout=patience)

    def set_deadline(self, seconds: float) -> None:
        """Set the deadline of everything from now on."""
        self._ends = time.monotonic() + seconds

    def send(self, s: Any) -> None:
        """As ``smtplib``, within the deadline."""
        data = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        for start in range(0, len(data), _CHUNK_BYTES):
            if self.sock is not None:
                self._apply_deadline(self.sock)
            super().send(data[start : start + _CHUNK_BYTES])

    def getreply(self) -> tuple[int, bytes]:
        """As ``smtplib``, within the deadline and with bounded replies."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Replies(self.sock, self._apply_deadline))
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """The hook by which ``smtplib.SMTP_SSL`` differs from ``SMTP``. One address may use all of the time."""
        sock = socket.create_connection((host, port), timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock if self._tls is None else self._tls.wrap_socket(sock, server_hostname=host)

    def _apply_deadline(self, sock: socket.socket) -> None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the conversation took too long")
        sock.settimeout(left)


class _Replies(io.RawIOBase):
    """The server's replies, read within the remaining time."""

    def __init__(self, sock: socket.socket, apply_deadline: Callable[[socket.socket], None]) -> None:
        self._sock = sock
        self._apply_deadline = apply_deadline
        self._left = _MAX_REPLY_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._apply_deadline(self._sock)
        count = self._sock.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise OSError("the replies of the server are too long")
        return count


def start_tls(session: Session, context: ssl.SSLContext) -> None:
    """Start encryption with a verified certificate, or raise DeliveryError."""
    try:
        session.starttls(context=context)
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryError(Reason.TLS, "the server offers no STARTTLS, so nothing was sent") from error
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(Reason.TLS, f"the server refused STARTTLS with {error.smtp_code}") from error


def authenticate(session: Session, username: str, password: str) -> None:
    """Log in. Raises DeliveryError; without the server's words, which may repeat what was sent."""
    try:
        session.login(username, password)
    except smtplib.SMTPAuthenticationError as error:
        code = f"{error.smtp_code} {_enhanced(error.smtp_error)}".strip()
        raise DeliveryError(Reason.AUTHENTICATION, f"the server refused the user name or password: {code}") from None
    except smtplib.SMTPServerDisconnected:
        raise
    except (smtplib.SMTPException, ValueError):
        raise DeliveryError(Reason.AUTHENTICATION, "the server offers no login method that works") from None


def submit(session: Session, sender: str, recipient: str, content: bytes, *, patience: float) -> None:
    """Send one message to one recipient; ``patience`` is for the server's answer to the whole message.

    Raises DeliveryError: permanent where the server refused this recipient or this message for good,
    unacknowledged where all of it was sent and no answer came.
    """
    _expect(2, "sender", session.mail(sender))
    _expect(2, "recipient", session.rcpt(recipient), final=True)
    _expect(3, "data", session.docmd("DATA"), final=True)
    session.set_deadline(patience)
    session.send(re.sub(rb"(?m)^\.", b"..", content))
    try:
        session.send(b".\r\n")
        reply = session.getreply()
    except FAILURES as error:
        detail = f"the message was sent, but no answer came: {_words(error)}"
        raise DeliveryError(reason_of(error), detail, unacknowledged=True) from error
    _expect(2, _MESSAGE, reply, final=True)


def quit_politely(session: Session) -> None:
    """Send QUIT and ignore every failure: the server has accepted the message already."""
    with contextlib.suppress(*FAILURES):
        session.set_deadline(_QUIT_SECONDS)
        session.quit()


def delivery_error(error: Exception) -> DeliveryError:
    """Return the DeliveryError for a failure of ``smtplib`` before the message was handed over."""
    match error:
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return _refusal("greeting", error.smtp_code, error.smtp_error, final=False)
        case _:
            return DeliveryError(reason_of(error), _words(error))


def reason_of(error: BaseException) -> Reason:
    """Return the reason behind a failure; ``smtplib`` hides the cause of a lost connection in the context."""
    if isinstance(error, smtplib.SMTPServerDisconnected) and error.__context__ is not None:
        return reason_of(error.__context__)
    match error:
        case ssl.SSLError():
            return Reason.TLS
        case socket.gaierror():
            return Reason.ADDRESS_UNKNOWN
        case TimeoutError():
            return Reason.TIMEOUT
        case _:
            return Reason.CONNECTION


def _expect(kind: int, step: str, reply: tuple[int, bytes], *, final: bool = False) -> None:
    code, words = reply
    if code // 100 != kind:
        raise _refusal(step, code, words, final=final)


def _refusal(step: str, code: int, words: bytes | str, *, final: bool) -> DeliveryError:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    detail = f"{step} refused with {code}: {one_line(said, 200)}"
    if code in _AUTHENTICATION:
        return DeliveryError(Reason.AUTHENTICATION, detail)
    if not 400 <= code < 600:
        invalid = f"the answer of the server to the {step} is not valid SMTP"
        return DeliveryError(Reason.CONNECTION, invalid, unacknowledged=step == _MESSAGE)
    return DeliveryError(Reason.REFUSED, detail, permanent=final and code >= 500)


def _enhanced(words: bytes | str) -> str:
    """The enhanced status code (RFC 3463) at the start of a reply: ``5.7.8``."""
    said = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    found = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", said)
    return found.group() if found else ""


def _words(error: Exception) -> str:
    return one_line(str(error), 200) or type(error).__name__

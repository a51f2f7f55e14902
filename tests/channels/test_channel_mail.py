from __future__ import annotations

import base64
import contextlib
import email
import email.policy
import itertools
import re
import socket
import ssl
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.channels import ChannelTools, build, smtp
from watcher.channels.mail import MailOptions, letter
from watcher.model import ConfigError, DeliveryError, Envelope, MessageKind, Reason, Rendered

PASSWORD = "hunter2-of-the-desk"

Parcel = Callable[..., Envelope]
Make = Callable[..., Any]


@pytest.fixture
def mail(tools: ChannelTools) -> Make:
    """A mail channel to a server on loopback."""

    def make(port: int, **options: Any) -> Any:
        usual = {"host": "127.0.0.1", "port": port, "sender": "watcher@example.org", "to": ["desk@example.org"]}
        return build("desk-mail", "mail", {"patience": 20, "final_patience": 20} | usual | options, tools)

    return make


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def refused(channel: Any, envelope: Envelope) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(envelope)
    return caught.value


# ------------------------------------------------------------------------------------------------ what arrives


def test_a_mail_has_both_parts_and_the_headers_of_an_automatic_message(
    mail: Make, mail_server: Make, mailbox: Make, parcel: Parcel
) -> None:
    box = mailbox()
    mail(mail_server(box)).send(parcel())
    (received,) = box.mails
    assert received.mail_from == "watcher@example.org"
    assert received.rcpt_tos == ["desk@example.org"]
    message = parsed(received.content)
    assert message["From"] == "watcher <watcher@example.org>"
    assert message["To"] == "desk@example.org"
    assert message["Subject"].strip().startswith("[urgent] Police officers quit to join ICE")
    assert message["Date"].datetime == datetime(2026, 1, 20, 14, 12, tzinfo=UTC)
    assert message["Message-ID"] == "<msg_0123456789abcdef@example.org>"
    assert message["References"] == message["In-Reply-To"] == "<thread-alert-17@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "<watcher.example.org>"
    assert message["X-Watcher-Alert"] == "17"
    text, page = message.get_body(["plain"]), message.get_body(["html"])
    assert text is not None
    assert page is not None
    assert "title: Two **officers** resigned" in text.get_content()
    assert "<mark>officers</mark>" in page.get_content()


@pytest.mark.scenario("D6")
def test_a_repeat_is_the_same_mail_to_the_byte(mail: Make, mail_server: Make, mailbox: Make, parcel: Parcel) -> None:
    box = mailbox()
    channel = mail(mail_server(box))
    channel.send(parcel(attempt=1))
    channel.send(parcel(attempt=2))
    first, second = box.mails
    assert first.content == second.content


@pytest.mark.scenario("D12")
def test_a_message_about_no_alert_has_no_thread_and_no_alert_header(parcel: Parcel) -> None:
    health = Rendered(kind=MessageKind.HEALTH, subject="s", text="t", html="<p>t", data={"type": "health", "data": {}})
    options = MailOptions(host="127.0.0.1", sender="watcher@example.org", to=("desk@example.org",))
    message = parsed(letter(parcel(message=health, thread=""), options))
    assert message["References"] is None
    assert message["In-Reply-To"] is None
    assert message["X-Watcher-Alert"] is None


@pytest.mark.scenario("D12")
def test_lines_that_begin_with_a_dot_arrive_as_they_are(
    mail: Make, mail_server: Make, mailbox: Make, parcel: Parcel
) -> None:
    box = mailbox()
    text = "one\n.\n..two\n.three\nend\n"
    mail(mail_server(box)).send(parcel(message=replace(parcel().message, text=text)))
    body = parsed(box.mails[0].content).get_body(["plain"])
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == text


@pytest.mark.scenario("D12")
def test_ids_are_never_encoded_however_long_the_domain(parcel: Parcel) -> None:
    domain = ".".join(["a" * 60] * 3) + ".org"
    options = MailOptions(host="127.0.0.1", sender=f"watcher@{domain}", to=("desk@example.org",))
    lines = letter(parcel(), options).decode().split("\r\n")
    assert f"Message-ID: <msg_0123456789abcdef@{domain}>" in lines
    assert f"In-Reply-To: <thread-alert-17@{domain}>" in lines
    assert f"References: <thread-alert-17@{domain}>" in lines
    assert f"List-Id: <watcher.{domain}>" in lines


TITLES = [
    "=?utf-8?q?x=0ABcc=3A_evil=40x.y?=",
    "=?utf-8?q?x=0D=0A=0D=0A<script>alert(1)</script>?=",
    "=?utf-8?b?eA0KQmNjOiBldmlsQHgueQ==?=",
    "= ?=?utf-8?q?=0ABcc:?= =?utf-8?q?_x?=",
    "=\x00?utf-8?q?x=0ABcc=3A_e?=",
    "a\r\nBcc: evil@x.y\r\n\r\nbody",
    "a\nBcc: evil@x.y",
    "nul \x00 bell \x07 escape \x1b[31m",
    "lone \ud800 surrogate \udcff",
    "bidi \u202eevil\u202c \u2066x\u2069",
    "line \u2028 paragraph \u2029 \x85 \x0b \x0c",
    "x" * 1_000_000,
    "emoji 😀👩‍👩‍👧 and العربية",
    ", <evil@x.y>, desk: ;",
]
HEADERS = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "references",
    "in-reply-to",
    "auto-submitted",
    "list-id",
    "x-watcher-alert",
    "mime-version",
    "content-type",
]


def hostile(title: str) -> Rendered:
    data = {"type": "alert.created", "data": {"alert": {"id": title}}}
    return Rendered(kind=MessageKind.ALERT, subject=title, text=f"Item: {title}\nend\n", html="<p>end", data=data)


@pytest.mark.scenario("D12")
@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
def test_no_title_adds_a_header_or_ends_them(
    title: str, mail: Make, mail_server: Make, mailbox: Make, parcel: Parcel
) -> None:
    box = mailbox()
    envelope = parcel(message=hostile(title), thread=title[:100])
    mail(mail_server(box), sender_name=title[:200].encode("utf-8", "replace").decode()).send(envelope)
    (received,) = box.mails
    assert received.rcpt_tos == ["desk@example.org"]
    message = parsed(received.content)
    assert sorted(name.lower() for name in message) == sorted(HEADERS)
    assert message["From"].addresses[0].addr_spec == "watcher@example.org"
    assert message["To"] == "desk@example.org"
    assert len(message["Subject"]) <= 210
    body = message.get_body(["plain"])
    assert body is not None
    assert body.get_content().rstrip().endswith("end")
    assert max(map(len, received.content.splitlines())) <= 998


fragments = st.sampled_from(
    [
        *TITLES[:7],
        "=?",
        "?=",
        "utf-8",
        "?q?",
        "=0A",
        "\r\n",
        " ",
        ":",
        "<",
        ">",
        "@",
        ",",
        '"',
        "\\",
        "é",
        "😀",
        "a" * 40,
        "=",
    ]
)


@pytest.mark.scenario("D12")
@settings(deadline=None, derandomize=True)
@given(title=st.text(max_size=300) | st.lists(fragments, max_size=25).map("".join))
def test_the_headers_are_the_intended_ones_for_any_text(title: str) -> None:
    options = MailOptions(host="127.0.0.1", sender="watcher@example.org", to=("desk@example.org",))
    envelope = Envelope(
        key="k",
        destination="desk@example.org",
        created_at=datetime(2026, 1, 20, tzinfo=UTC),
        message=hostile(title),
        thread="t",
    )
    content = letter(envelope, options)
    head, _, _ = content.partition(b"\r\n\r\n")
    names = [line.split(b":")[0].decode().lower() for line in head.split(b"\r\n") if not line[:1].isspace()]
    assert sorted(names) == sorted(HEADERS)
    assert content.isascii()


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.scenario("D7")
def test_of_three_recipients_each_has_its_own_outcome(
    mail: Make, mail_server: Make, mailbox: Make, parcel: Parcel
) -> None:
    box = mailbox(recipients={"gone@example.org": "550 5.1.1 no such user", "grey@example.org": "451 4.7.1 later"})
    everyone = ["good@example.org", "gone@example.org", "grey@example.org", "good@example.org"]
    channel = mail(mail_server(box), to=everyone)
    assert channel.destinations() == ("good@example.org", "gone@example.org", "grey@example.org")
    channel.send(parcel(destination="good@example.org"))
    gone = refused(channel, parcel(destination="gone@example.org"))
    assert (gone.reason, gone.permanent, gone.unacknowledged) == (Reason.REFUSED, True, False)
    assert gone.detail == "recipient refused with 550: 5.1.1 no such user"
    grey = refused(channel, parcel(destination="grey@example.org"))
    assert (grey.reason, grey.permanent, grey.unacknowledged) == (Reason.REFUSED, False, False)
    del box.recipients["grey@example.org"]
    channel.send(parcel(destination="grey@example.org"))
    assert [mail.rcpt_tos for mail in box.mails] == [["good@example.org"], ["grey@example.org"]]


@pytest.mark.scenario("D8")
@pytest.mark.parametrize(
    ("refusal", "reason", "permanent"),
    [
        ({"data": "554 5.7.1 looks like spam"}, Reason.REFUSED, True),
        ({"data": "452 4.3.1 disk full"}, Reason.REFUSED, False),
        ({"data": "421 4.3.2 shutting down"}, Reason.REFUSED, False),
        ({"sender": "550 5.7.1 sender not allowed"}, Reason.REFUSED, False),
        ({"sender": "530 5.7.0 authentication required"}, Reason.AUTHENTICATION, False),
        ({"recipients": {"desk@example.org": "530 5.7.0 authentication required"}}, Reason.AUTHENTICATION, False),
    ],
)
def test_what_a_refusal_means(
    refusal: dict[str, Any],
    reason: Reason,
    permanent: bool,
    mail: Make,
    mail_server: Make,
    mailbox: Make,
    parcel: Parcel,
) -> None:
    error = refused(mail(mail_server(mailbox(**refusal))), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (reason, permanent, False)


def test_the_words_of_a_server_are_shown_on_one_safe_line(mail: Make, raw_server: Make, parcel: Parcel) -> None:
    error = refused(mail(raw_server(Script(MAIL=b"451-\x1b[31mred\r\n451 " + b"x" * 900 + b"\r\n"))), parcel())
    assert "\x1b" not in error.detail
    assert "\n" not in error.detail
    assert len(error.detail) < 300


# ------------------------------------------------------------------------------------------------ raw servers

Answer = bytes | Callable[[socket.socket], None] | None


class Script:
    """A server that accepts everything, but for what is given: a reply, None to hang up, or what to do.

    ``GREETING`` is said first, ``CONTENT`` after the final dot, all else by the first four letters of a command.
    """

    def __init__(self, **answers: Answer) -> None:
        usual: dict[str, Answer] = {"GREETING": b"220 x\r\n", "DATA": b"354 go\r\n", "CONTENT": b"250 ok\r\n"}
        self._answers = usual | answers
        self.heard = b""

    def __call__(self, connection: socket.socket) -> None:
        with contextlib.suppress(EOFError):
            self._answer(connection, "GREETING")
            lines = connection.makefile("rb")
            for line in lines:
                self.heard += line
                verb = line[:4].strip().decode("ascii", "replace").upper()
                self._answer(connection, verb)
                if verb == "DATA":
                    self.heard += b"".join(itertools.takewhile(b".\r\n".__ne__, lines))
                    self._answer(connection, "CONTENT")

    def _answer(self, connection: socket.socket, step: str) -> None:
        reply = self._answers.get(step, b"250 ok\r\n")
        if reply is None:
            raise EOFError
        if callable(reply):
            reply(connection)
        else:
            connection.sendall(reply)


def drip(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"250-still here\r\n")
        time.sleep(0.05)


def flood(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"250-" + b"x" * 500 + b"\r\n")


def silence(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.settimeout(10)
        while connection.recv(1024):
            pass


@pytest.mark.scenario("D6", "D8")
@pytest.mark.parametrize(
    ("answers", "reason", "unacknowledged"),
    [
        ({"CONTENT": None}, Reason.CONNECTION, True),
        ({"CONTENT": b"nonsense\r\n"}, Reason.CONNECTION, True),
        ({"CONTENT": b"250 " + b"x" * 9000 + b"\r\n"}, Reason.CONNECTION, True),
        ({"DATA": None}, Reason.CONNECTION, False),
        ({"DATA": b"250 what?\r\n"}, Reason.CONNECTION, False),
        ({"MAIL": None}, Reason.CONNECTION, False),
        ({"GREETING": None}, Reason.CONNECTION, False),
        ({"GREETING": b"421 too busy\r\n"}, Reason.REFUSED, False),
        ({"GREETING": b"554 no service\r\n"}, Reason.REFUSED, False),
        ({"GREETING": b"HTTP/1.1 400 Bad Request\r\n"}, Reason.CONNECTION, False),
        ({"EHLO": b"502 no\r\n", "HELO": b"550 no\r\n"}, Reason.REFUSED, False),
        ({"MAIL": b"250 " + b"x" * 9000 + b"\r\n"}, Reason.CONNECTION, False),
    ],
)
def test_what_a_broken_conversation_means(
    answers: dict[str, Answer], reason: Reason, unacknowledged: bool, mail: Make, raw_server: Make, parcel: Parcel
) -> None:
    error = refused(mail(raw_server(Script(**answers))), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (reason, False, unacknowledged)


@pytest.mark.scenario("Z10")
@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("habit", [drip, silence])
def test_a_server_that_drips_or_is_silent_is_left_at_the_deadline(
    step: str, habit: Callable[[socket.socket], None], mail: Make, raw_server: Make, parcel: Parcel
) -> None:
    channel = mail(raw_server(Script(**{step: habit})), patience=0.3)
    started = time.monotonic()
    error = refused(channel, parcel())
    assert time.monotonic() - started < 10
    assert (error.reason, error.permanent, error.unacknowledged) == (Reason.TIMEOUT, False, False)


@pytest.mark.scenario("D6")
def test_the_answer_to_a_message_is_waited_for_ten_minutes_at_least(tools: ChannelTools) -> None:
    """RFC 5321, section 4.5.3.2.6: who waits less receives twice what the server was still storing."""
    options = MailOptions.model_validate({"host": "x.example", "sender": "a@b.example", "to": ["c@d.example"]})
    assert options.final_patience >= 600


@pytest.mark.scenario("D6")
@pytest.mark.parametrize("habit", [drip, silence])
def test_a_message_without_an_answer_may_have_arrived(
    habit: Callable[[socket.socket], None], mail: Make, raw_server: Make, parcel: Parcel
) -> None:
    error = refused(mail(raw_server(Script(CONTENT=habit)), final_patience=0.3), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (Reason.TIMEOUT, False, True)


@pytest.mark.scenario("D6")
def test_a_late_answer_to_the_message_is_waited_for_longer_than_others(
    mail: Make, raw_server: Make, parcel: Parcel
) -> None:
    def late(connection: socket.socket) -> None:
        time.sleep(0.6)
        connection.sendall(b"250 ok\r\n")

    mail(raw_server(Script(CONTENT=late)), patience=0.5, final_patience=5).send(parcel())


@pytest.mark.scenario("Z10")
def test_replies_without_end_are_not_collected(mail: Make, raw_server: Make, parcel: Parcel) -> None:
    started = time.monotonic()
    error = refused(mail(raw_server(Script(EHLO=flood))), parcel())
    assert error.reason is Reason.CONNECTION
    assert time.monotonic() - started < 10


@pytest.mark.scenario("D6")
@pytest.mark.parametrize("farewell", [None, b"500 no\r\n", b"\xff\xfe\r\n", b"221 " + b"x" * 9000 + b"\r\n"])
def test_a_rude_farewell_does_not_undo_what_was_accepted(
    farewell: Answer, mail: Make, raw_server: Make, parcel: Parcel
) -> None:
    mail(raw_server(Script(QUIT=farewell))).send(parcel())


@pytest.mark.scenario("Z10")
def test_a_server_that_reads_nothing_is_left_at_the_deadline(mail: Make, raw_server: Make, parcel: Parcel) -> None:
    def stuck(connection: socket.socket) -> None:
        connection.sendall(b"354 go\r\n")
        time.sleep(3)

    big = replace(parcel().message, text="x" * 20_000_000)
    error = refused(mail(raw_server(Script(DATA=stuck)), final_patience=0.5), parcel(message=big))
    assert (error.reason, error.unacknowledged) == (Reason.TIMEOUT, False)


def test_an_unreachable_server_is_tried_again(mail: Make, parcel: Parcel) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = refused(mail(unused.getsockname()[1]), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (Reason.CONNECTION, False, False)


def test_an_unknown_host_is_tried_again(mail: Make, parcel: Parcel) -> None:
    error = refused(mail(25, host="mail.invalid", tls="none", patience=5), parcel())
    assert (error.reason, error.permanent) == (Reason.ADDRESS_UNKNOWN, False)


# ------------------------------------------------------------------------------------------------ TLS and login


def login(**options: Any) -> dict[str, Any]:
    return {"tls": "starttls", "username": "desk", "password": PASSWORD} | options


def guarded(box: Any, tls: ssl.SSLContext) -> dict[str, Any]:
    """Options of a server that wants STARTTLS and a login."""
    return {
        "tls_context": tls,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": box.authenticator,
    }


@pytest.mark.usefixtures("trusting")
def test_login_happens_after_starttls(
    mail: Make, mail_server: Make, mailbox: Make, server_tls: ssl.SSLContext, parcel: Parcel
) -> None:
    box = mailbox()
    mail(mail_server(box, **guarded(box, server_tls)), **login()).send(parcel())
    assert box.encrypted == [True]
    assert box.logins == [PASSWORD.encode()]


@pytest.mark.usefixtures("trusting")
def test_login_happens_within_tls_from_the_start(
    mail: Make, mail_server: Make, mailbox: Make, server_tls: ssl.SSLContext, parcel: Parcel
) -> None:
    box = mailbox()
    port = mail_server(box, ssl_context=server_tls, auth_require_tls=False, authenticator=box.authenticator)
    mail(port, **login(tls="tls")).send(parcel())
    assert box.logins == [PASSWORD.encode()]
    assert len(box.mails) == 1


@pytest.mark.scenario("D8")
@pytest.mark.usefixtures("trusting")
def test_a_wrong_password_is_no_fault_of_the_recipient(
    mail: Make, mail_server: Make, mailbox: Make, server_tls: ssl.SSLContext, parcel: Parcel
) -> None:
    box = mailbox()
    error = refused(mail(mail_server(box, **guarded(box, server_tls)), **login(password="other-secret")), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (Reason.AUTHENTICATION, False, False)
    assert error.detail == "the server refused the user name or password: 535 5.7.8"


def test_a_server_that_repeats_the_password_does_not_get_it_into_the_error(raw_server: Make) -> None:
    sent = base64.b64encode(b"\0desk\0" + PASSWORD.encode())
    answers = {"EHLO": b"250-x\r\n250 AUTH PLAIN\r\n", "AUTH": b"535 no " + sent + b"\r\n"}
    port = raw_server(Script(**answers))
    with contextlib.closing(smtp.Session("127.0.0.1", port, hello_as="x", patience=5, tls=None)) as session:
        session.ehlo_or_helo_if_needed()
        with pytest.raises(DeliveryError) as caught:
            smtp.authenticate(session, "desk", PASSWORD)
    shown = "".join(traceback.format_exception(caught.value))
    assert "refused the user name or password: 535" in shown
    assert sent.decode() not in shown


@pytest.mark.usefixtures("trusting")
def test_a_server_without_login_is_no_fault_of_the_recipient(
    mail: Make, mail_server: Make, mailbox: Make, server_tls: ssl.SSLContext, parcel: Parcel
) -> None:
    error = refused(
        mail(mail_server(mailbox(), tls_context=server_tls, auth_exclude_mechanism=["PLAIN", "LOGIN"]), **login()),
        parcel(),
    )
    assert error.reason is Reason.AUTHENTICATION


@pytest.mark.scenario("D8")
def test_without_starttls_nothing_is_said_to_a_server_that_should_have_it(
    mail: Make, raw_server: Make, parcel: Parcel
) -> None:
    tap = Script(EHLO=b"250-x\r\n250 AUTH PLAIN LOGIN\r\n")
    error = refused(mail(raw_server(tap), **login()), parcel())
    assert (error.reason, error.permanent) == (Reason.TLS, False)
    assert re.sub(rb"(?i)ehlo \S+|quit", b"", tap.heard).strip() == b""


@pytest.mark.scenario("D8")
@pytest.mark.parametrize("answer", [b"454 not now\r\n", b"501 no\r\n"])
def test_a_refused_starttls_ends_the_conversation(answer: bytes, mail: Make, raw_server: Make, parcel: Parcel) -> None:
    tap = Script(EHLO=b"250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n", STAR=answer)
    error = refused(mail(raw_server(tap), **login()), parcel())
    assert (error.reason, error.permanent) == (Reason.TLS, False)
    assert b"AUTH" not in tap.heard
    assert b"MAIL" not in tap.heard


def certificate(authority: trustme.CA, host: str, **options: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host, **options).configure_cert(context)
    return context


@pytest.mark.scenario("D8")
@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("mode", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["another name", "expired", "unknown authority"])
def test_a_certificate_that_is_not_the_servers_ends_the_conversation(
    fault: str, mode: str, ca: trustme.CA, mail: Make, mail_server: Make, mailbox: Make, parcel: Parcel
) -> None:
    context = {
        "another name": lambda: certificate(ca, "other.example"),
        "expired": lambda: certificate(ca, "127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC)),
        "unknown authority": lambda: certificate(trustme.CA(), "127.0.0.1"),
    }[fault]()
    box = mailbox()
    if mode == "starttls":
        port = mail_server(box, **guarded(box, context))
    else:
        listener = TlsServer(context)
        port = listener.port
    error = refused(mail(port, **login(tls=mode)), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (Reason.TLS, False, False)
    assert box.logins == []
    assert box.mails == []


class TlsServer:
    """Tries one TLS handshake; a server of aiosmtpd cannot start with a certificate its own check refuses."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._once, daemon=True).start()

    def _once(self) -> None:
        connection, _ = self._listener.accept()
        with contextlib.suppress(OSError), self._context.wrap_socket(connection, server_side=True) as secured:
            secured.sendall(b"220 x\r\n")
            secured.recv(1)
        connection.close()
        self._listener.close()


def test_a_handshake_that_never_ends_is_left_at_the_deadline(mail: Make, raw_server: Make, parcel: Parcel) -> None:
    started = time.monotonic()
    error = refused(mail(raw_server(silence), **login(tls="tls", patience=0.3)), parcel())
    assert error.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 10


# ------------------------------------------------------------------------------------------------ options


@pytest.mark.scenario("D8")
def test_a_server_on_this_machine_needs_no_tls_and_any_other_does() -> None:
    def security(**written: Any) -> str:
        return MailOptions.model_validate({"sender": "a@b.example", "to": ["c@d.example"]} | written).security

    assert security(host="localhost") == "none"
    assert security(host="127.0.0.1") == "none"
    assert security(host="::1") == "none"
    assert security(host="mail.example.org") == "starttls"
    assert security(host="10.0.0.1") == "starttls"
    assert security(host="localhost", username="u", password="p") == "starttls"
    assert security(host="mail.example.org", tls="none") == "none"


@pytest.mark.scenario("D8")
@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"tls": "none", "username": "u", "password": PASSWORD}, "a login needs tls"),
        ({"username": "u"}, "username and password belong together"),
        ({"password": PASSWORD}, "username and password belong together"),
        ({"username": "u", "password": PASSWORD + "é"}, "password: only ASCII characters can be sent to log in"),
        ({"sender": "Desk <desk@example.org>"}, "sender: not a mail address"),
        ({"to": []}, "to: this is empty: name at least one"),
        ({"to": ["good@example.org", "a@b\nBcc: x@y"]}, "to.1: not a mail address"),
        ({"to": ["a b@example.org"]}, "to.0: not a mail address"),
        ({"to": ["a@exämple.org"]}, "to.0: not a mail address"),
        ({"to": ["a@b.example" + "." * 300]}, "to.0: not a mail address"),
        ({"hello_as": "x\r\nMAIL"}, "hello_as: string should match"),
        ({"port": 0}, "port: input should be greater than 0"),
        ({"sendr": "x"}, "sendr: unknown key 'sendr'; did you mean sender?"),
    ],
)
def test_options_are_checked_when_they_are_read(written: dict[str, Any], words: str, tools: ChannelTools) -> None:
    usual = {"host": "mail.example.org", "sender": "watcher@example.org", "to": ["desk@example.org"]}
    with pytest.raises(ConfigError) as caught:
        build("desk-mail", "mail", usual | written, tools)
    assert str(caught.value).startswith("channels.desk-mail")
    assert words in str(caught.value)
    assert PASSWORD not in repr(caught.value)


@pytest.mark.scenario("D8", "D9")
def test_the_schedule_lasts_five_days_and_suits_greylisting(mail: Make) -> None:
    schedule = mail(25).schedule
    assert sum(schedule, timedelta(0)) >= timedelta(days=5)
    assert timedelta(minutes=15) <= sum(schedule[:2], timedelta(0)) <= timedelta(minutes=60)

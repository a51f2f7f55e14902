"""Mail: one delivery per recipient, over verified TLS, with headers that no title can forge."""

from __future__ import annotations

import re
import ssl
from contextlib import closing
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_address
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from watcher.channels import smtp
from watcher.channels.channel import RETRY_FOR_FIVE_DAYS, ChannelOptions, ChannelTools, Retry
from watcher.model import Envelope
from watcher.text.lines import one_line, plain

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}", re.ASCII)
"""As browsers check one (WHATWG HTML, "valid e-mail address"): without the quoted forms of RFC 5322."""

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _checked_address(text: str) -> str:
    if len(text) > 254 or not _ADDRESS.fullmatch(text):
        raise ValueError("not a mail address; write it as name@example.org, without a display name")
    return text


def _checked_ascii(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().isascii():
        raise ValueError("only ASCII characters can be sent to log in")
    return secret


MailAddress = Annotated[str, AfterValidator(_checked_address)]


class MailOptions(ChannelOptions):
    """A mail server, and the recipients of messages."""

    host: str = Field(min_length=1)
    port: int | None = Field(default=None, gt=0, lt=65536)
    """Default: 587 for starttls, 465 for tls, 25 for none."""
    tls: Literal["starttls", "tls", "none"] | None = None
    """Default: none for a server on this machine without a login, else starttls."""
    username: str = Field(default="", pattern=r"^[\x21-\x7e]*$")
    password: Annotated[SecretStr, AfterValidator(_checked_ascii)] = SecretStr("")
    sender: MailAddress
    sender_name: str = "watcher"
    to: tuple[MailAddress, ...] = Field(min_length=1)
    hello_as: str = Field(default="", pattern=r"^[A-Za-z0-9.:\[\]-]*$")
    """The name in HELO; default: the domain of the sender."""
    patience: float = Field(default=120, gt=0)
    """Seconds for everything up to the message itself."""
    final_patience: float = Field(default=660, gt=0)
    """Seconds to send the message and wait for its answer: RFC 5321, section 4.5.3.2.6, asks for ten
    minutes, since a client that waits less sends messages twice."""
    retry: Retry = RETRY_FOR_FIVE_DAYS

    @model_validator(mode="after")
    def _keep_the_password_safe(self) -> Self:
        if self.username and self.security == "none":
            raise ValueError('a login needs tls: write tls = "starttls" or "tls"')
        if bool(self.username) != bool(self.password.get_secret_value()):
            raise ValueError("username and password belong together: give both or neither")
        return self

    @property
    def security(self) -> str:
        """Return starttls, tls or none."""
        if self.tls is not None:
            return self.tls
        return "none" if _is_this_machine(self.host) and not self.username else "starttls"

    @property
    def domain(self) -> str:
        """Return the domain of the sender."""
        return self.sender.rpartition("@")[2]


class Mail:
    """Sends to each recipient separately, so that a refused one does not affect the others."""

    def __init__(self, name: str, options: MailOptions, tools: ChannelTools) -> None:  # noqa: ARG002  # as every kind
        self.name = name
        self.quiet = options.quiet
        self.spacing = options.spacing
        self.schedule = options.retry
        self._options = options
        self._context = ssl.create_default_context()

    def destinations(self) -> tuple[str, ...]:
        """The recipients, each once."""
        return tuple(dict.fromkeys(self._options.to))

    def send(self, envelope: Envelope) -> None:
        """Send one message to one recipient over a connection of its own. Raises DeliveryError.

        A failure after the server accepted the message does not count: it was delivered.
        """
        options = self._options
        content = letter(envelope, options)
        try:
            with closing(self._connected()) as session:
                self._prepare(session)
                smtp.submit(session, options.sender, envelope.destination, content, patience=options.final_patience)
                smtp.quit_politely(session)
        except smtp.FAILURES as error:
            raise smtp.delivery_error(error) from error

    def _connected(self) -> smtp.Session:
        options = self._options
        return smtp.Session(
            options.host,
            options.port or _PORTS[options.security],
            hello_as=options.hello_as or options.domain,
            patience=options.patience,
            tls=self._context if options.security == "tls" else None,
        )

    def _prepare(self, session: smtp.Session) -> None:
        session.ehlo_or_helo_if_needed()
        if self._options.security == "starttls":
            smtp.start_tls(session, self._context)
            session.ehlo_or_helo_if_needed()
        if self._options.username:
            smtp.authenticate(session, self._options.username, self._options.password.get_secret_value())


def letter(envelope: Envelope, options: MailOptions) -> bytes:
    """Return the message as sent: the same bytes at every attempt."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(header_text(options.sender_name), addr_spec=options.sender)
    message["To"] = Address(addr_spec=envelope.destination)
    message["Subject"] = header_text(envelope.message.subject)
    message["Date"] = envelope.created_at
    message["Message-ID"] = f"<{envelope.key}@{options.domain}>"
    if envelope.thread:
        message["In-Reply-To"] = message["References"] = f"<thread-{header_text(envelope.thread)}@{options.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Id"] = f"<watcher.{options.domain}>"
    if alert := envelope.message.data["data"].get("alert"):
        message["X-Watcher-Alert"] = header_text(alert["id"])
    message.set_content(plain(envelope.message.text))
    message.add_alternative(plain(envelope.message.html), subtype="html")
    message.set_boundary(f"=_{envelope.key}")
    return message.as_bytes()


def header_text(text: str) -> str:
    """Return foreign text made safe for a header: one line in which nothing is an encoded word.

    Python before 3.11.10 decodes ``=?...?=`` found in a value and writes the line ends in it as they are, so that a
    title adds headers and a body of its own (CVE-2024-6923).
    """
    return one_line(text, 200).replace("=?", "= ?")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _header_registry() -> HeaderRegistry:
    """Never encode ids, even long ones: that would change them."""
    registry = HeaderRegistry()
    for name in ("in-reply-to", "references", "list-id"):
        registry.map_to_type(name, MessageIDHeader)  # type: ignore[arg-type]  # typeshed makes it no BaseHeader
    return registry


_POLICY = SMTP.clone(cte_type="7bit", header_factory=_header_registry())

"""Messages on a terminal, or in the log of the process that started the service."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Console, Group
from rich.text import Text

from watcher.channels.channel import ChannelOptions, ChannelTools
from watcher.model import DeliveryError, Envelope, MessageKind, Reason
from watcher.text.lines import plain

_STYLE = {
    MessageKind.ALERT: "bold red",
    MessageKind.UPDATE: "bold yellow",
    MessageKind.WITHDRAWN: "bold magenta",
    MessageKind.DIGEST: "bold cyan",
    MessageKind.HEALTH: "bold blue",
    MessageKind.PROOF: "bold green",
}


class TerminalOptions(ChannelOptions):
    """A terminal needs no options."""


class Terminal:
    """Writes each message with its key, by which a repeat can be recognised."""

    schedule = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))

    def __init__(self, name: str, options: TerminalOptions, tools: ChannelTools) -> None:
        self.name = name
        self.quiet = options.quiet
        self.spacing = options.spacing
        self._stream = tools.stream

    def destinations(self) -> tuple[str, ...]:
        """Return the one terminal."""
        return ("terminal",)

    def send(self, envelope: Envelope) -> None:
        """Write and flush. Raises DeliveryError if the stream is closed or full."""
        message = envelope.message
        shown = Group(
            Text(self._showable(message.subject), style=_STYLE[message.kind]),
            Text(self._showable(message.text)),
            Text(f"[{envelope.key}]", style="dim"),
        )
        try:
            Console(file=self._stream, soft_wrap=True).print(shown, "")
            self._stream.flush()
        except (OSError, ValueError) as error:
            raise DeliveryError(Reason.CONNECTION, f"the terminal cannot be written to: {error}") from error

    def _showable(self, text: str) -> str:
        """Return the text in the stream's encoding, without control sequences for the terminal."""
        encoding = self._stream.encoding or "utf-8"
        return plain(text).encode(encoding, "backslashreplace").decode(encoding)

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from watcher.channels import ChannelTools, build
from watcher.model import DeliveryError, Envelope, Reason

Parcel = Callable[..., Envelope]


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(tools: ChannelTools, stream: Any) -> Any:
    return build("here", "terminal", {}, replace(tools, stream=stream))


def test_a_message_is_written_plainly_where_nobody_watches(tools: ChannelTools, parcel: Parcel) -> None:
    stream = io.StringIO()
    terminal(tools, stream).send(parcel())
    message = parcel().message
    assert stream.getvalue() == f"{message.subject}\n{message.text}\n[msg_0123456789abcdef]\n\n"


def test_a_terminal_gets_colours(tools: ChannelTools, parcel: Parcel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Tty()
    terminal(tools, stream).send(parcel())
    assert "\x1b[1;31m[urgent] Police" in stream.getvalue()


def test_nothing_in_a_message_drives_the_terminal_or_reads_as_markup(tools: ChannelTools, parcel: Parcel) -> None:
    stream = io.StringIO()
    text = "\x1b]0;owned\x07\x1b[2J\x9b31m [bold red]as it is[/] :smile: \r\x08 \u202eevil"
    terminal(tools, stream).send(parcel(message=replace(parcel().message, subject=text, text=text)))
    shown = stream.getvalue()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
    assert "[bold red]as it is[/] :smile:" in shown
    assert "\u202e" not in shown


def test_what_the_encoding_cannot_say_is_spelt_out(tools: ChannelTools, parcel: Parcel) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="latin-1")
    terminal(tools, stream).send(parcel(message=replace(parcel().message, subject="é 😀 \ud800")))
    assert written.getvalue().startswith(b"\xe9 \\U0001f600 \n")


def test_a_closed_stream_is_a_failure_that_can_be_mended(tools: ChannelTools, parcel: Parcel) -> None:
    stream = io.StringIO()
    stream.close()
    with pytest.raises(DeliveryError) as caught:
        terminal(tools, stream).send(parcel())
    assert (caught.value.reason, caught.value.permanent) == (Reason.CONNECTION, False)

"""Ways out for messages: one module per kind, one line per kind in ``KINDS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from watcher.channels.atom import Atom, AtomOptions
from watcher.channels.channel import Channel, Options, Schedule, Tools
from watcher.channels.mail import Mail, MailOptions
from watcher.channels.terminal import Terminal, TerminalOptions
from watcher.channels.webhook import Webhook, WebhookOptions
from watcher.model import ConfigError

__all__ = ["KINDS", "Channel", "Kind", "Options", "Schedule", "Tools", "build"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channel: what a person may write for it, and what makes a channel of that."""

    options: type[Options]
    make: Callable[[str, Any, Tools], Channel]


KINDS: dict[str, Kind] = {
    "atom": Kind(AtomOptions, Atom),
    "mail": Kind(MailOptions, Mail),
    "terminal": Kind(TerminalOptions, Terminal),
    "webhook": Kind(WebhookOptions, Webhook),
}


def build(name: str, kind: str, written: Mapping[str, Any], tools: Tools) -> Channel:
    """The channel of this name from what a person wrote. Raises ConfigError with every fault and no secret."""
    if kind not in KINDS:
        close = get_close_matches(kind, KINDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(KINDS)}"
        raise ConfigError(f"channel {name}: unknown kind {kind!r}; {hint}")
    try:
        options = KINDS[kind].options.model_validate(written)
    except ValidationError as error:
        faults = "; ".join(_fault(each["loc"], each["msg"]) for each in error.errors(include_input=False))
        raise ConfigError(f"channel {name}: {faults}") from None
    return KINDS[kind].make(name, options, tools)


def _fault(where: tuple[int | str, ...], what: str) -> str:
    place = ".".join(str(step) for step in where)
    words = what.removeprefix("Value error, ")
    return f"{place}: {words[:1].lower()}{words[1:]}" if place else words

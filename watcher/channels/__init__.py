"""Channels that messages go out by: one module per kind, one line per kind in ``KINDS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from watcher.channels.apprise import Apprise, AppriseOptions
from watcher.channels.atom import Atom, AtomOptions
from watcher.channels.channel import Channel, ChannelOptions, ChannelTools, Closed, Schedule, SendTestResult
from watcher.channels.mail import Mail, MailOptions
from watcher.channels.terminal import Terminal, TerminalOptions
from watcher.channels.webhook import Webhook, WebhookOptions
from watcher.model import ConfigError
from watcher.text.word_lists import did_you_mean
from watcher.wording import fault

__all__ = [
    "KINDS",
    "Channel",
    "ChannelKind",
    "ChannelOptions",
    "ChannelTools",
    "Closed",
    "Schedule",
    "SendTestResult",
    "build",
    "secrets",
]


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A kind of channel: the model of its options, and the function that builds a channel from them."""

    options: type[ChannelOptions]
    make: Callable[[str, Any, ChannelTools], Channel]


KINDS: dict[str, ChannelKind] = {
    "apprise": ChannelKind(AppriseOptions, Apprise),
    "atom": ChannelKind(AtomOptions, Atom),
    "mail": ChannelKind(MailOptions, Mail),
    "terminal": ChannelKind(TerminalOptions, Terminal),
    "webhook": ChannelKind(WebhookOptions, Webhook),
}


def secrets(kind: str) -> list[str]:
    """Return the names of the options of a kind that hold secrets; none for an unknown kind."""
    fields = KINDS[kind].options.model_fields if kind in KINDS else {}
    return [name for name, field in fields.items() if _holds_secret(field.annotation)]


def _holds_secret(annotation: Any) -> bool:
    """Return whether a type is or contains SecretStr: ``SecretStr | None``, ``dict[str, SecretStr]``."""
    return annotation is SecretStr or any(map(_holds_secret, get_args(annotation)))


def build(name: str, kind: str, written: Mapping[str, Any], tools: ChannelTools) -> Channel:
    """Return the channel of this name, built from its settings. Raises ConfigError with every mistake and no secret."""
    if kind not in KINDS:
        raise ConfigError(
            f"channels.{name}: unknown kind {kind!r}{did_you_mean(kind, KINDS)} (known: {', '.join(KINDS)})"
        )
    model = KINDS[kind].options
    try:
        options = model.model_validate(written)
    except ValidationError as error:  # without what was written, which may be a secret
        faults = error.errors(include_input=False)
        raise ConfigError("\n".join(f"{_place(name, each)}: {fault(model, each)}" for each in faults)) from None
    return KINDS[kind].make(name, options, tools)


def _place(name: str, error: ErrorDetails) -> str:
    inside = error["loc"][:-1] if error["type"] == "missing" else error["loc"]
    return ".".join(("channels", name, *map(str, inside)))

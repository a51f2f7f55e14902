"""Chat services by Apprise, under a weaker contract than the other channels have.

Apprise says whether a service took a message, and no more: not why it did not, nor whether trying again can help. So
one schedule fits all, and nothing is ever given up early. There is no key that a service would compare: it stands at
the end of the text, where a person recognises a repeat. Apprise goes to the network by its own means, hence only
services that are known, and no redirects.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from watcher.channels.channel import ChannelOptions, ChannelTools, Retry
from watcher.model import ConfigError, DeliveryError, Envelope, Reason
from watcher.text.lines import plain

if TYPE_CHECKING:
    from apprise import NotifyBase

SERVICES = frozenset({
    "discord", "gchat", "gotify", "gotifys", "guilded", "matrix", "matrixs", "mmost", "mmosts", "ntfy", "ntfys",
    "rocket", "rockets", "signal", "signals", "slack", "tgram", "webex", "wxteams", "workflow", "workflows", "zulip",
})  # fmt: skip
"""Apprise's names of the chat services that messages may go to; all else it can do is for other programs."""

_RETRY_FOR_A_DAY = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 8)),
)
"""Apprise never says that a failure is final, so the schedule must end by itself: after a day a chat is out of date."""


def _known(address: SecretStr) -> SecretStr:
    if urlsplit(address.get_secret_value()).scheme not in SERVICES:
        raise ValueError(f"not the address of a chat service as Apprise writes it: {', '.join(sorted(SERVICES))}")
    return address


class AppriseOptions(ChannelOptions):
    """Rooms by the names that messages about them may show; their addresses hold secrets."""

    rooms: Annotated[dict[str, Annotated[SecretStr, AfterValidator(_known)]], Field(min_length=1)]
    retry: Retry = _RETRY_FOR_A_DAY


class Apprise:
    """Each room is a destination of its own."""

    def __init__(self, name: str, options: AppriseOptions, tools: ChannelTools) -> None:  # noqa: ARG002  # as every kind
        if find_spec("apprise") is None:
            raise ConfigError(
                f"channels.{name}: chat services need an extra package: pip install 'verdict-watcher[chat]'"
            )
        for talker in ("apprise", "urllib3"):  # they would log whole addresses
            logging.getLogger(talker).setLevel(logging.WARNING)
        self.name = name
        self.quiet = options.quiet
        self.spacing = options.spacing
        self.schedule = options.retry
        self._addresses = {room: address.get_secret_value() for room, address in options.rooms.items()}
        for room in self._addresses:
            if self._service(room) is None:
                raise ConfigError(f"channels.{name}.rooms.{room}: Apprise does not understand this address")

    def destinations(self) -> tuple[str, ...]:
        """Return the names of the rooms."""
        return tuple(self._addresses)

    def send(self, envelope: Envelope) -> None:
        """Send to one room. Raises DeliveryError unless Apprise reports that the service accepted the message."""
        message, service = envelope.message, self._service(envelope.destination)
        if service is None:
            raise DeliveryError(Reason.REFUSED, f"{self.name} no longer has a room of this name", permanent=True)
        try:
            took = service.notify(
                title=_harmless(message.subject), body=f"{_harmless(message.text)}\n\n[{envelope.key}]"
            )
        except TypeError:
            took = False
        if not took:
            raise DeliveryError(
                Reason.REFUSED,
                f"the chat service of {envelope.destination} did not accept the message; Apprise does not say why",
                unacknowledged=True,
            )

    def _service(self, room: str) -> NotifyBase | None:
        from apprise import Apprise as Library  # here, for it is an extra that need not be there
        from apprise import AppriseAsset, OverflowMode

        asset = AppriseAsset(http_redirects=False, storage_mode="memory")
        address = self._addresses.get(room, "")
        service = Library.instantiate(address, asset=asset, suppress_exceptions=True) if address else None
        if service:
            service.overflow_mode = OverflowMode.SPLIT
        return service


def _harmless(text: str) -> str:
    return plain(text).encode("utf-8", "replace").decode()

"""Chat services through Apprise, with a weaker contract than the other channels.

Apprise only reports whether a service accepted a message: not why it did not, nor whether a retry can help. So all
failures have one schedule, and none is permanent. Services do not compare keys: the key is at the end of the text,
where people recognise a repeat. Apprise makes its own connections, so only known services are allowed, and no
redirects.
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
"""Apprise's names of the chat services that are allowed; the other things it can do are for other programs."""

_RETRY_FOR_A_DAY = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 8)),
)
"""Apprise never reports a failure as permanent, so the schedule must end: after a day a chat message is out of date."""


def _known(address: SecretStr) -> SecretStr:
    if urlsplit(address.get_secret_value()).scheme not in SERVICES:
        raise ValueError(f"not the address of a chat service as Apprise writes it: {', '.join(sorted(SERVICES))}")
    return address


class AppriseOptions(ChannelOptions):
    """Rooms by name; messages show the names, since the addresses contain secrets."""

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
                f"the chat service of {envelope.destination} did not accept the message; Apprise reports no reason",
                unacknowledged=True,
            )

    def _service(self, room: str) -> NotifyBase | None:
        from apprise import Apprise as Library  # here, since it is an optional extra
        from apprise import AppriseAsset, OverflowMode

        asset = AppriseAsset(http_redirects=False, storage_mode="memory")
        address = self._addresses.get(room, "")
        service = Library.instantiate(address, asset=asset, suppress_exceptions=True) if address else None
        if service:
            service.overflow_mode = OverflowMode.SPLIT
        return service


def _harmless(text: str) -> str:
    return plain(text).encode("utf-8", "replace").decode()

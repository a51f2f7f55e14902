"""The interface of every channel, and what it is built from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated, Any, Protocol, TextIO

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from watcher.model import Clock, DeliveryError, Envelope, Reason
from watcher.schedule import MAX_SPACING, QuietHours
from watcher.web import Web

Schedule = tuple[timedelta, ...]
"""Delays between attempts: the first is the wait after the first failure, and so on."""

Retry = tuple[Annotated[timedelta, Field(gt=timedelta(0))], ...]
"""A schedule as people write it: seconds to wait after each failure; after the last there is no further attempt."""


def _hours(written: Any) -> QuietHours:
    try:
        start, end = (time.fromisoformat(part.strip()) for part in written.split("-"))
    except (AttributeError, ValueError):
        raise ValueError('not two times of the day; write them as "22:00-07:00"') from None
    if start == end or start.tzinfo or end.tzinfo:
        raise ValueError("the start and the end have to be two different local times")
    return QuietHours(start, end)


class Channel(Protocol):
    """A configured way out. One instance is used by many threads at once."""

    @property
    def name(self) -> str:
        """Its name in the settings."""

    @property
    def schedule(self) -> Schedule:
        """When to try again; after the last delay the delivery is dead. A ``retry_after`` of an error is waited for."""

    @property
    def quiet(self) -> QuietHours | None:
        """When only urgent alerts are sent, and everything else waits."""

    @property
    def spacing(self) -> timedelta:
        """The least time between two messages to one destination."""

    def destinations(self) -> tuple[str, ...]:
        """Return the destinations; each becomes a delivery of its own. They contain no secrets and may be shown."""

    def send(self, envelope: Envelope) -> None:
        """Send one message; when this returns, the other side has it.

        Sending the same key again is harmless or recognisable. Keys are made of ASCII letters, digits, ``-`` and
        ``_``. Raises DeliveryError.
        """


@dataclass(frozen=True, slots=True)
class Closed:
    """A channel that can no longer send, and the reason; deliveries that wait for it are kept."""

    name: str
    reason: Reason
    detail: str
    schedule: Schedule = ()
    quiet: QuietHours | None = None
    spacing: timedelta = timedelta(0)

    def destinations(self) -> tuple[str, ...]:
        """Return no destination."""
        return ()

    def send(self, envelope: Envelope) -> None:  # noqa: ARG002  # as every channel
        """Raise a permanent DeliveryError."""
        raise DeliveryError(self.reason, self.detail, permanent=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTestResult:
    """The result of a test message at one destination."""

    channel: str
    destination: str
    ok: bool
    detail: str = ""
    """Why it could not be sent; empty if it was."""

    def __str__(self) -> str:
        """Return one line for a person."""
        return f"{self.destination}: sent" if self.ok else f"{self.destination}: failed: {self.detail}"


class ChannelOptions(BaseModel):
    """The options of a channel. Errors about them never repeat a value, which may be a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    quiet: Annotated[QuietHours | None, BeforeValidator(_hours)] = None
    """Quiet hours, as ``22:00-07:00``, in the time zone of the operator."""
    spacing: Annotated[timedelta, Field(ge=timedelta(0), le=MAX_SPACING)] = timedelta(0)
    """Seconds between two messages to one destination: many services limit messages per minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTools:
    """What channels may use: network, clock, terminal."""

    web: Web
    clock: Clock
    stream: TextIO
    """Where a terminal channel writes."""


RETRY_FOR_FIVE_DAYS: Schedule = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    *(timedelta(hours=4),) * 30,
)
"""Two attempts in the first half hour for greylisting, then every four hours, so that a repaired server is found the
same day; five days in all, since RFC 5321, section 4.5.4.1, asks for four to five."""

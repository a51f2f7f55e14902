"""What the service remembers between two runs and has no row of its own for: one pair of functions for each fact.

A note is a name and a text. The names stand in databases that are in use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from storage.tables import note

_LAST_DAILY_DIGEST = "last daily digest"
_NETWORK_DOWN = "network down since"
_FAILING_DESTINATIONS = "failing destinations"
_MOVED = "moved"
_FORGOTTEN = "forgotten"

Destination = tuple[str, str]
"""Channel, and the address there."""


def last_daily_digest(connection: Connection) -> datetime | None:
    """Return the hour for which the last daily digests were sent."""
    return _moment(connection, _LAST_DAILY_DIGEST)


def set_last_daily_digest(connection: Connection, due: datetime) -> None:
    """Remember the hour for which the daily digests were sent."""
    _write(connection, _LAST_DAILY_DIGEST, due.isoformat())


def network_down_since(connection: Connection) -> datetime | None:
    """Return since when the network is down, as far as people were told; None when they think it is up."""
    return _moment(connection, _NETWORK_DOWN)


def set_network_down_since(connection: Connection, since: datetime | None) -> None:
    """Remember what people were told about the network."""
    _write(connection, _NETWORK_DOWN, "" if since is None else since.isoformat())


def failing_destinations(connection: Connection) -> dict[Destination, datetime]:
    """Return the destinations of which people were told that they take nothing, and when that was."""
    noted: dict[str, str] = json.loads(_read(connection, _FAILING_DESTINATIONS) or "{}")
    return {_destination(name): datetime.fromisoformat(told_at) for name, told_at in noted.items()}


def set_failing_destinations(connection: Connection, told: Mapping[Destination, datetime]) -> None:
    """Remember of which destinations people were told that they take nothing."""
    noted = {" ".join(destination): told_at.isoformat() for destination, told_at in told.items()}
    _write(connection, _FAILING_DESTINATIONS, json.dumps(noted))


def announced_address(connection: Connection, source: str) -> str:
    """Return the address to which a source has moved, as far as people were told; empty when they were told of none."""
    return _read(connection, f"{_MOVED} {source}")


def set_announced_address(connection: Connection, source: str, address: str) -> None:
    """Remember that people were told where a source has moved."""
    _write(connection, f"{_MOVED} {source}", address)


def is_forgotten(connection: Connection, item_id: int) -> bool:
    """Whether nothing this item says may be stored, because somebody asked for that."""
    return bool(_read(connection, f"{_FORGOTTEN} {item_id}"))


def mark_forgotten(connection: Connection, item_id: int, *, now: datetime) -> None:
    """Remember that nothing this item says may be stored again."""
    _write(connection, f"{_FORGOTTEN} {item_id}", now.isoformat())


def _destination(name: str) -> Destination:
    # a channel's name has no spaces, an address may have some
    channel, _, address = name.partition(" ")
    return channel, address


def _moment(connection: Connection, name: str) -> datetime | None:
    noted = _read(connection, name)
    return datetime.fromisoformat(noted) if noted else None


def _read(connection: Connection, name: str) -> str:
    return connection.execute(select(note.c.value).where(note.c.name == name)).scalar_one_or_none() or ""


def _write(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(note).where(note.c.name == name))
    connection.execute(insert(note).values(name=name, value=value))

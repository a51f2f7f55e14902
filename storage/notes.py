"""Facts that the service keeps between two runs and that fit in no other table: a pair of functions for each.

A note is a name and a text. The names must not change: existing databases contain them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select

from storage.tables import note

_LAST_DAILY_DIGEST = "last daily digest"
_NETWORK_DOWN = "network down since"
_FAILING_DESTINATIONS = "failing destinations"
_MOVED = "moved"
_FORGOTTEN = "forgotten"
_QUESTIONS = "questions to the second reader"

Destination = tuple[str, str]
"""Channel, and the address there."""


def last_daily_digest(connection: Connection) -> datetime | None:
    """Return the hour for which the last daily digests were sent."""
    return _moment(connection, _LAST_DAILY_DIGEST)


def set_last_daily_digest(connection: Connection, due: datetime) -> None:
    """Remember the hour for which the daily digests were sent."""
    _write(connection, _LAST_DAILY_DIGEST, due.isoformat())


def network_down_since(connection: Connection) -> datetime | None:
    """Return since when the network is down, if that was reported and its end was not; else None."""
    return _moment(connection, _NETWORK_DOWN)


def set_network_down_since(connection: Connection, since: datetime | None) -> None:
    """Store what was reported about the network."""
    _write(connection, _NETWORK_DOWN, "" if since is None else since.isoformat())


def failing_destinations(connection: Connection) -> dict[Destination, datetime]:
    """Return the failing destinations that were reported, and when."""
    noted: dict[str, str] = json.loads(_read(connection, _FAILING_DESTINATIONS) or "{}")
    return {_destination(name): datetime.fromisoformat(told_at) for name, told_at in noted.items()}


def set_failing_destinations(connection: Connection, told: Mapping[Destination, datetime]) -> None:
    """Store the failing destinations that were reported, and when."""
    noted = {" ".join(destination): told_at.isoformat() for destination, told_at in told.items()}
    _write(connection, _FAILING_DESTINATIONS, json.dumps(noted))


def announced_address(connection: Connection, source: str) -> str:
    """Return the new address of a source that was reported; empty if there is none."""
    return _read(connection, f"{_MOVED} {source}")


def set_announced_address(connection: Connection, source: str, address: str) -> None:
    """Store the new address of a source that was reported."""
    _write(connection, f"{_MOVED} {source}", address)


def is_forgotten(connection: Connection, item_id: int) -> bool:
    """Return whether an item was forgotten on request, so that its texts must not be stored."""
    return bool(_read(connection, f"{_FORGOTTEN} {item_id}"))


def mark_forgotten(connection: Connection, item_id: int, *, now: datetime) -> None:
    """Store that an item was forgotten on request."""
    _write(connection, f"{_FORGOTTEN} {item_id}", now.isoformat())


def questions_asked(connection: Connection) -> tuple[date, int] | None:
    """Return the last day on which the second reader was asked anything, and how often; None if it never was."""
    day, _, count = _read(connection, _QUESTIONS).partition(" ")
    return (date.fromisoformat(day), int(count)) if day else None


def set_questions_asked(connection: Connection, day: date, count: int) -> None:
    """Remember how often the second reader was asked on a day; earlier days are not kept."""
    _write(connection, _QUESTIONS, f"{day.isoformat()} {count}")


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

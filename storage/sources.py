"""Sources: what the rule files name, joined with where its polling stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from storage.leases import SOURCES, Lease, settle
from storage.tables import source


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A source as the live rule files want it."""

    name: str
    kind: str
    url: str
    host: str
    enabled: bool
    was: tuple[str, ...] = ()
    first_poll_at: datetime | None = None
    """When it is visited for the first time; left out: at once."""


OUTSIDE = source.c.url != ""
"""Sources that are asked over the network; one without an address, the canary, is inside the service itself."""
_UNMOVED = {"address": "", "moved_to": "", "moved_since": None, "moved_times": 0}
_UNTRIED = {"state": "new", "failures": 0, "failing_since": None, "last_poll_at": None}
_EMPTY = {"fingerprints": b"", "detail": "", "recent": "", "skip_hours": "", **_UNMOVED}


def sync(connection: Connection, wanted: Iterable[Wanted], *, now: datetime) -> None:
    """Make the rows agree with the rule files.

    A source that left the files is disabled, never deleted. One that was renamed (``was``) keeps its row and all
    it has seen; one whose address changed keeps what it has seen but not its validators. One that said it is gone for
    good is polled again when its address changes, or when it was disabled in between.
    """
    known = {row["name"]: row for row in connection.execute(select(source)).mappings()}
    kept: set[str] = set()
    for want in wanted:
        row = next((known[name] for name in (want.name, *want.was) if name in known), None)
        values = {
            "name": want.name,
            "kind": want.kind,
            "url": want.url,
            "host": want.host,
            "enabled": want.enabled,
        }
        if row is None:
            first = want.first_poll_at or now
            connection.execute(insert(source).values(next_poll_at=first, **_EMPTY, **values))
            continue
        kept.add(row["name"])
        moved = row["url"] != want.url or row["kind"] != want.kind
        if moved:
            values |= {"etag": None, "last_modified": None, "body_hash": None, **_UNMOVED}
        elif row["address"]:
            values["host"] = row["host"]
        if moved or (want.enabled and not row["enabled"]):
            values |= {"next_poll_at": now, **_UNTRIED}
        if any(row[name] != value for name, value in values.items()):
            connection.execute(update(source).where(source.c.id == row["id"]).values(values))
    gone = [row["id"] for name, row in known.items() if name not in kept and row["enabled"]]
    if gone:
        connection.execute(update(source).where(source.c.id.in_(gone)).values(enabled=False))


def get(connection: Connection, source_id: int) -> RowMapping:
    """The row of this id."""
    return connection.execute(select(source).where(source.c.id == source_id)).mappings().one()


def everyone(connection: Connection, *, enabled: bool | None = None) -> Sequence[RowMapping]:
    """All rows, by name."""
    query = select(source).order_by(source.c.name)
    if enabled is not None:
        query = query.where(source.c.enabled.is_(enabled))
    return connection.execute(query).mappings().all()


def standing(connection: Connection) -> Sequence[RowMapping]:
    """How the polls of each source that is polled went, by name, without what it showed; those outside only."""
    columns = (column for column in source.c if column.name not in {"fingerprints", "etag", "last_modified"})
    query = select(*columns).where(source.c.enabled.is_(True), OUTSIDE).order_by(source.c.name)
    return connection.execute(query).mappings().all()


def unread(connection: Connection) -> Sequence[str]:
    """Names of the enabled sources that no visit has come back from yet, well or badly."""
    never = select(source.c.name).where(source.c.enabled.is_(True), OUTSIDE, source.c.last_poll_at.is_(None))
    return connection.execute(never).scalars().all()


def settle_poll(connection: Connection, held: Lease, values: Mapping[str, Any]) -> None:
    """Write how a poll ended. Raises `storage.leases.StaleLease`."""
    settle(connection, SOURCES, held, values)


def poll_now(connection: Connection, *, now: datetime, names: Sequence[str] = ()) -> int:
    """Make sources due at once: those named, or every enabled one outside. Says how many."""
    query = update(source).where(source.c.enabled.is_(True)).values(next_poll_at=now)
    return connection.execute(query.where(source.c.name.in_(names) if names else OUTSIDE)).rowcount


def mark_told(connection: Connection, source_ids: Sequence[int], at: datetime | None) -> None:
    """Remember that a person was told these are failing; with None, that they were told it is over."""
    connection.execute(update(source).where(source.c.id.in_(source_ids)).values(told_failing_at=at))

"""Sources: what the rule files name, with the state of their polling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Connection, insert, select, update

from storage.leases import SOURCES, Lease, settle
from storage.poll_state import PollState
from storage.tables import source
from storage.values import columns, every, one


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
    """When it is first visited; None: at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollHistory:
    """The poll history of a source; `storage.tables.SourceRow` explains the fields."""

    id: int
    name: str
    kind: str
    url: str
    host: str
    enabled: bool
    next_poll_at: datetime
    unsettled: int
    failures: int
    failing_since: datetime | None
    told_failing_at: datetime | None
    state: PollState
    reason: str
    detail: str
    recent: str
    expected_by: datetime | None
    pace: int
    skip_hours: str
    address: str
    moved_to: str
    moved_since: datetime | None
    moved_times: int
    held_until: datetime | None
    last_poll_at: datetime | None
    last_ok_at: datetime | None
    read_in_full_at: datetime | None
    baselined_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState(PollHistory):
    """What a poll needs to know of its source: its history, and what the last reading left to compare with."""

    etag: bytes | None
    last_modified: bytes | None
    body_hash: bytes | None
    fingerprints: bytes


class PollOutcome(TypedDict, total=False):
    """What may be written when a poll ends. A key left out keeps its value."""

    next_poll_at: datetime
    failures: int
    failing_since: datetime | None
    state: PollState
    reason: str
    detail: str
    recent: str
    expected_by: datetime | None
    pace: int
    skip_hours: str
    rests_until: datetime | None
    address: str
    host: str
    moved_to: str
    moved_since: datetime | None
    moved_times: int
    held_until: datetime | None
    last_poll_at: datetime
    last_ok_at: datetime
    read_in_full_at: datetime | None
    baselined_at: datetime
    etag: bytes | None
    last_modified: bytes | None
    body_hash: bytes | None
    fingerprints: bytes


_FINGERPRINT_BYTES, _ITEM_ID_BYTES = 16, 8


def pack_fingerprints(shown: Mapping[bytes, int]) -> bytes:
    """Return one value for the column: the fingerprint of each raw entry of a document, and the id of its item."""
    return b"".join(
        fingerprint + item_id.to_bytes(_ITEM_ID_BYTES)
        for fingerprint, item_id in shown.items()
        if len(fingerprint) == _FINGERPRINT_BYTES
    )


def unpack_fingerprints(packed: bytes) -> dict[bytes, int]:
    """Return the item of each raw entry of the document last read, by fingerprint."""
    step = _FINGERPRINT_BYTES + _ITEM_ID_BYTES
    parts = (packed[start : start + step] for start in range(0, len(packed), step))
    return {part[:_FINGERPRINT_BYTES]: int.from_bytes(part[_FINGERPRINT_BYTES:]) for part in parts}


OUTSIDE = source.c.url != ""
"""Sources on the network; one without an address, the canary, is inside the service itself."""
_UNMOVED = {"address": "", "moved_to": "", "moved_since": None, "moved_times": 0}
_UNTRIED = {"state": PollState.NEW, "reason": "", "failures": 0, "failing_since": None, "last_poll_at": None}
_EMPTY = {"fingerprints": b"", "reason": "", "detail": "", "recent": "", "skip_hours": "", **_UNMOVED}


def sync(connection: Connection, wanted: Iterable[Wanted], *, now: datetime) -> None:
    """Make the rows agree with the rule files.

    A source that left the files is disabled, never deleted. One that was renamed (``was``) keeps its row and all it has
    seen; one whose address changed keeps what it has seen but not its validators. One that answered 410 is polled again
    when its address changes, or when it was disabled in between.
    """
    known = {each.name: each for each in every(connection, select(*columns(source, PollHistory)), PollHistory)}
    kept: set[str] = set()
    for want in wanted:
        row = next((known[name] for name in (want.name, *want.was) if name in known), None)
        if row is None:
            first = want.first_poll_at or now
            connection.execute(insert(source).values(next_poll_at=first, **_EMPTY, **_described(want)))
            continue
        kept.add(row.name)
        if changes := _changes(row, want, now):
            connection.execute(update(source).where(source.c.id == row.id).values(changes))
    gone = [row.id for name, row in known.items() if name not in kept and row.enabled]
    if gone:
        connection.execute(update(source).where(source.c.id.in_(gone)).values(enabled=False))


def _described(want: Wanted) -> dict[str, Any]:
    return {"name": want.name, "kind": want.kind, "url": want.url, "host": want.host, "enabled": want.enabled}


def _changes(row: PollHistory, want: Wanted, now: datetime) -> dict[str, Any]:
    """Return what to write so that a known source agrees with the rule files; nothing where it does."""
    moved = row.url != want.url or row.kind != want.kind
    described = _described(want) | ({"host": row.host} if row.address and not moved else {})
    changes = {name: value for name, value in described.items() if getattr(row, name) != value}
    if moved:
        changes |= {"etag": None, "last_modified": None, "body_hash": None, **_UNMOVED}
    if moved or (want.enabled and not row.enabled):
        changes |= {"next_poll_at": now, **_UNTRIED}
    return changes


def get(connection: Connection, source_id: int) -> SourceState:
    """Return the source of this id. Raises `sqlalchemy.exc.NoResultFound`."""
    return one(connection, select(*columns(source, SourceState)).where(source.c.id == source_id), SourceState)


def all_sources(connection: Connection, *, enabled: bool | None = None) -> Sequence[PollHistory]:
    """Return every source ever watched, by name."""
    query = select(*columns(source, PollHistory)).order_by(source.c.name)
    if enabled is not None:
        query = query.where(source.c.enabled.is_(enabled))
    return every(connection, query, PollHistory)


def polled(connection: Connection) -> Sequence[PollHistory]:
    """Return the sources that are polled over the network, by name."""
    query = select(*columns(source, PollHistory)).where(source.c.enabled.is_(True), OUTSIDE).order_by(source.c.name)
    return every(connection, query, PollHistory)


def last_shown(connection: Connection) -> Sequence[bytes]:
    """Return the fingerprints of the document that each source showed last."""
    return connection.execute(select(source.c.fingerprints)).scalars().all()


def unread(connection: Connection) -> Sequence[str]:
    """Return the names of the enabled sources of which no visit has ended yet."""
    never = select(source.c.name).where(source.c.enabled.is_(True), OUTSIDE, source.c.last_poll_at.is_(None))
    return connection.execute(never).scalars().all()


def settle_poll(connection: Connection, held: Lease, outcome: PollOutcome) -> None:
    """Write how a poll ended. Raises `storage.leases.StaleLease`."""
    settle(connection, SOURCES, held, outcome)


def poll_now(connection: Connection, *, now: datetime, names: Sequence[str] = ()) -> int:
    """Make sources due at once: the named ones, or every enabled one on the network. Return how many."""
    query = update(source).where(source.c.enabled.is_(True)).values(next_poll_at=now)
    return connection.execute(query.where(source.c.name.in_(names) if names else OUTSIDE)).rowcount


def mark_told(connection: Connection, source_ids: Sequence[int], at: datetime | None) -> None:
    """Store that the failures of these were reported; with None, that their end was."""
    connection.execute(update(source).where(source.c.id.in_(source_ids)).values(told_failing_at=at))

"""Taking rows for a while, so that many threads and processes can share work and a crash loses none of it.

A row is *leased* until a moment and *settled* when its outcome is written. The counter ``lease`` is the fencing
token: who comes back after its lease went to somebody else finds another number there and writes nothing
(after APScheduler's ``acquire_schedules``). ``unsettled`` counts leases in a row that never settled: a row that may
take its process down every time is left alone after the fifth, each time twice as long, at last for an hour. One that
was only in work at the same time is back in seconds, for its next lease settles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Update,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    update,
)

from storage.poll_state import PollState
from storage.tables import UtcDateTime, delivery, page, source

QUARANTINE_AFTER = 5
QUARANTINES = (*(timedelta(seconds=2**doubled) for doubled in range(1, 12)), timedelta(hours=1))
"""How long a row is left alone after so many leases that never settled, after one more, and so on."""
MAX_REST = timedelta(minutes=15)
"""No longer rest is believed: a clock that was set back since left it. The settings allow none either."""
NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())


class StaleLease(Exception):
    """The lease went to somebody else in the meantime: nothing may be written for it."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one row until ``until``."""

    id: int
    token: int
    until: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Queue:
    """A table from which work is leased: when a row is due, and with which rows it shares a limit."""

    table: Table
    due: ColumnElement[datetime]
    serial_key: ColumnElement[str]
    """Rows with the same key are leased one at a time: those of a host, of a destination."""
    first: ColumnElement[Any]
    """Which of the due rows with one serial key is leased first."""
    share_key: ColumnElement[str]
    """Rows with the same key share a limit of leases, whatever their serial keys: those of a channel."""
    open: ColumnElement[bool]
    rests_until: ColumnElement[datetime] | None = None
    """Until when all rows with a serial key are left alone, if the table has that."""


SOURCES = Queue(
    source,
    due=source.c.next_poll_at,
    serial_key=source.c.host,
    first=source.c.next_poll_at,
    share_key=source.c.host,
    open=and_(source.c.enabled.is_(True), source.c.state != PollState.GONE),
    rests_until=source.c.rests_until,
)
PAGES = Queue(
    page,
    due=page.c.due_at,
    serial_key=page.c.host,
    first=page.c.due_at,
    share_key=page.c.host,
    open=page.c.due_at.is_not(None),
)
DELIVERIES = Queue(
    delivery,
    due=delivery.c.next_attempt_at,
    serial_key=delivery.c.lane,
    first=delivery.c.id,  # the oldest: after an outage, when it was last tried is a matter of chance
    share_key=delivery.c.channel,
    open=delivery.c.state.in_(("pending", "unknown")),
    rests_until=delivery.c.rests_until,
)


def lease(
    connection: Connection, queue: Queue, *, now: datetime, until: datetime, limit: int, share: int | None = None
) -> list[Lease]:
    """Lease what is due: the first row of each serial key, those that have waited longest.

    Of one share key at most ``share`` are leased at a time, counting those that are so already; ``limit`` in all.
    """
    asked = {"until": until, "room": limit} if share is None else {"until": until, "room": limit, "share": share}
    taken = connection.execute(_leasing(queue, shared=share is not None), _moments(now) | asked).all()
    return [Lease(row[0], row[1], until) for row in sorted(taken, key=lambda row: (row[2], row[0]))]


# The statement that `_leasing` builds, of deliveries (serial key: lane, share key: channel):
#
#   UPDATE delivery SET lease = lease + 1, leased_until = :until, unsettled = unsettled + 1
#   WHERE <free> AND id IN (
#       SELECT id FROM (                                    -- the first of each lane, numbered within its channel
#           SELECT id, due, share_key, row_number() OVER (PARTITION BY share_key ORDER BY due, id) AS place
#           FROM (                                          -- what is due, numbered within its lane
#               SELECT id, next_attempt_at AS due, channel AS share_key,
#                      row_number() OVER (PARTITION BY lane ORDER BY id) AS place
#               FROM delivery
#               WHERE <free> AND lane NOT IN (              -- lanes that are in work, or are left alone for a while
#                   SELECT lane FROM delivery
#                   WHERE leased_until >= :now OR rests_until > :now AND rests_until <= :longest_rest)
#           ) WHERE place = 1
#       ) AS candidates                                     -- what the channel holds already counts against its share
#       WHERE place + (SELECT count(*) FROM delivery
#                      WHERE leased_until >= :now AND channel = candidates.share_key) <= :share
#       ORDER BY due LIMIT :room)
#   RETURNING id, lease, next_attempt_at
#
# <free>: state IN ('pending', 'unknown') AND next_attempt_at <= :now            -- open, and due
#         AND (leased_until IS NULL OR leased_until < :now)                       -- nobody holds it
#         AND (unsettled < 5 OR leased_until < CASE unsettled                     -- and it is not in quarantine
#              WHEN 5 THEN :now - 2 s WHEN 6 THEN :now - 4 s ... ELSE :now - 1 h END)
@cache  # every tick asks this of every queue, and to put it together takes longer than to run it
def _leasing(queue: Queue, *, shared: bool) -> Update:
    table, free = queue.table, _free(queue)
    busy = select(queue.serial_key).where(or_(table.c.leased_until >= NOW, _rests(queue)))
    place = func.row_number().over(partition_by=queue.serial_key, order_by=(queue.first, table.c.id))
    due = (
        select(table.c.id, queue.due.label("due"), queue.share_key.label("share_key"), place.label("place"))
        .where(free, queue.serial_key.not_in(busy))
        .subquery()
    )
    place = func.row_number().over(partition_by=due.c.share_key, order_by=(due.c.due, due.c.id))
    candidates = select(due.c.id, due.c.due, due.c.share_key, place.label("place")).where(due.c.place == 1).subquery()
    chosen = select(candidates.c.id).order_by(candidates.c.due).limit(bindparam("room", type_=Integer))
    if shared:
        held = select(func.count()).where(table.c.leased_until >= NOW, queue.share_key == candidates.c.share_key)
        taken = candidates.c.place + held.correlate(candidates).scalar_subquery()
        chosen = chosen.where(taken <= bindparam("share", type_=Integer))
    # `free` is asked again: on PostgreSQL another worker may have taken the row since the inner query looked
    return (
        update(table)
        .where(table.c.id.in_(chosen), free)
        .values(lease=table.c.lease + 1, leased_until=bindparam("until"), unsettled=table.c.unsettled + 1)
        .returning(table.c.id, table.c.lease, queue.due)
    )


def waiting(connection: Connection, queue: Queue, *, now: datetime) -> bool:
    """Whether anything is due that nobody holds."""
    asked = select(queue.table.c.id).where(_free(queue)).limit(1)
    return connection.execute(asked, _moments(now)).first() is not None


def unended(queue: Queue) -> ColumnElement[bool]:
    """The rows whose work has begun and not ended: it goes on, or was interrupted and is done again."""
    unsettled = queue.table.c.unsettled
    return and_(queue.open, unsettled > 0, unsettled < QUARANTINE_AFTER)


def renew(connection: Connection, queue: Queue, leases: Iterable[Lease], *, until: datetime) -> None:
    """Hold on to what is still being worked on."""
    for held in leases:
        connection.execute(update(queue.table).where(_ours(queue.table, held)).values(leased_until=until))


def hold(connection: Connection, queue: Queue, held: Lease, *, until: datetime) -> None:
    """Go on with what is written in several transactions. Raises `StaleLease` when the row is no longer ours."""
    _change(connection, queue, held, {"leased_until": until})


def settle(connection: Connection, queue: Queue, held: Lease, values: Mapping[str, object]) -> None:
    """Write the outcome and give the row back. Raises `StaleLease` when it is no longer ours."""
    _change(connection, queue, held, {"leased_until": None, "unsettled": 0, **values})


def _change(connection: Connection, queue: Queue, held: Lease, values: Mapping[str, object]) -> None:
    changed = connection.execute(update(queue.table).where(_ours(queue.table, held)).values(values))
    if changed.rowcount != 1:
        raise StaleLease(f"{queue.table.name} {held.id}")


def take_back(connection: Connection, queue: Queue, *, now: datetime) -> None:
    """Have what is in work done again: who holds a lease of this queue writes nothing more with it.

    The rows are due at once. One that is taken back time and again is not quarantined: it took no process down.
    """
    held = update(queue.table).where(queue.table.c.leased_until >= now)
    connection.execute(held.values(lease=queue.table.c.lease + 1, leased_until=None, unsettled=1))


def void_all(connection: Connection, *, now: datetime) -> int:
    """Take every lease back: for a start that knows it is alone. Interrupted sends become *unknown*.

    The count of unsettled leases stays, and so does the moment the lease was lost, from which quarantine counts.
    """
    lost = {"lease": source.c.lease + 1, "leased_until": now - timedelta(microseconds=1)}
    sources = connection.execute(update(source).where(source.c.leased_until >= now).values(lost)).rowcount
    lost["lease"] = page.c.lease + 1
    connection.execute(update(page).where(page.c.leased_until >= now).values(lost))
    lost["lease"] = delivery.c.lease + 1
    interrupted = update(delivery).where(delivery.c.leased_until >= now)
    return sources + connection.execute(interrupted.values(lost | {"state": "unknown"})).rowcount


def _moments(now: datetime) -> dict[str, Any]:
    """What `_free` and `_rests` compare with."""
    forgiven = {f"lost_before_{number}": now - rest for number, rest in enumerate(QUARANTINES)}
    return {"now": now, "longest_rest": now + MAX_REST, **forgiven}


def _free(queue: Queue) -> ColumnElement[bool]:
    leased_until = queue.table.c.leased_until
    return and_(
        queue.open,
        queue.due <= NOW,
        or_(leased_until.is_(None), leased_until < NOW),
        or_(queue.table.c.unsettled < QUARANTINE_AFTER, leased_until < _forgiven(queue.table)),
    )


def _forgiven(table: Table) -> ColumnElement[datetime]:
    """When a row must have lost its last lease at the latest for its quarantine to be over."""
    lost_before = [bindparam(f"lost_before_{number}", type_=UtcDateTime()) for number in range(len(QUARANTINES))]
    return case(dict(enumerate(lost_before, QUARANTINE_AFTER)), value=table.c.unsettled, else_=lost_before[-1])


def _rests(queue: Queue) -> ColumnElement[bool]:
    """A rest that seems to last longer than any was left by a clock that has been set back since."""
    if queue.rests_until is None:
        return false()
    return and_(queue.rests_until > NOW, queue.rests_until <= bindparam("longest_rest"))


def _ours(table: Table, held: Lease) -> ColumnElement[bool]:
    return and_(table.c.id == held.id, table.c.lease == held.token)

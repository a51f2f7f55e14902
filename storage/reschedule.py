"""Pull plans forward that were made before the clock was set back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, Table, func, select, update

from storage.tables import delivery, page, source

_PLANNED: Final[tuple[tuple[Table, Column[datetime]], ...]] = (
    (source, source.c.next_poll_at),
    (source, source.c.held_until),
    (source, source.c.rests_until),
    (page, page.c.due_at),
    (delivery, delivery.c.next_attempt_at),
)


def clock_set_back(connection: Connection, *, now: datetime) -> timedelta:
    """Return how far the clock was set back while the service was stopped: how far the last poll is in the future."""
    last = connection.execute(select(func.max(source.c.last_poll_at)).where(source.c.enabled.is_(True))).scalar_one()
    return max(last - now, timedelta(0)) if last is not None else timedelta(0)


def pull_forward(connection: Connection, *, now: datetime, by: timedelta) -> None:
    """Pull later plans forward, but not before ``now``: they wait for as long as intended."""
    if not by:
        return
    for table, column in _PLANNED:
        later = connection.execute(select(table.c.id, column).where(column > now)).all()
        for row_id, moment in later:
            planned = {column.name: max(now, moment - by)}
            connection.execute(update(table).where(table.c.id == row_id).values(planned))

"""The pages behind items: which are to be read, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from storage.leases import PAGES, Lease, settle
from storage.tables import page


def get(connection: Connection, page_id: int) -> RowMapping:
    """The row of this id."""
    return connection.execute(select(page).where(page.c.id == page_id)).mappings().one()


def plan(
    connection: Connection, item_id: int, *, host: str, now: datetime, due_at: datetime, read_at: datetime | None
) -> None:
    """Have the page behind an item read by then, or sooner where that is planned already.

    ``read_at``: when it was last there, if that is known.
    """
    known = connection.execute(select(page.c.id).where(page.c.item_id == item_id)).first()
    if known is None:
        values = {"item_id": item_id, "host": host, "since": now, "due_at": due_at, "read_at": read_at, "problem": ""}
        connection.execute(insert(page), values)
        return
    query = update(page).where(page.c.id == known.id)
    connection.execute(query.where(page.c.due_at.is_(None)).values(since=now, due_at=due_at))
    connection.execute(query.where(page.c.due_at > due_at).values(due_at=due_at))
    if read_at is not None:
        connection.execute(query.values(read_at=read_at))


def settle_page(connection: Connection, held: Lease, values: Mapping[str, Any]) -> None:
    """Write how a reading ended. Raises `storage.leases.StaleLease`."""
    settle(connection, PAGES, held, values)


def waiting(connection: Connection) -> int:
    """How many pages are still to be read."""
    return connection.execute(select(func.count()).where(page.c.due_at.is_not(None))).scalar_one()

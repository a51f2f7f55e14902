"""The pages behind items: which are to be read, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection, func, insert, select, update

from storage.leases import PAGES, Lease, settle
from storage.tables import page
from storage.values import columns, one


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """The page behind an item, and how its readings went."""

    id: int
    item_id: int
    since: datetime
    """From when the times at which it is read again are counted."""
    due_at: datetime | None
    read_at: datetime | None
    problem: str


class PageOutcome(TypedDict):
    """The columns written when a reading of a page ends."""

    due_at: datetime | None
    read_at: datetime | None
    problem: str


def get(connection: Connection, page_id: int) -> PageState:
    """Return the page of this id. Raises `sqlalchemy.exc.NoResultFound`."""
    return one(connection, select(*columns(page, PageState)).where(page.c.id == page_id), PageState)


def plan(
    connection: Connection, item_id: int, *, host: str, now: datetime, due_at: datetime, read_at: datetime | None
) -> None:
    """Plan to read the page behind an item at a moment, or earlier if that is planned already.

    ``read_at``: when the page was last read, if known.
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


def settle_page(connection: Connection, held: Lease, outcome: PageOutcome) -> None:
    """Write how a reading ended. Raises `storage.leases.StaleLease`."""
    settle(connection, PAGES, held, outcome)


def waiting(connection: Connection) -> int:
    """Return the number of pages still to be read."""
    return connection.execute(select(func.count()).where(page.c.due_at.is_not(None))).scalar_one()

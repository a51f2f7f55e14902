"""What waits for a digest: items that are shown together, of one claim and for one reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage import values
from storage.leases import SOURCES, unended
from storage.tables import digest_line, item, source


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDigestLine:
    """An item to be stored for a digest."""

    claim_id: str
    item_id: int
    rules: tuple[str, ...]
    reason: str
    """Which digest: already there, many at once, daily."""
    alert_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """Something that waits for a digest."""

    id: int
    claim_id: str
    item_id: int
    alert_id: int | None
    rules: Sequence[str]


def add(connection: Connection, line: NewDigestLine, *, now: datetime) -> None:
    """Keep something for the claim's next digest."""
    row = {
        "claim_id": line.claim_id,
        "item_id": line.item_id,
        "rules": list(line.rules),
        "reason": line.reason,
        "alert_id": line.alert_id,
        "at": now,
    }
    connection.execute(insert(digest_line), row)


def waiting(connection: Connection, claim_id: str, reason: str) -> list[DigestLine]:
    """Return what waits for a digest of this claim for one reason, oldest first."""
    unsent = (digest_line.c.message_id.is_(None), digest_line.c.reason == reason)
    query = select(*values.columns(digest_line, DigestLine)).where(digest_line.c.claim_id == claim_id, *unsent)
    return values.every(connection, query.order_by(digest_line.c.id), DigestLine)


def more_to_come(connection: Connection, claim_id: str, reason: str) -> bool:
    """Return whether a source with items in this digest is still being read, so that more may come."""
    unsent = (digest_line.c.claim_id == claim_id, digest_line.c.reason == reason, digest_line.c.message_id.is_(None))
    query = select(digest_line.c.id).join(item, item.c.id == digest_line.c.item_id)
    query = query.join(source, source.c.id == item.c.source_id).where(*unsent, unended(SOURCES))
    return connection.execute(query.limit(1)).first() is not None


def settle(connection: Connection, line_ids: Sequence[int], message_id: int) -> None:
    """Remember that these lines went out with that message."""
    connection.execute(update(digest_line).where(digest_line.c.id.in_(line_ids)).values(message_id=message_id))

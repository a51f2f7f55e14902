"""Claims, their verdict histories, and which of their rules have seen what was already there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from storage import values
from storage.tables import alert, claim, digest_line, match, rule, verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClaim:
    """A claim as it is watched now."""

    id: str
    claim_reviewed: str
    rating: str
    announced_at: datetime | None
    """When the digest of what was already there went out."""


def sync(
    connection: Connection, claim_id: str, *, claim_reviewed: str, rating: str, last_checked: str, now: datetime
) -> None:
    """Make the claim's row agree with its file, and its verdict history with both."""
    known = get(connection, claim_id)
    content = {"claim_reviewed": claim_reviewed, "rating": rating}
    if known is None:
        connection.execute(insert(claim).values(id=claim_id, watched_since=now, **content))
    elif (known.claim_reviewed, known.rating) != (claim_reviewed, rating):
        connection.execute(update(claim).where(claim.c.id == claim_id).values(content))
    history = select(verdict.c.rating, verdict.c.last_checked).where(verdict.c.claim_id == claim_id)
    newest = connection.execute(history.order_by(verdict.c.id.desc()).limit(1)).one_or_none()
    if newest is None or tuple(newest) != (rating, last_checked):
        entry = {"claim_id": claim_id, "rating": rating, "last_checked": last_checked, "recorded_at": now}
        connection.execute(insert(verdict).values(entry))


def rename(connection: Connection, old: str, new: str) -> None:
    """Carry a claim's history over to its new id."""
    row = connection.execute(select(claim).where(claim.c.id == old)).mappings().one_or_none()
    if row is None or get(connection, new) is not None:
        return
    connection.execute(insert(claim).values(dict(row) | {"id": new}))
    for table in (verdict, rule, match, alert, digest_line):
        connection.execute(update(table).where(table.c.claim_id == old).values(claim_id=new))
    connection.execute(delete(claim).where(claim.c.id == old))


def get(connection: Connection, claim_id: str) -> StoredClaim | None:
    """Return the claim, if it was ever watched."""
    query = select(*values.columns(claim, StoredClaim)).where(claim.c.id == claim_id)
    return values.first(connection, query, StoredClaim)


def all_ids(connection: Connection) -> Sequence[str]:
    """Return the ids of all claims that were ever watched."""
    return connection.execute(select(claim.c.id).order_by(claim.c.id)).scalars().all()


def mark_announced(connection: Connection, claim_id: str, *, now: datetime) -> None:
    """Remember that the digest of what was already there went out."""
    connection.execute(update(claim).where(claim.c.id == claim_id).values(announced_at=now))


def told_blind(connection: Connection) -> frozenset[str]:
    """Return the ids of the claims that people know to be blind."""
    return frozenset(connection.execute(select(claim.c.id).where(claim.c.told_blind_at.is_not(None))).scalars())


def mark_blind(connection: Connection, claim_id: str, at: datetime | None) -> None:
    """Store when it was reported that a claim is blind; None: it was reported that this is over."""
    connection.execute(update(claim).where(claim.c.id == claim_id).values(told_blind_at=at))


def caught_up_rules(connection: Connection, claim_id: str) -> set[str]:
    """Return the ids of the claim's rules that have seen what was already there."""
    return set(connection.execute(select(rule.c.rule_id).where(rule.c.claim_id == claim_id)).scalars())


def mark_caught_up(connection: Connection, claim_id: str, rule_ids: Iterable[str], *, now: datetime) -> None:
    """Remember that these rules have now seen what was already there."""
    rows = [{"claim_id": claim_id, "rule_id": rule_id, "watched_since": now} for rule_id in rule_ids]
    if rows:
        connection.execute(insert(rule), rows)

"""The last good set of rule files, and what claims and rules have already been told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from storage.tables import alert, claim, digest_line, match, note, rule, rulebook, verdict

KEPT = 20


def last_good(connection: Connection) -> RowMapping | None:
    """The set a restart runs, if there ever was one."""
    return connection.execute(select(rulebook).order_by(rulebook.c.id.desc()).limit(1)).mappings().one_or_none()


def keep(connection: Connection, digest: str, files: Mapping[str, str], *, now: datetime) -> None:
    """Keep a good set, unless it is the one that was kept last."""
    newest = last_good(connection)
    if newest is not None and newest["digest"] == digest:
        return
    connection.execute(insert(rulebook).values(digest=digest, files=dict(files), loaded_at=now))
    old = select(rulebook.c.id).order_by(rulebook.c.id.desc()).offset(KEPT)
    connection.execute(delete(rulebook).where(rulebook.c.id.in_(old)))


def sync_claim(
    connection: Connection, claim_id: str, *, claim_reviewed: str, rating: str, last_checked: str, now: datetime
) -> None:
    """Make the claim's row agree with its file, and its verdict history with both."""
    row = get_claim(connection, claim_id)
    values = {"claim_reviewed": claim_reviewed, "rating": rating}
    if row is None:
        connection.execute(insert(claim).values(id=claim_id, watched_since=now, **values))
    elif any(row[name] != value for name, value in values.items()):
        connection.execute(update(claim).where(claim.c.id == claim_id).values(values))
    newest = verdicts(connection, claim_id)[-1:]
    if not newest or (newest[0]["rating"], newest[0]["last_checked"]) != (rating, last_checked):
        entry = {"claim_id": claim_id, "rating": rating, "last_checked": last_checked, "recorded_at": now}
        connection.execute(insert(verdict).values(entry))


def rename_claim(connection: Connection, old: str, new: str) -> None:
    """Carry a claim's history over to its new id."""
    row = get_claim(connection, old)
    if row is None or get_claim(connection, new) is not None:
        return
    connection.execute(insert(claim).values(dict(row) | {"id": new}))
    for table in (verdict, rule, match, alert, digest_line):
        connection.execute(update(table).where(table.c.claim_id == old).values(claim_id=new))
    connection.execute(delete(claim).where(claim.c.id == old))


def get_claim(connection: Connection, claim_id: str) -> RowMapping | None:
    """The claim's row, if it was ever watched."""
    return connection.execute(select(claim).where(claim.c.id == claim_id)).mappings().one_or_none()


def claims(connection: Connection) -> Sequence[str]:
    """Ids of every claim that was ever watched."""
    return connection.execute(select(claim.c.id).order_by(claim.c.id)).scalars().all()


def verdicts(connection: Connection, claim_id: str) -> Sequence[RowMapping]:
    """The claim's verdict history, oldest first."""
    query = select(verdict).where(verdict.c.claim_id == claim_id).order_by(verdict.c.id)
    return connection.execute(query).mappings().all()


def announce(connection: Connection, claim_id: str, *, now: datetime) -> None:
    """Remember that the digest of what was already there went out."""
    connection.execute(update(claim).where(claim.c.id == claim_id).values(announced_at=now))


def told_blind(connection: Connection) -> frozenset[str]:
    """Ids of the claims that people know to be blind."""
    return frozenset(connection.execute(select(claim.c.id).where(claim.c.told_blind_at.is_not(None))).scalars())


def mark_blind(connection: Connection, claim_id: str, at: datetime | None) -> None:
    """Remember that people were told that a claim is blind; with None, that they were told it is over."""
    connection.execute(update(claim).where(claim.c.id == claim_id).values(told_blind_at=at))


def rules_of(connection: Connection, claim_id: str) -> set[str]:
    """Ids of the claim's rules that have been told what was already there."""
    return set(connection.execute(select(rule.c.rule_id).where(rule.c.claim_id == claim_id)).scalars())


def add_rules(connection: Connection, claim_id: str, rule_ids: Iterable[str], *, now: datetime) -> None:
    """These rules have now been told what was already there."""
    rows = [{"claim_id": claim_id, "rule_id": rule_id, "watched_since": now} for rule_id in rule_ids]
    if rows:
        connection.execute(insert(rule), rows)


def read_note(connection: Connection, name: str) -> str:
    """A word the service left for itself; empty when it left none."""
    return connection.execute(select(note.c.value).where(note.c.name == name)).scalar_one_or_none() or ""


def write_note(connection: Connection, name: str, value: str) -> None:
    """Leave a word for later."""
    connection.execute(delete(note).where(note.c.name == name))
    connection.execute(insert(note).values(name=name, value=value))

"""Evidence: answers as they came, and which alerts rest on them. Kept as long as the alert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, insert, select

from storage.tables import alert_evidence, evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvidence:
    """An answer, to be kept."""

    what: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    text: str
    """What was read in it."""


def keep(connection: Connection, alert_id: int, new: NewEvidence) -> None:
    """Let an alert rest on an answer; the same bytes from the same address are stored once, and linked once."""
    digest = _digest(new.body)
    key = sha256(digest + new.url.encode()).digest()
    evidence_id = connection.execute(select(evidence.c.id).where(evidence.c.key == key)).scalar_one_or_none()
    if evidence_id is None:
        values = {
            "key": key,
            "sha256": digest,
            "url": new.url,
            "status": new.status,
            "headers": [list(header) for header in new.headers],
            "body": new.body,
        }
        evidence_id = connection.execute(insert(evidence).returning(evidence.c.id), values).scalar_one()
    place = {"alert_id": alert_id, "evidence_id": evidence_id}
    if connection.execute(select(alert_evidence.c.what).filter_by(**place)).first() is None:
        link = place | {"what": new.what, "fetched_at": new.fetched_at, "text": new.text}
        connection.execute(insert(alert_evidence), link)


@lru_cache(maxsize=2)
def _digest(body: bytes) -> bytes:
    """Of a document that thousands of alerts rest on, taken once."""
    return sha256(body).digest()


def of_alert(connection: Connection, alert_id: int) -> Sequence[RowMapping]:
    """What an alert rests on, oldest first, without the bytes."""
    return connection.execute(_listing(), {"wanted": alert_id}).mappings().all()


@cache
def _listing() -> Select[Any]:
    columns = (evidence.c.id, evidence.c.sha256, evidence.c.url, evidence.c.status)
    return _of_alert(select(*columns, alert_evidence.c.what, alert_evidence.c.fetched_at))


def whole(connection: Connection, alert_id: int) -> Sequence[RowMapping]:
    """What an alert rests on, oldest first, with headers, bytes and text."""
    columns = (alert_evidence.c.what, alert_evidence.c.fetched_at, alert_evidence.c.text)
    return connection.execute(_of_alert(select(evidence, *columns)), {"wanted": alert_id}).mappings().all()


def _of_alert(query: Select[Any]) -> Select[Any]:
    joined = query.join_from(evidence, alert_evidence, alert_evidence.c.evidence_id == evidence.c.id)
    wanted = alert_evidence.c.alert_id == bindparam("wanted")
    return joined.where(wanted).order_by(alert_evidence.c.fetched_at, evidence.c.id)

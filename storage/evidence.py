"""Evidence: responses as received, and the alerts that are based on them. They are stored as long as the alert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, Connection, Select, bindparam, insert, select

from storage import values
from storage.tables import alert_evidence, evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvidence:
    """A response, to be stored."""

    what: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    text: str
    """The text that was read in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSummary:
    """A response that an alert is based on, without its bytes."""

    id: int
    sha256: bytes
    url: str
    status: int
    what: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvidence(EvidenceSummary):
    """A response that an alert is based on, as received."""

    headers: Sequence[Sequence[str]]
    body: bytes
    text: str
    """The text in it that the alert is about."""


def keep(connection: Connection, alert_id: int, new: NewEvidence) -> None:
    """Store a response as evidence of an alert; the same bytes of one address are stored and linked once."""
    digest = _digest(new.body)
    key = sha256(digest + new.url.encode()).digest()
    evidence_id = connection.execute(select(evidence.c.id).where(evidence.c.key == key)).scalar_one_or_none()
    if evidence_id is None:
        answer = {
            "key": key,
            "sha256": digest,
            "url": new.url,
            "status": new.status,
            "headers": [list(header) for header in new.headers],
            "body": new.body,
        }
        evidence_id = connection.execute(insert(evidence).returning(evidence.c.id), answer).scalar_one()
    place = {"alert_id": alert_id, "evidence_id": evidence_id}
    if connection.execute(select(alert_evidence.c.what).filter_by(**place)).first() is None:
        link = place | {"what": new.what, "fetched_at": new.fetched_at, "text": new.text}
        connection.execute(insert(alert_evidence), link)


@lru_cache(maxsize=2)
def _digest(body: bytes) -> bytes:
    """Read a document once, even if thousands of alerts are based on it."""
    return sha256(body).digest()


def of_alert(connection: Connection, alert_id: int) -> list[EvidenceSummary]:
    """Return what an alert rests on, oldest first, without the bytes."""
    return values.every(connection, _summaries(), EvidenceSummary, {"wanted": alert_id})


def whole(connection: Connection, alert_id: int) -> list[StoredEvidence]:
    """Return what an alert rests on, oldest first, with headers, bytes and text."""
    columns = (*values.columns(evidence, StoredEvidence), *values.columns(alert_evidence, StoredEvidence))
    return values.every(connection, _of_alert(*columns), StoredEvidence, {"wanted": alert_id})


@cache  # used for every message about an alert, and building the statement takes longer than running it
def _summaries() -> Select[Any]:
    return _of_alert(*values.columns(evidence, EvidenceSummary), *values.columns(alert_evidence, EvidenceSummary))


def _of_alert(*columns: Column[Any]) -> Select[Any]:
    joined = select(*columns).join_from(evidence, alert_evidence, alert_evidence.c.evidence_id == evidence.c.id)
    wanted = alert_evidence.c.alert_id == bindparam("wanted")
    return joined.where(wanted).order_by(alert_evidence.c.fetched_at, evidence.c.id)

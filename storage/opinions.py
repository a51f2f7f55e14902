"""What the second reader answered, so that it is asked about a text once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from storage import values
from storage.tables import opinion


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOpinion:
    """An answer of the second reader, with the quote it rests on."""

    answer: str
    quote: str
    confidence: str


def find(connection: Connection, key: bytes) -> StoredOpinion | None:
    """Return what was answered to a question about a text; ``key`` is the digest of both and of the model."""
    query = select(*values.columns(opinion, StoredOpinion)).where(opinion.c.key == key)
    return values.first(connection, query, StoredOpinion)


def keep(connection: Connection, key: bytes, item_id: int, answered: StoredOpinion, *, now: datetime) -> None:
    """Store an answer; it goes with the texts of the item, which it quotes. An earlier answer is replaced."""
    connection.execute(delete(opinion).where(opinion.c.key == key))
    connection.execute(insert(opinion).values(key=key, item_id=item_id, at=now, **asdict(answered)))

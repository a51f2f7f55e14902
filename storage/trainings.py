"""What rules learnt from their examples, and the words of the stream that they learnt it with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from storage.tables import stream_words, training

RuleId = tuple[str, str]
"""The ids of a claim and of its rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTraining:
    """What a rule learnt."""

    digest: bytes
    """Digest of all that it was taught with but for the ordinary items."""
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWords:
    """How rare words were in the own stream when rules last learnt from it."""

    learnt_at: datetime
    items: int
    counts: Mapping[str, int]
    """In how many of the items each word occurs."""


def stored(connection: Connection) -> dict[RuleId, StoredTraining]:
    """Return what every rule learnt."""
    query = select(training.c.claim_id, training.c.rule_id, training.c.digest, training.c.content)
    return {
        (row.claim_id, row.rule_id): StoredTraining(digest=bytes(row.digest), content=row.content)
        for row in connection.execute(query)
    }


def put(connection: Connection, learnt: Mapping[RuleId, StoredTraining]) -> None:
    """Store what these rules learnt, in place of what they had learnt before."""
    for (claim_id, rule_id), each in learnt.items():
        connection.execute(delete(training).where(training.c.claim_id == claim_id, training.c.rule_id == rule_id))
        row = {"claim_id": claim_id, "rule_id": rule_id, "digest": each.digest, "content": each.content}
        connection.execute(insert(training), row)


def words(connection: Connection) -> StreamWords | None:
    """Return the words of the stream as rules last learnt from it; None if none ever did."""
    row = connection.execute(select(stream_words)).first()
    if row is None:
        return None
    return StreamWords(learnt_at=row.learnt_at, items=row.items, counts=json.loads(row.counts))


def put_words(connection: Connection, found: StreamWords) -> None:
    """Store the words of the stream, in place of those before, and drop all that was learnt with those."""
    connection.execute(delete(stream_words))
    connection.execute(delete(training))
    counts = json.dumps(found.counts, sort_keys=True)
    connection.execute(insert(stream_words), {"learnt_at": found.learnt_at, "items": found.items, "counts": counts})

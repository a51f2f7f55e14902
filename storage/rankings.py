"""How likely items are what rules with examples look for: what competes for the lines of a day's digest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, insert, select

from storage import values
from storage.tables import alert, item, ranking, source


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRanking:
    """An item ranked by one rule, to be stored."""

    claim_id: str
    rule_id: str
    score: float
    floor: float
    """Score from which it could be a line of a digest."""
    tier: str
    passage: str
    resembles: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRanking(NewRanking):
    """An item ranked by one rule."""

    item_id: int
    story_id: int
    source: str
    """The name of its source."""
    at: datetime
    """When this text of it was first seen."""
    alert_id: int | None
    """The alert of the claim about its story."""


def put(connection: Connection, item_id: int, rankings: Sequence[NewRanking], *, now: datetime) -> None:
    """Store how an item ranks as it reads now, in place of how it ranked before."""
    connection.execute(delete(ranking).where(ranking.c.item_id == item_id))
    add(connection, item_id, rankings, now=now)


def add(connection: Connection, item_id: int, rankings: Sequence[NewRanking], *, now: datetime) -> None:
    """Store how an item ranks for rules that have not ranked it yet."""
    by = select(ranking.c.claim_id, ranking.c.rule_id).where(ranking.c.item_id == item_id)
    ranked = set(map(tuple, connection.execute(by))) if rankings else set()
    rows = [
        {"item_id": item_id, "at": now, **asdict(each)}
        for each in rankings
        if (each.claim_id, each.rule_id) not in ranked
    ]
    if rows:
        connection.execute(insert(ranking), rows)


def between(connection: Connection, claim_id: str, after: datetime, until: datetime) -> list[StoredRanking]:
    """Return what was ranked for a claim in a time, most likely first."""
    query = _ranked(claim_id).where(ranking.c.at > after, ranking.c.at <= until)
    return values.every(connection, query, StoredRanking)


def waiting(connection: Connection, claim_id: str, tiers: Sequence[str], *, since: datetime) -> list[StoredRanking]:
    """Return what competes for lines, most likely first: ranked so since a moment, of a story nobody was told of."""
    query = _ranked(claim_id).where(ranking.c.at >= since, ranking.c.tier.in_(tiers), alert.c.id.is_(None))
    return values.every(connection, query, StoredRanking)


def best_of_stories(rankings: Iterable[StoredRanking]) -> list[StoredRanking]:
    """Return of each story its first ranking, in their order."""
    stories: dict[int, StoredRanking] = {}
    for each in rankings:
        stories.setdefault(each.story_id, each)
    return list(stories.values())


def _ranked(claim_id: str) -> Select[Any]:
    # SELECT ranking.*, item.story_id, source.name AS source, alert.id AS alert_id
    # FROM ranking JOIN item ON ... JOIN source ON ... LEFT JOIN alert ON alert.claim_id = ... AND alert.story_id = ...
    # WHERE ranking.claim_id = :claim ORDER BY score DESC, item_id, rule_id
    told = and_(alert.c.claim_id == ranking.c.claim_id, alert.c.story_id == item.c.story_id)
    return (
        select(
            *values.columns(ranking, StoredRanking),
            item.c.story_id,
            source.c.name.label("source"),
            alert.c.id.label("alert_id"),
        )
        .join_from(ranking, item, item.c.id == ranking.c.item_id)
        .join(source, source.c.id == item.c.source_id)
        .outerjoin(alert, told)
        .where(ranking.c.claim_id == claim_id)
        .order_by(ranking.c.score.desc(), ranking.c.item_id, ranking.c.rule_id)
    )

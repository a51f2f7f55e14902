"""What a claim's sources and rules brought since a given time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.tables import item, match, near_miss


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How many of each were stored."""

    items: int
    """New items in these sources."""
    hits: int
    """Hits of the claim's rules, without suppressed ones."""
    suppressed: int
    near_misses: int


def figures(
    connection: Connection, claim_id: str, rules: Collection[str], sources: Collection[int], *, since: datetime
) -> Figures:
    """Return what these sources and rules of a claim brought."""
    new = select(func.count()).where(item.c.source_id.in_(sources), item.c.already_there.is_(False))
    new = new.where(item.c.first_seen_at >= since)
    matched = select(func.count()).select_from(match).where(match.c.claim_id == claim_id, match.c.rule_id.in_(rules))
    matched = matched.where(match.c.at >= since)
    near = select(func.count()).select_from(near_miss).where(near_miss.c.claim_id == claim_id, near_miss.c.at >= since)
    return Figures(
        items=connection.execute(new).scalar_one(),
        hits=connection.execute(matched.where(match.c.suppressed_by == "")).scalar_one(),
        suppressed=connection.execute(matched.where(match.c.suppressed_by != "")).scalar_one(),
        near_misses=connection.execute(near).scalar_one(),
    )

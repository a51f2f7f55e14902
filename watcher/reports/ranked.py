"""How the items of a day rank for a claim: what was told, what competes for a line, and what is under the floor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage import items, rankings
from storage.database import Connection
from storage.rankings import StoredRanking

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RankedItem:
    """An item with its place in the ranking of a day."""

    ranking: StoredRanking
    title: str
    link: str


def ranked_items(
    connection: Connection, claim_id: str, after: datetime, until: datetime, *, limit: int
) -> list[RankedItem]:
    """Return what was ranked for a claim in a time, most likely first; of a story its best item."""
    ranked = rankings.between(connection, claim_id, after, until)
    return [_with_item(connection, each) for each in rankings.best_of_stories(ranked)[:limit]]


def bounds(day: date | None, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """Return where a day of the desk begins and ends; without one, the last 24 hours."""
    if day is None:
        return now - DAY, now
    return datetime.combine(day, time(), zone), datetime.combine(day + DAY, time(), zone)


def _with_item(connection: Connection, ranking: StoredRanking) -> RankedItem:
    row = items.get(connection, ranking.item_id)
    return RankedItem(ranking, row.title, row.link)

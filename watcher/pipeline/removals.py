"""Items that a source which keeps its items no longer shows: removed, or out of sight because the page was rebuilt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from storage import items
from storage.database import Connection
from storage.items import ItemPresence
from watcher.model import Source
from watcher.pipeline.alerting import AlertWriter

MAX_REMOVED_TOGETHER: Final = 3
"""So many items can be removed on one day."""
MIN_SHARE_LEFT: Final = 0.1
"""A source that shows a smaller share of its items was rebuilt, or is read wrongly."""
GIVE_UP_AFTER: Final = timedelta(days=7)
"""After that its old items count as removed, without a message for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingItems:
    """What a complete reading says about the items it did not have."""

    first: tuple[int, ...] = ()
    """Items missing for the first time, to be confirmed."""
    removed: tuple[int, ...] = ()
    """Items missing for the second time: removed."""
    given_up: tuple[int, ...] = ()
    """Items out of sight since the source was rebuilt, long ago."""
    lost: int = 0
    """How many items are out of sight together, so that none of them is called gone."""

    @property
    def again(self) -> bool:
        """Whether the next reading has to be a full one."""
        return bool(self.first or self.lost)


def judge(known: Sequence[ItemPresence], present: Collection[int], now: datetime) -> MissingItems:
    """``known``: the items that are not removed; ``present``: the ids of those that the reading has."""
    absent = [row for row in known if row.id not in present]
    first = tuple(row.id for row in absent if row.missing_since is None)
    again = tuple(row.id for row in absent if row.missing_since is not None)
    since = min((row.missing_since for row in absent if row.missing_since), default=now)
    left = [row for row in known if row.id in present and row.first_seen_at < since]
    if len(absent) < MAX_REMOVED_TOGETHER or len(left) >= MIN_SHARE_LEFT * (len(absent) + len(left)):
        return MissingItems(first=first, removed=again)
    if now - since >= GIVE_UP_AFTER:
        return MissingItems(first=first, given_up=again)
    return MissingItems(first=first, lost=len(absent))


def note(
    connection: Connection, source_id: int, source: Source, present: Collection[int], writer: AlertWriter
) -> MissingItems:
    """Store which items are missing, present again, or removed, with everything that follows from it."""
    absence = judge(items.not_removed(connection, source_id), present, writer.now)
    items.mark_missing(connection, absence.first, now=writer.now)
    items.mark_removed(connection, (*absence.removed, *absence.given_up), now=writer.now)
    items.mark_present(connection, source_id, present)
    for item_id in absence.removed:
        writer.gone(connection, source, item_id)
    return absence

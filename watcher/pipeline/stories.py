"""The story of a new item: looked up and joined inside the transaction that stores the item."""

from __future__ import annotations

from dataclasses import dataclass

from storage import items, stories
from storage.database import Connection
from storage.items import StoredItem
from storage.stories import StoryMember
from watcher.judging import (
    BOILERPLATE_STORIES,
    MIN_SHARED,
    Kinship,
    Novelty,
    Outlet,
    Relation,
    StoryText,
    origin,
    relate,
)
from watcher.messages import OutletView
from watcher.model import Entry, Source
from watcher.pipeline import entries
from watcher.pipeline.judgement import body
from watcher.rulebook import Rulebook

MAX_CANDIDATES = 3
_NOVELTY = {Kinship.COPY: Novelty.COPY, Kinship.EXTENDED: Novelty.EXTENDED, Kinship.SEPARATE: Novelty.NEW}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFingerprint:
    """What copies of an item are found by."""

    hashes: tuple[int, ...] = ()
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMatch:
    """The relation of a new item to the known stories."""

    novelty: Novelty = Novelty.NEW
    relation: Relation | None = None

    def fresh(self, matched: tuple[str, ...]) -> tuple[str, ...]:
        """Sentences that are new in a known story, if people must see any."""
        if self.relation is None or self.novelty is Novelty.NEW:
            return ()
        adds = self.novelty is Novelty.EXTENDED or any(self.relation.adds(words) for words in matched)
        return self.relation.fresh if adds else ()


def place(
    connection: Connection, row: StoredItem, entry: Entry, source: Source, fingerprint: StoryFingerprint, book: Rulebook
) -> StoryMatch:
    """Find the story of a stored item, and let the item join it."""
    stories.one_at_a_time(connection)
    telling = StoryText(text=body(entry), signature=fingerprint.signature, official=source.official)
    near = stories.candidates(
        connection,
        fingerprint.hashes,
        host=row.host,
        at_least=MIN_SHARED,
        boilerplate=BOILERPLATE_STORIES,
        limit=MAX_CANDIDATES + 1,
    )
    for kin in near:
        if kin.item_id == row.id:
            continue
        old = items.get(connection, kin.item_id)
        official = book.source_of(old.source).official
        told = StoryText(text=body(entries.entry(old)), signature=old.signature, official=official)
        relation = relate(telling, told, kin.shared)
        if relation.kind is not Kinship.SEPARATE:
            stories.join(connection, row.id, old.story_id)
            return StoryMatch(novelty=_NOVELTY[relation.kind], relation=relation)
    return StoryMatch()


def others(connection: Connection, story_id: int, item_id: int, book: Rulebook) -> tuple[tuple[OutletView, ...], str]:
    """Return the other outlets of a story, and its likely origin in words."""
    members = stories.members(connection, story_id)
    if len(members) < 2:
        return (), ""
    views = [
        OutletView(outlet=row.outlet or row.source, link=row.link, seen=row.first_seen_at)
        for row in members
        if row.id != item_id
    ]
    return tuple(views), str(origin([_outlet(row, book) for row in members]))


def _outlet(row: StoryMember, book: Rulebook) -> Outlet:
    text = f"{row.summary}\n\n{row.page or row.body}"
    return Outlet(
        name=row.outlet or row.source,
        author=row.author,
        text=text,
        at=row.published_at or row.first_seen_at,
        official=book.source_of(row.source).official,
    )

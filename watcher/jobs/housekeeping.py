"""Forgetting: one item because somebody asked for it, or everything that is old enough.

What was told stays as a fact: alerts, answers and hits keep their rows. What was said goes: texts, and every quote of
them in messages. The keys stay, so that nothing comes back as new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from html import escape
from typing import Any

import structlog

from storage import housekeeping, notes, restore, sources
from storage.database import Connection, Database
from storage.housekeeping import MessageTexts, StoredMessage
from storage.items import Revision
from watcher.model import Clock, ConfigError
from watcher.text.lines import one_line
from watcher.text.links import web_link

log = structlog.get_logger()

BATCH_SIZE = 200
"""Rows removed in one transaction: far below a second, so that nobody waits for it."""
REMOVED = "What this was about has been removed from watcher at somebody's request."
ONE_REMOVED = "An item of this digest has been removed from watcher at somebody's request."


@dataclass(frozen=True, slots=True)
class _Item:
    """By what an item is recognised in a message."""

    titles: frozenset[str]
    links: frozenset[str]

    @classmethod
    def of(cls, revisions: Sequence[Revision]) -> _Item:
        titles = (one_line(each.title) for each in revisions)
        links = (web_link(each.link) for each in revisions)
        return cls(frozenset(filter(None, titles)), frozenset(filter(None, links)))

    def is_shown(self, data: Mapping[str, Any]) -> bool:
        """Whether a message's data describe it."""
        if data["url"] and self.links:
            return data["url"] in self.links
        return any(title.startswith(data["title"].removesuffix("…")) for title in self.titles if data["title"])

    def stands_in(self, block: str) -> bool:
        """Whether a stretch of text or HTML gives its address, or without one its title, on a line of its own."""
        lines = [line.partition(": ")[2] or line for line in block.splitlines()]
        if self.links:
            return any(link in lines or f'href="{escape(link)}"' in block for link in self.links)
        return any(title in lines or f"</strong> {escape(title)}<" in f"{block}<" for title in self.titles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How much was removed."""

    items: int
    revisions: int
    messages: int
    evidence_kept: int
    """Documents that had to be kept, for other alerts rest on them."""
    erased: bool
    """Whether all is gone from SQLite's log, too."""


def forget(database: Database, clock: Clock, *, item: str) -> Forgotten:
    """Remove what an item said: by its number, or by its address, which may be that of several.

    Raises `ConfigError` when there is no such item.
    """
    with database.write() as connection:
        ids = _ids(connection, item)
        gone = sum((_forget(connection, item_id, clock) for item_id in ids), Counter[str]())
    forgotten = Forgotten(
        items=gone["items"],
        revisions=gone["revisions"],
        messages=gone["messages"],
        evidence_kept=gone["evidence_kept"],
        erased=database.erase_traces(),
    )
    log.info("items forgotten", ids=ids, **asdict(forgotten))
    return forgotten


def tidy(database: Database, clock: Clock, keep: timedelta | None) -> tuple[int, int]:
    """Remove texts and messages that are older than ``keep``; says of how many items, and how many messages.

    Left alone are items that an alert refers to or that their source still shows, and messages that are not sent or
    whose alert waits for an answer. Without ``keep`` everything stays.
    """
    if keep is None:
        return 0, 0
    before = clock() - keep
    with database.read() as connection:  # an edit is compared with what a source showed last
        last_shown = [sources.unpack_fingerprints(packed) for packed in sources.last_shown(connection)]
    shown = frozenset(item_id for fingerprints in last_shown for item_id in fingerprints.values())
    last = 0

    def old_items(connection: Connection) -> Sequence[int]:
        nonlocal last
        found = housekeeping.old_items(connection, before=before, limit=BATCH_SIZE, without=shown, after=last)
        last = found[-1] if found else last
        return found

    def old_messages(connection: Connection) -> Sequence[int]:
        return housekeeping.old_messages(connection, before=before, limit=BATCH_SIZE)

    items = _in_batches(database, old_items, housekeeping.remove_texts)
    messages = _in_batches(database, old_messages, housekeeping.remove_messages)
    if items or messages:
        log.info("old texts removed", items=items, messages=messages, before=before.date().isoformat())
    return items, messages


def catch_up(database: Database, clock: Clock) -> None:
    """Read every source as if for the first time, by a database that was put back and may have missed days."""
    with database.write() as connection:
        restore.catch_up(connection, now=clock())
    log.info("catching up: what the next visits bring goes into one digest")


def _in_batches(
    database: Database,
    find: Callable[[Connection], Sequence[int]],
    remove: Callable[[Connection, Sequence[int]], int],
) -> int:
    """Found by a reader, removed by the writer, a few at a time; says how many were found."""
    total = 0
    while True:
        with database.read() as connection:
            found = find(connection)
        if not found:
            return total
        with database.write() as connection:
            remove(connection, found)
        total += len(found)


def _ids(connection: Connection, item: str) -> list[int]:
    if item.isdecimal():
        found = [int(item)] if housekeeping.revisions(connection, int(item)) else []
    else:
        found = list(housekeeping.items_at(connection, item))
    if not found:
        raise ConfigError(f"no item is known as {one_line(item)!r}: give its number, or its address as an alert has it")
    return found


def _forget(connection: Connection, item_id: int, clock: Clock) -> Counter[str]:
    revisions = housekeeping.revisions(connection, item_id)
    known = _Item.of(revisions)
    links = {each.link for each in revisions} | {url for each in revisions for url, _ in each.attached}
    gone = Counter(items=1, evidence_kept=housekeeping.remove_evidence(connection, item_id, links))
    for message in housekeeping.messages_about(connection, item_id):
        if (texts := without(message, known)) is not None:
            housekeeping.rewrite_message(connection, message.id, texts)
            gone["messages"] += 1
    housekeeping.drop_waiting_lines(connection, item_id)
    gone["revisions"] = housekeeping.remove_texts(connection, [item_id])
    notes.mark_forgotten(connection, item_id, now=clock())
    return gone


def without(message: StoredMessage, item: _Item) -> MessageTexts | None:
    """The message without what it says of an item; None when it says nothing of it.

    A message about the item keeps its subject, which is about claim and rule. A digest keeps its other items.
    """
    payload = message.data
    data = payload["data"]
    if "entries" in data:
        kept = [entry for entry in data["entries"] if not item.is_shown(entry["item"])]
        return {
            "text": _cut(message.text, "\n\n", item),
            "html": _cut(message.html, "\n<p>", item, end="</p>"),
            "data": {**payload, "data": data | {"entries": kept, "notes": [*data["notes"], ONE_REMOVED]}},
        }
    if "item" not in data or not item.is_shown(data["item"]):
        return None
    bare = {
        "item": data["item"] | {"title": "", "author": ""},
        "rules": [rule | {"quotes": [], "why": "", "resembles": ""} for rule in data["rules"]],
        "label": None,
        "changed_sentences": [],
    }
    if "news" in data:
        bare["news"] = []
    subject = escape(message.subject)
    return {
        "text": f"{message.subject}\n\n{REMOVED}\n",
        "html": f"<!DOCTYPE html>\n<html><body><p>{subject}</p>\n<p>{REMOVED}</p></body></html>\n",
        "data": {**payload, "data": data | bare},
    }


def _cut(text: str, border: str, item: _Item, end: str = "") -> str:
    """The text without the blocks that the item stands in."""
    return border.join(ONE_REMOVED + end if item.stands_in(block) else block for block in text.split(border))

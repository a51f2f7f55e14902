"""What is new, what was edited, what was here before: decided from keys and hashes alone.

No single key can be trusted. Publishers change the scheme or host of every guid at once, make guids at random on every
request, give one guid to all items, reuse a guid for another article, put the title into it, change all dates every
day. So an entry has keys of three tiers: *same* (the same words at the same place), *own* (the guid) and *weak* (title,
place and date; the link; the title alone). The weaker the tier, the more evidence it needs: an own key is not believed
if it leads to an article about something else, or to one with other words, another address and another date; a weak key
only if no other entry of the document is that item. In doubt an entry is new: people can close a superfluous alert, but
they cannot notice a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit

from courlan import normalize_url

from watcher.model import Entry, EventKind
from watcher.text.words import WORD

MIN_SIMILARITY = 0.5
"""Two versions of one text have at least this share of the smaller one's words in common."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys by which an entry is recognised, sixteen bytes each."""

    same: bytes
    own: tuple[bytes, ...]
    weak: tuple[bytes, ...]

    @property
    def all(self) -> tuple[bytes, ...]:
        """Every key, the most reliable first."""
        return (self.same, *self.own, *self.weak)


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What is known of a stored item from when it was last read."""

    hash: bytes
    title: str
    link: str
    words: str
    """Its summary and text."""
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about one entry of a document."""

    entry: Entry
    keys: tuple[bytes, ...]
    hash: bytes
    event: EventKind | None
    """NEW, EDITED, or None if nothing changed."""
    item_id: int | None
    """The id of the item; None for a new one."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    entry: Entry
    keys: Keys
    hash: bytes


def content_hash(entry: Entry) -> bytes:
    """Return sixteen bytes that identify the words of the entry; its dates and its address do not count."""
    return _digest("content", _spaced(entry.title), _spaced(entry.summary), _spaced(entry.text))


def version(entry: Entry) -> bytes:
    """Return sixteen bytes that change with an edit: of the words, or of the attached documents."""
    papers = (f"{document.name} {normal_link(document.url)}" for document in entry.attached)
    return _digest("with papers", content_hash(entry).hex(), *papers) if entry.attached else content_hash(entry)


def keys(entry: Entry) -> Keys:
    """Return all keys of an entry."""
    title, link = _title(entry.title), normal_link(entry.link)
    place = _without_host(link)
    own: tuple[bytes, ...] = ()
    if entry.guid and entry.guid_shared:
        own = (_digest("shared guid", entry.guid, link, title),)
    elif entry.guid:
        own = (_digest("guid", entry.guid), _digest("guid as link", normal_link(entry.guid)))
    weak = []
    if entry.published is not None:
        moment = entry.published.isoformat()
        weak.append(_digest("dated", place, title, moment))
        if title:  # for an address that is corrected, or different on every request
            weak.append(_digest("dated words", content_hash(entry).hex(), moment))
    if place:
        weak.append(_digest("link", link))
    elif title:
        weak.append(_digest("title", title))
    return Keys(_digest("same", place, content_hash(entry).hex()), own, tuple(weak))


def decide(
    entries: Sequence[Entry],
    owners: Mapping[bytes, int],
    known: Mapping[int, KnownItem],
    present: Collection[int] = (),
) -> tuple[Decision, ...]:
    """Decide for each entry of one document which item it is, and what happened to it.

    ``owners``: the stored item that
    each key belongs to; ``known``: those items; ``present``: the items that the document holds beside these entries.
    Entries that repeat another word for word are dropped.
    """
    candidates = [_Candidate(entry, keys(entry), version(entry)) for entry in entries]
    items = _recognised(candidates, owners, known, set(present))
    decisions: list[Decision] = []
    seen: set[tuple[bytes, str]] = set()
    for number, candidate in enumerate(candidates):
        words_and_place = (candidate.keys.same, normal_link(candidate.entry.link))
        if words_and_place in seen:
            continue
        seen.add(words_and_place)
        item_id = items.get(number)
        edited = item_id is not None and known[item_id].hash != candidate.hash
        event = EventKind.NEW if item_id is None else EventKind.EDITED if edited else None
        decisions.append(
            Decision(entry=candidate.entry, keys=candidate.keys.all, hash=candidate.hash, event=event, item_id=item_id)
        )
    return tuple(decisions)


def _recognised(
    candidates: Sequence[_Candidate], owners: Mapping[bytes, int], known: Mapping[int, KnownItem], taken: set[int]
) -> dict[int, int]:
    """Return the item of each candidate, by its number. A stronger tier is tried for all before a weaker one."""
    found: dict[int, int] = {}
    for tier in (_same, _own, _weak):
        for number, candidate in enumerate(candidates):
            if number in found:
                continue
            item_ids = (owners[key] for key in tier(candidate.keys) if key in owners)
            item_id = next((one for one in item_ids if _plausible(candidate, known[one], tier, one in taken)), None)
            if item_id is not None:
                found[number] = item_id
                if tier is not _same:
                    taken.add(item_id)
        taken |= set(found.values())
    return found


def _same(own: Keys) -> tuple[bytes, ...]:
    return (own.same,)


def _own(own: Keys) -> tuple[bytes, ...]:
    return own.own


def _weak(own: Keys) -> tuple[bytes, ...]:
    return own.weak


def _plausible(candidate: _Candidate, item: KnownItem, tier: Callable[[Keys], tuple[bytes, ...]], taken: bool) -> bool:
    """Return whether an entry with an item's key is still that item, and not another that reuses the key."""
    entry = candidate.entry
    same_link = normal_link(item.link) == normal_link(entry.link)
    if taken:
        return tier is _same and same_link
    if tier is _same or (tier is _own and same_link):
        return True
    elsewhere = _without_host(normal_link(entry.link)) != _without_host(normal_link(item.link))
    redated = None not in (entry.published, item.published) and entry.published != item.published
    if tier is _own and elsewhere and redated:
        return item.hash == candidate.hash  # else only the guid agrees, and some sources give one guid to all items
    if _title(entry.title) == _title(item.title):
        return True
    same_words = tier is _own and _similar(f"{entry.summary} {entry.text}", item.words)
    return same_words or _similar(entry.title, item.title)


def _similar(one: str, other: str) -> bool:
    words, others = set(WORD.findall(one.casefold())), set(WORD.findall(other.casefold()))
    smaller = min(len(words), len(others))
    return smaller > 0 and len(words & others) / smaller >= MIN_SIMILARITY


@lru_cache(maxsize=4096)
def normal_link(link: str) -> str:
    """Return an address without what may change on the same page: scheme, ``www.``, tracking, fragment, last slash."""
    try:
        cleaned = normalize_url(link.strip(), strict=False, trailing_slash=False)
    except ValueError:
        cleaned = link.strip()
    without_scheme = re.sub(r"^https?://(www\.)?", "", cleaned, flags=re.IGNORECASE)
    return without_scheme.partition("#")[0].rstrip("/")


def _without_host(link: str) -> str:
    parts = urlsplit(f"//{link}") if link else urlsplit("")
    return f"{parts.path}?{parts.query}".strip("/?")


def _title(text: str) -> str:
    return _spaced(text).casefold()


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _digest(*parts: str) -> bytes:
    return blake2b("\x1f".join(parts).encode(errors="surrogatepass"), digest_size=16).digest()

"""What is new, what was edited, what was here before: decided from keys and hashes alone.

No single key can be trusted. Publishers change the scheme or host of every guid at once, make guids at random on
every request, give one guid to all items, reuse a guid for another article, put the title into it, date everything
anew each day. So an entry has keys of three tiers: *same* (the same words at the same place), *own* (the guid) and
*weak* (title, place and date; the link; the title alone). The weaker the tier, the more must speak for it: own keys
must not lead to an article about something else, nor to one in other words, at another place and of another date, and
weak ones only to an item that nothing else in the document is. In doubt an entry is new: an alert too many can be
closed, an alert too few cannot be noticed.
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

SIMILAR = 0.5
"""Share of the smaller text's words that two versions of one text have in common."""


@dataclass(frozen=True, slots=True)
class Keys:
    """By what an entry can be recognised, sixteen bytes each."""

    same: bytes
    own: tuple[bytes, ...]
    weak: tuple[bytes, ...]

    @property
    def all(self) -> tuple[bytes, ...]:
        """Every key, the surest first."""
        return (self.same, *self.own, *self.weak)


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What a stored item last item."""

    hash: bytes
    title: str
    link: str
    words: str
    """Its summary and text."""
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one entry of a document is."""

    entry: Entry
    keys: tuple[bytes, ...]
    hash: bytes
    event: EventKind | None
    """NEW, EDITED, or None: it is as it was."""
    item_id: int | None
    """The item that it is; None for a new one."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    entry: Entry
    keys: Keys
    hash: bytes


def content_hash(entry: Entry) -> bytes:
    """Sixteen bytes over what the entry says; neither its dates nor its address are part of that."""
    return _digest("content", _spaced(entry.title), _spaced(entry.summary), _spaced(entry.text))


def version(entry: Entry) -> bytes:
    """Sixteen bytes over what makes an edit: what the entry says, and which documents are attached to it."""
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
        if title:  # an address that is corrected, or new on every request
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
    """Say of each entry of one document what it is.

    ``owners`` tells which stored item each key belongs to, ``known`` those items, ``present`` which
    items the document holds beside these entries. Entries that repeat another word for word come out once.
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
        event = _event(candidate, None if item_id is None else known[item_id])
        decisions.append(
            Decision(entry=candidate.entry, keys=candidate.keys.all, hash=candidate.hash, event=event, item_id=item_id)
        )
    return tuple(decisions)


def _event(candidate: _Candidate, item: KnownItem | None) -> EventKind | None:
    if item is None:
        return EventKind.NEW
    return None if item.hash == candidate.hash else EventKind.EDITED


def _recognised(
    candidates: Sequence[_Candidate], owners: Mapping[bytes, int], known: Mapping[int, KnownItem], taken: set[int]
) -> dict[int, int]:
    """Which item each candidate is, by its number; a surer tier is asked of all before a weaker one of any."""
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
    """Return whether an entry that carries an item's key is that item still, and not another under a key used again."""
    entry = candidate.entry
    same_link = normal_link(item.link) == normal_link(entry.link)
    if taken:
        return tier is _same and same_link
    if tier is _same or (tier is _own and same_link):
        return True
    if tier is _own and _is_elsewhere(entry, item) and _is_redated(entry, item):
        return item.hash == candidate.hash  # else nothing but the guid agrees: a source may have one for all it shows
    if _title(entry.title) == _title(item.title):
        return True
    same_words = tier is _own and _similar(f"{entry.summary} {entry.text}", item.words)
    return same_words or _similar(entry.title, item.title)


def _is_elsewhere(entry: Entry, item: KnownItem) -> bool:
    return _without_host(normal_link(entry.link)) != _without_host(normal_link(item.link))


def _is_redated(entry: Entry, item: KnownItem) -> bool:
    return None not in (entry.published, item.published) and entry.published != item.published


def _similar(one: str, other: str) -> bool:
    words, others = set(WORD.findall(one.casefold())), set(WORD.findall(other.casefold()))
    smaller = min(len(words), len(others))
    return smaller > 0 and len(words & others) / smaller >= SIMILAR


@lru_cache(maxsize=4096)
def normal_link(link: str) -> str:
    """An address without what changes while the page does not: scheme, ``www.``, tracking, fragment, last slash."""
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

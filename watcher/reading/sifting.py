"""Entries that were all parsed are told apart by what they say: which of them have been read before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from watcher.model import Entry, Memory, Reading
from watcher.reading.scan import fingerprint


def sifted(entries: Sequence[Entry], seen: frozenset[bytes]) -> Reading:
    """A reading of entries that were all parsed: here what is known is known by the finished entry."""
    prints = [fingerprint(repr(entry).encode()) for entry in entries]
    finished = marked(entries, prints, Counter(entry.guid for entry in entries))
    return Reading(
        entries=tuple(entry for entry in finished if entry.fingerprint not in seen),
        skipped=seen.intersection(prints),
        memory=Memory(fingerprints=frozenset(prints)),
        total=len(entries),
    )


def marked(entries: Iterable[Entry], prints: Iterable[bytes], guids: Counter[str]) -> tuple[Entry, ...]:
    """The entries that say anything, with their fingerprints, and marked where others have their guid too."""
    return tuple(
        replace(entry, fingerprint=own, guid_shared=bool(entry.guid) and guids[entry.guid] > 1)
        for entry, own in zip(entries, prints, strict=True)
        if entry.title or entry.link or entry.summary or entry.text
    )

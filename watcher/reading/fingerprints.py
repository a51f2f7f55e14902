"""Fingerprints of entries, by which those that were read before are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b

from watcher.model import Entry, Memory, Reading

FINGERPRINT_BYTES = 16


def fingerprint(canonical: bytes) -> bytes:
    """Return the fingerprint of an entry, given in a form that is the same whenever the entry is."""
    return blake2b(canonical, digest_size=FINGERPRINT_BYTES).digest()


def reading_of(entries: Sequence[Entry], known: frozenset[bytes]) -> Reading:
    """Return a reading of entries that were all parsed; its entries are those whose fingerprint is not ``known``."""
    own = [fingerprint(repr(entry).encode()) for entry in entries]
    finished = with_fingerprints(entries, own, Counter(entry.guid for entry in entries))
    return Reading(
        entries=tuple(entry for entry in finished if entry.fingerprint not in known),
        skipped=known.intersection(own),
        memory=Memory(fingerprints=frozenset(own)),
        total=len(entries),
    )


def with_fingerprints(
    entries: Iterable[Entry], fingerprints: Iterable[bytes], guids: Counter[str]
) -> tuple[Entry, ...]:
    """Return the entries that say anything, with their fingerprints; ``guids`` says which share theirs with others."""
    return tuple(
        replace(entry, fingerprint=own, guid_shared=bool(entry.guid) and guids[entry.guid] > 1)
        for entry, own in zip(entries, fingerprints, strict=True)
        if entry.title or entry.link or entry.summary or entry.text
    )

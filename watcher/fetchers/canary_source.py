"""A source that is always there: its items prove that whatever is published becomes a message."""

from __future__ import annotations

from watcher import canary
from watcher.model import Clock, Entry, Memory, Reading, Source


class CanaryFetcher:
    """Shows one new entry at every visit."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """Return the canary of this moment."""
        now = self._clock()
        entry = Entry(guid=f"{source.id} {now.isoformat()}", title=f"{canary.WORDS} {now.isoformat()}", published=now)
        return Reading(entries=(entry,), total=1, memory=memory)

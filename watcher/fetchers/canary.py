"""The source that is always there: what it shows proves that the way from a source to a message is open."""

from __future__ import annotations

from watcher import canary
from watcher.model import Clock, Entry, Memory, Reading, Source


class CanaryFetcher:
    """Shows one new entry at every visit."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fetch(self, source: Source, memory: Memory) -> Reading:
        """The canary of this moment."""
        now = self._clock()
        entry = Entry(guid=f"{source.id} {now.isoformat()}", title=f"{canary.WORDS} {now.isoformat()}", published=now)
        return Reading(entries=(entry,), total=1, memory=memory)

"""Waits until nobody is writing the rule files any more before a change counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class Debouncer:
    """Decides from fingerprints of the files when a change has settled.

    A half-saved file can be valid, and a set of which one file is saved is half a set. So a change counts when
    the same fingerprint has been seen twice, at least ``patience`` apart, with no other one in between.
    """

    known: str
    """The fingerprint that was acted upon last."""
    patience: timedelta = timedelta(seconds=2)
    _seen: str = ""
    _since: datetime | None = None

    def settled(self, fingerprint: str, now: datetime) -> bool:
        """Whether the files are to be read again. Says so once for each change, whatever comes of the reading."""
        if fingerprint != self._seen or self._since is None or now < self._since:
            self._seen, self._since = fingerprint, now
        if fingerprint == self.known or now - self._since < self.patience:
            return False
        self.known = fingerprint
        return True

"""The error for a rule or a list: what is wrong, where, and what to write instead."""

from __future__ import annotations

from watcher.model import WatcherError


class QueryError(WatcherError):
    """A rule or a list entry that cannot be understood. Offsets count characters of its text."""

    def __init__(self, message: str, offset: int, length: int = 1, *, index: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.length = max(1, length)
        self.index = index
        """The index of the entry, for a list."""

    def moved(self, by: int) -> QueryError:
        """Return the same error for an enclosing text in which this one starts at ``offset``."""
        return QueryError(self.message, self.offset + by, self.length, index=self.index)

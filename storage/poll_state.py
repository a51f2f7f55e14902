"""How the last poll of a source ended."""

from __future__ import annotations

from enum import StrEnum


class PollState(StrEnum):
    """How the last poll of a source ended. What that says of the source is decided elsewhere, from all its polls."""

    NEW = "new"
    """None has ended yet."""
    OK = "ok"
    DAMAGED = "damaged"
    """It was read, although something was wrong with the document."""
    FAILED = "failed"
    """It could not be read; the row has the reason."""
    GONE = "gone"
    """It answered 410: it is no longer visited."""

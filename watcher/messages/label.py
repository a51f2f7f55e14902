"""The label of an alert in plain words: what the passage says, and how that is known."""

from __future__ import annotations

from watcher.messages.layout import LabelledLine, field
from watcher.model import Attribution, Direction, Label
from watcher.text.lines import one_line

_DIRECTION = {
    Direction.ASSERTS: "asserts it",
    Direction.DENIES: "denies it",
    Direction.ASKS: "asks whether it is so",
    Direction.REPORTS: "only reports what others say or what may be",
}
_KNOWN = {
    Attribution.RECORD: "a record or an official source",
    Attribution.NAMED: "a person or body that answers for it by name",
    Attribution.ANONYMOUS: "people who are not named",
    Attribution.HEARSAY: "hearsay",
    Attribution.UNKNOWN: "not said",
}


def lines(label: Label | None) -> tuple[LabelledLine, ...]:
    """Return the label as two fields; none where there is no label."""
    if label is None:
        return ()
    return (
        field("Says", _DIRECTION[label.direction] + _shown(label.direction_words)),
        field("Known from", _KNOWN[label.known] + _shown(label.known_words)),
    )


def _shown(words: str) -> str:
    return f": “{one_line(words, 200)}”" if words else ""

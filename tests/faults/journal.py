"""A log that survives whoever writes it: one JSON line an event, on the disk before anything follows from it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Record = dict[str, Any]
"""What happened, and under ``at`` when: a moment in UTC."""


class Journal:
    """Writes a log. Used by many threads of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def write(self, **record: Any) -> None:
        """Add what happened; when this returns it is on the disk."""
        with self._lock, self._path.open("ab") as file:
            line = json.dumps({"at": datetime.now(UTC).isoformat(), **record}, ensure_ascii=False)
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


class Reader:
    """Follows a log that another process writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def new(self) -> list[Record]:
        """What was added since the last call."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                added = file.read()
        except FileNotFoundError:
            return []
        whole = added[: added.rfind(b"\n") + 1]  # a line that is being written is read next time
        self._read += len(whole)
        return [_record(line) for line in whole.splitlines()]


def read(path: Path) -> list[Record]:
    """All of a log."""
    return Reader(path).new()


def _record(line: bytes) -> Record:
    record: Record = json.loads(line)
    return record | {"at": datetime.fromisoformat(record["at"])}


def of_kind(records: list[Record], kind: str) -> Iterator[Record]:
    """The records whose ``event`` is this one."""
    return (record for record in records if record["event"] == kind)

"""One process at a time: a lock that the kernel releases however the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self


class Locked(Exception):
    """Another process holds the lock."""


class ProcessLock:
    """Held by the one process that writes to a state folder; the file contains its number."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Take the lock, or raise `Locked` with the holder's process id."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode(errors="replace").strip()
            os.close(descriptor)
            raise Locked(f"process {holder} is already at work in {self.path.parent}") from None
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back. The file stays: removing it would let two processes lock two files of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

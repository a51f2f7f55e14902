"""A file that only reserves space: it is deleted when the disk is full, so that what was sent can still be settled.

This is needed if the disk fills up during a delivery. A message that was sent but cannot be settled would be sent again
and again.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from storage.errors import StorageFull, free_bytes

NAME = "reserve"
RESERVE_BYTES = 16 << 20
"""Bytes. The write-ahead log is emptied every 4 MB, and what is in it may have to be written to the database too."""
MIN_FREE_BYTES = 16 << 20
"""Bytes that must be free besides the reserve; with less, nothing new starts."""


class Reserve:
    """The reserve, held or released. ``short`` from its release until there is space to create it again."""

    def __init__(self, folder: Path, *, size: int = RESERVE_BYTES, floor: int = MIN_FREE_BYTES) -> None:
        self.path = folder / NAME
        self.short = False
        self._size = size
        self._floor = floor

    def look(self) -> None:
        """Create the reserve if there is space for it, release it if not.

        Raises `StorageFull` as long as there is too little space to start anything new.
        """
        free = free_bytes(self.path.parent)
        if self._is_held() and free < self._floor:
            self.release()
        elif not self._is_held() and free >= self._floor + self._size:
            self._make()
        self.short = not self._is_held()
        if self.short:
            free, needed = free_bytes(self.path.parent), self._floor + self._size
            raise StorageFull(
                f"{free:,} bytes are free for {self.path.parent}, and {needed:,} are needed: "
                f"nothing new is read until some space is freed; messages still go out"
            )

    def release(self) -> bool:
        """Release it; return whether there was one."""
        self.short = True
        try:
            self.path.unlink()
        except OSError:
            return False
        return True

    def _is_held(self) -> bool:
        try:
            found = self.path.stat()
        except OSError:
            return False
        return found.st_blocks * 512 >= self._size

    def _make(self) -> None:
        with contextlib.suppress(OSError):  # there was space a moment ago; the next check tries again
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
            finally:
                os.close(descriptor)

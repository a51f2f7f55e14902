"""Files that survive a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def put_in_place(file: Path, target: Path) -> None:
    """Give a finished file its name, so that a power cut leaves the old one or the new one. Raises OSError."""
    _sync(file)
    file.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

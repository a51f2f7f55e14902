"""Disks that fill up or lose power, made of memory or of a file. They need root, and are not to be had everywhere."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MB = 1 << 20
_SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN, which is XFS_IOC_GOINGDOWN: what a file system does when its power goes."""
_NO_FLUSH = 2


def _run(*command: str | Path) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{command[0]} does not work here: {done.stderr.strip()}")


def _needs(*programs: str) -> None:
    if os.geteuid():
        pytest.skip("mounting a disk needs root")
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} here")


@contextmanager
def small(folder: Path, size: int = 48 * MB) -> Iterator[Path]:
    """A disk of this size, mounted at a folder."""
    _needs("mount", "umount")
    folder.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, *, leave: int = 0) -> None:
    """Fill a disk up to so many bytes with a file called ``filler``."""
    with (folder / "filler").open("ab", buffering=0) as file:
        while (free := free_bytes(folder) - leave) > 0:
            try:
                file.write(bytes(min(free, MB)))
            except OSError:
                return


def empty(folder: Path) -> None:
    """Remove the file again."""
    (folder / "filler").unlink()


def free_bytes(folder: Path) -> int:
    """What is free on the disk that a folder is on."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


class Fragile:
    """A disk whose power can be cut. ``folder`` is where it is mounted, ``image`` the file that it is made of."""

    def __init__(self, folder: Path, image: Path, file_system: str = "ext4") -> None:
        make = f"mkfs.{file_system}"
        _needs("mount", "umount", make)
        self.folder = folder
        self._image = image
        folder.mkdir()
        with image.open("wb") as file:
            file.truncate(320 * MB)  # xfs has to have 300
        _run(make, "-q", image)
        self._mount()

    def cut_power(self) -> None:
        """What was not flushed is gone; whoever writes from now on gets an error."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _NO_FLUSH))
        except OSError as error:
            pytest.skip(f"this file system cannot be shut down: {error}")
        finally:
            os.close(descriptor)

    def power_on(self) -> None:
        """Mount it again, as a boot would."""
        self.close()
        self._mount()

    def close(self) -> None:
        """Unmount it."""
        subprocess.run(["umount", str(self.folder)], check=True)

    def _mount(self) -> None:
        _run("mount", "-o", "loop", self._image, self.folder)

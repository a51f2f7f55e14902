"""What a reading process gives up before it looks at a stranger's bytes."""

from __future__ import annotations

import resource
import site
import sysconfig
import zoneinfo
from pathlib import Path

from watcher.reading import landlock, seccomp

_OPEN_FILES = 32


def strength() -> str:
    """In words, what holds a reading process in on this machine."""
    common = "seccomp, rlimits" if seccomp.available() else "rlimits"
    obstacle = landlock.obstacle()
    return f"{common} only: {obstacle}" if obstacle else f"landlock ABI {landlock.abi()}, {common}"


def close() -> None:
    """Give up writing, opening files elsewhere, the network and new processes, as far as this kernel can.

    Raises OSError when something that ``strength`` names cannot be put in force.
    """
    for limit, value in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        resource.setrlimit(limit, (value, value))
    seccomp.renounce_privileges()
    if not landlock.obstacle():
        landlock.restrict(readable())
    if seccomp.available():
        seccomp.restrict()


def readable() -> list[Path]:
    """The folders a reading process may still read: Python itself, installed packages, our own code, time zones."""
    paths = sysconfig.get_paths()
    folders = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    own_code = Path(__file__).parent.parent
    return [*map(Path, sorted({*folders, *site.getsitepackages(), *zoneinfo.TZPATH})), own_code]


def address_space() -> int:
    """Bytes this process has mapped by now."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    return int(pages) * resource.getpagesize()


def allow(*, cpu: int, address_space: int) -> None:
    """For the next document: this many more seconds of processor time, and this many bytes mapped in all."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime) + 1
    _soft(resource.RLIMIT_CPU, spent + cpu)
    _soft(resource.RLIMIT_AS, address_space)


def _soft(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))

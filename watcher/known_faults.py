"""Known faults of Python and of the libraries: which of them this machine has, and what keeps each from doing harm
here.

A library with a fault that nothing guards against must be new enough. pip ensures that; if watcher was packaged
in another way, it warns at the start.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFault:
    """A fault of a library in every version before ``mended_in``; empty if all versions have it."""

    library: str
    """The name of the library as pip writes it, or python or sqlite."""
    mended_in: str = ""
    fault: str
    guard: str = ""
    """What keeps it from doing harm here; empty if nothing does."""

    def __str__(self) -> str:
        versions = f" before {self.mended_in}" if self.mended_in else ""
        return f"{self.library}{versions}: {self.fault}; {self.guard or f'bring {self.library} up to date'}"

    def is_in(self, found: str) -> bool:
        """Return whether this version has the fault."""
        return not self.mended_in or _order(found) < _order(self.mended_in)


KNOWN = (
    KnownFault(
        library="python",
        mended_in="3.11.10",
        fault="text in the header of a mail adds headers to it (CVE-2024-6923)",
        guard="no header is given an encoded word",
    ),
    KnownFault(
        library="sqlite",
        mended_in="3.51.3",
        fault="two connections that write at once can damage a database (sqlite.org/wal.html#walresetbug)",
        guard="one connection writes and checkpoints",
    ),
    KnownFault(
        library="feedparser",
        fault="a document that is a path or an address is opened, and a small one can take minutes (feedparser#562)",
        guard="it only gets streams, for ten seconds, in a process that cannot open files",
    ),
    KnownFault(
        library="httpx",
        fault="its timeouts end no request that is answered a byte at a time",
        guard="every read and write ends at the deadline of its request",
    ),
    KnownFault(
        library="h11",
        mended_in="0.16.0",
        fault="what follows a malformed chunk is taken for another answer (CVE-2025-43859)",
        guard="a connection carries one request",
    ),
    KnownFault(library="idna", mended_in="3.7", fault="a long name takes it minutes (CVE-2024-3651)"),
)


def installed() -> dict[str, str]:
    """Return the installed versions of Python and of the libraries that have or had a known fault, by name."""
    found = {"python": platform.python_version()}
    for name in {each.library for each in KNOWN}:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def faults(versions: Mapping[str, str]) -> list[KnownFault]:
    """Return the known faults of these versions, first those that nothing guards against."""
    here = [each for each in KNOWN if each.library in versions and each.is_in(versions[each.library])]
    return sorted(here, key=lambda each: bool(each.guard))


def _order(written: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", written)[:3])

"""Runs in the unit's sandbox in place of the service, tries what the service must not be able to, and tells."""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from watcher.reading.pool import Reader

STATE = Path(os.environ["STATE_DIRECTORY"])
_LIBC = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_LIBC, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _write(path: str) -> None:
    Path(path).write_text("x")


def _listen(port: int) -> None:
    socket.create_server(("127.0.0.1", port)).close()


def _writable_code() -> None:
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _see_others() -> None:
    owners = {path.stat().st_uid for path in Path("/proc").iterdir() if path.name.isdigit()}
    if owners == {os.getuid()}:
        raise PermissionError("none is seen")


def _list(path: str) -> None:
    list(Path(path).iterdir())


ATTEMPTS: dict[str, Callable[[], object]] = {
    "write to its configuration": lambda: _write("/etc/watcher/watcher.toml"),
    "write to its own code": lambda: _write("/opt/watcher/bin/watcher"),
    "write to another state folder": lambda: _write("/var/lib/other"),
    "write to the system": lambda: _write("/usr/local/bin/evil"),
    "write to another's runtime folder": lambda: _write("/run/evil"),
    "write where everyone may": lambda: _write("/var/lib/open/x"),
    "raise its priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, 5),
    "read a home": lambda: _list("/home"),
    "read root's home": lambda: _list("/root"),
    "read the store of secrets": lambda: _list("/etc/credstore"),
    "read a secret of others": lambda: Path("/etc/credstore/other.secret").read_text(),
    "read the shadow file": lambda: Path("/etc/shadow").read_text(),
    "see others' processes": _see_others,
    "listen at a port of the system": lambda: _listen(80),
    "open a raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    "open a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "open a netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "mount": lambda: _call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None),
    "trace": lambda: _call("ptrace", 16, os.getppid(), 0, 0),
    "make a namespace": lambda: _call("unshare", 0x10000000),
    "set the clock": lambda: _call("settimeofday", ctypes.create_string_buffer(16), None),
    "set the name of the machine": lambda: _call("sethostname", b"evil", 4),
    "write code and run it": _writable_code,
    "let all run a file as itself": lambda: (STATE / "secret").chmod(0o4777),
    "signal the first process": lambda: os.kill(1, 0),
}


def outcome(attempt: Callable[[], object]) -> str:
    """How an attempt ended."""
    try:
        attempt()
    except OSError as error:
        return f"denied: {error!r}"
    return "done"


def taken_over(mutant: str) -> list[str]:
    """What a reading process can do that a document has taken over, in this sandbox and its own."""
    reader = Reader(workers=1, command=(sys.executable, "-P", mutant, "attempts"))
    reading = reader.read_feed(str(STATE).encode(), url="https://example.org/", content_type="", known=frozenset())
    reader.close()
    return list(reading.entries[0].tags)


(STATE / "secret").write_text("secret")
told = {name: outcome(attempt) for name, attempt in ATTEMPTS.items()}
(STATE / "told.json").write_text(json.dumps({"service": told, "reading": taken_over(sys.argv[1])}))

"""A reading process whose documents are taken over: each ``read`` here does what an attacker would."""

import ctypes
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watcher.model import Entry, Memory, Reading
from watcher.reading import sandbox, seccomp, wire, worker


def attempts(body: bytes, **_options: Any) -> Reading:
    """Try everything in the list, and tell as tags what was denied and what was not."""
    target = body.decode()
    tags = [f"{name}: {_outcome(attempt, target)}" for name, attempt in ATTEMPTS.items()]
    return told(*tags)


def _outcome(attempt: Callable[[str], Any], target: str) -> str:
    try:
        attempt(target)
    except (PermissionError, BlockingIOError) as error:
        return f"denied ({type(error).__name__})"
    except OSError as error:
        return f"failed ({error.strerror})"
    return "done"


def _write(path: str) -> None:
    with Path(path).open("ab") as file:
        file.write(b"x")


def _datagram(_target: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ("127.0.0.1", 9))


def _fork(_target: str) -> None:
    if os.fork() == 0:
        os._exit(0)


def _limit_parent(_target: str) -> None:
    import resource

    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (64, 64))


def _trace(_target: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), 0, 0) < 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


ATTEMPTS: dict[str, Callable[[str], Any]] = {
    "read a file": lambda target: Path(target, "secret").read_bytes(),
    "list a folder": lambda target: list(Path(target).iterdir()),
    "read the daemon's environment": lambda _: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "write a new file": lambda target: _write(f"{target}/new"),
    "write over a file": lambda target: _write(f"{target}/secret"),
    "open our own code for writing": lambda _: os.close(os.open(worker.__file__, os.O_WRONLY)),
    "delete a file": lambda target: Path(target, "secret").unlink(),
    "make a folder": lambda target: Path(target, "folder").mkdir(),
    "change rights": lambda target: Path(target, "secret").chmod(0o777),
    "connect": lambda _: socket.create_connection(("127.0.0.1", 9), 1),
    "listen": lambda _: socket.create_server(("127.0.0.1", 0)),
    "send a datagram": _datagram,
    "fork": _fork,
    "execute": lambda _: os.execv("/bin/true", ["true"]),
    "start a program": lambda _: subprocess.run(["/bin/true"], check=False),
    "signal the daemon": lambda _: os.kill(os.getppid(), 0),
    "trace the daemon": _trace,
    "limit the daemon": _limit_parent,
}


def surroundings(_body: bytes, **_options: Any) -> Reading:
    """What it was told and what it holds open."""
    descriptors = [number for number in range(256) if _is_open(number)]
    return told(f"descriptors {descriptors}", *(f"environment {name}" for name in sorted(os.environ)))


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def reads_own_world(_body: bytes, **_options: Any) -> Reading:
    """What reading documents may need later on still works."""
    import cmath

    return told(b"\xa4\xa4".decode("big5hkscs"), str(cmath.sqrt(4).real))


def strength(_body: bytes, **_options: Any) -> Reading:
    """What it says of its own sandbox."""
    return told(sandbox.strength())


def told(*tags: str, **fields: Any) -> Reading:
    """An answer with these tags."""
    entry = Entry(title="told", tags=tags, fingerprint=bytes(16), **fields)
    return Reading(entries=(entry,), memory=Memory(), total=1)


def crash(_body: bytes, **_options: Any) -> Reading:
    """What a bug in a parser written in C does."""
    ctypes.string_at(0)
    raise AssertionError


def crash_once(_body: bytes, **_options: Any) -> Reading:
    """The first process dies, the next one reads. Processes share nothing but the moments of their starts."""
    if os.getpid() == int(_body):
        os._exit(3)
    return told(str(os.getpid()))


def hang(_body: bytes, **_options: Any) -> Reading:
    """Wait without using the processor."""
    time.sleep(3600)
    raise AssertionError


def spin(_body: bytes, **_options: Any) -> Reading:
    """Use the processor for ever."""
    while True:
        pass


def hoard(_body: bytes, **_options: Any) -> Reading:
    """Take memory for ever."""
    hoarded = []
    while True:
        hoarded.append(bytearray(1 << 20))


def recurse(_body: bytes, **_options: Any) -> Reading:
    """Call itself for ever."""
    return recurse(_body)


def stop(_body: bytes, **_options: Any) -> Reading:
    """Answer with its process id, for others to stop it by."""
    return told(str(os.getpid()))


def raw(body: bytes, **_options: Any) -> Reading:
    """Answer with the document itself, instead of an answer."""
    wire.send(socket.socket(fileno=os.dup(0)), body)
    return hang(body)


def huge_frame(_body: bytes, **_options: Any) -> Reading:
    """Announce an answer of four gigabytes."""
    socket.socket(fileno=os.dup(0)).sendall(b"\xff\xff\xff\xff")
    return hang(_body)


def chatter(_body: bytes, **_options: Any) -> Reading:
    """Print on everything there is to print on."""
    for stream in (sys.stdout, sys.stderr):
        stream.write("printed by a reading process\n")
        stream.flush()
    return told("done")


def bug(_body: bytes, **_options: Any) -> Reading:
    """A fault in our own code."""
    raise KeyError("nothing\x1b[31m there")


def without_landlock() -> None:
    """As a service unit does whose filter does not name the calls."""
    seccomp.renounce_privileges()
    seccomp.deny([444, 445, 446])


def without_writable_code() -> None:
    """As MemoryDenyWriteExecute of systemd: PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN."""
    if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:
        sys.exit("this kernel has no PR_SET_MDWE")


def without_capabilities() -> None:
    """As a user who may do nothing special; what root owns stays its own."""
    header, nothing = struct.pack("Ii", 0x20080522, 0), bytes(24)
    if ctypes.CDLL(None).capset(header, nothing) != 0:
        sys.exit("capabilities cannot be dropped")


if __name__ == "__main__":
    for step in sys.argv[2:]:
        globals()[step]()
    worker.READERS["feed"] = globals()[sys.argv[1]]
    worker.main()

"""A seccomp filter: the calls by which code that got loose would leave a reading process answer EPERM.

It closes what neither Landlock nor the resource limits close: sockets other than TCP, new processes (as root the
limit on them does not count), signals to and tracing of the daemon. Everything else stays allowed: a list of what a
Python needs would break with the next libc.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

_PRCTL = ctypes.CDLL(None, use_errno=True).prctl
_PRCTL.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_PR_SET_NO_NEW_PRIVS = 38
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
"""BPF instructions: load a word of seccomp_data, compare it, return (linux/bpf_common.h)."""
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in struct seccomp_data (linux/seccomp.h)."""
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | errno.EPERM
_X32 = 0x40000000
"""From here on, x86_64 numbers the same calls once more."""

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_PRLIMIT = {"x86_64": 302, "aarch64": 261}
_NEWER = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "pidfd_send_signal": 424,
    "pidfd_open": 434,
    "clone3": 435,
    "pidfd_getfd": 438,
}
"""Calls that are younger than the common numbering are the same everywhere."""
_DENIED = {
    "x86_64": {
        "socket": 41, "connect": 42, "bind": 49, "socketpair": 53,
        "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
        "kill": 62, "tkill": 200, "tgkill": 234, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297,
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
        "chmod": 90, "fchmod": 91, "fchmodat": 268, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260,
        "unshare": 272, "setns": 308, "mount": 165, "chroot": 161, "bpf": 321, "perf_event_open": 298,
        "add_key": 248, "request_key": 249, "keyctl": 250, "userfaultfd": 323,
        "setpriority": 141, "sched_setscheduler": 144, "sched_setattr": 314, "ioprio_set": 251,
    },
    "aarch64": {
        "socket": 198, "connect": 203, "bind": 200, "socketpair": 199,
        "clone": 220, "execve": 221, "execveat": 281,
        "kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240,
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272,
        "fchmod": 52, "fchmodat": 53, "fchown": 55, "fchownat": 54,
        "unshare": 97, "setns": 268, "mount": 40, "chroot": 51, "bpf": 280, "perf_event_open": 241,
        "add_key": 217, "request_key": 218, "keyctl": 219, "userfaultfd": 282,
        "setpriority": 140, "sched_setscheduler": 119, "sched_setattr": 274, "ioprio_set": 30,
    },
}  # fmt: skip


def available() -> bool:
    """Whether the call numbers of this machine are known and the kernel takes filters."""
    if platform.machine() not in _AUDIT:
        return False
    _PRCTL(_PR_SET_SECCOMP, _MODE_FILTER, 0, 0, 0)  # no program: refused as a bad address where filters exist
    return ctypes.get_errno() == errno.EFAULT


def renounce_privileges() -> None:
    """No program this process starts gains rights (NO_NEW_PRIVS); the kernel requires it for setting filters."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def restrict() -> None:
    """From now on the denied calls fail with EPERM, for this process and for good. Needs NO_NEW_PRIVS."""
    machine = platform.machine()
    deny([*_DENIED[machine].values(), *_NEWER.values()])


def deny(numbers: list[int]) -> None:
    """Make these calls, and limits set on other processes, fail with EPERM."""
    machine = platform.machine()
    program = _program(_AUDIT[machine], _PRLIMIT[machine], numbers)
    instructions = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions)))
    _prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(header))


def _prctl(option: int, first: int, second: int = 0) -> None:
    if _PRCTL(option, first, second, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _program(architecture: int, prlimit: int, numbers: list[int]) -> bytes:
    """Deny foreign architectures, the listed calls, and limits set on other processes; allow the rest."""
    checks = [_op(_EQUAL, number, if_false=1) + _op(_RETURN, _DENY) for number in numbers]
    return b"".join(
        [
            _op(_LOAD, _ARCHITECTURE),
            _op(_EQUAL, architecture, if_true=1),
            _op(_RETURN, _DENY),
            _op(_LOAD, _NUMBER),
            _op(_AT_LEAST, _X32, if_false=1),
            _op(_RETURN, _DENY),
            *checks,
            _op(_EQUAL, prlimit, if_false=3),
            _op(_LOAD, _FIRST_ARGUMENT),
            _op(_EQUAL, 0, if_true=1),
            _op(_RETURN, _DENY),
            _op(_RETURN, _ALLOW),
        ]
    )


def _op(code: int, value: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)

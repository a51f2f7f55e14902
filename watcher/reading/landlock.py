"""Landlock: the kernel lets this process read a few folders, and open nothing else.

The calls are in no Python library; they are made through libc's ``syscall`` (landlock(7), linux/landlock.h).
Their numbers are the same on every architecture.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Everything that can be done to files, by the ABI that first knows it (refer, truncate, ioctl came later)."""
_NET_RIGHTS = (1 << 2) - 1
"""Binding and connecting TCP, from ABI 4."""
_SCOPES = (1 << 2) - 1
"""Abstract unix sockets and signals, from ABI 6."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock this process may use. Raises OSError (ENOSYS, EOPNOTSUPP, EPERM) without one."""
    return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))


def obstacle() -> str:
    """In words, what keeps this process from using Landlock; empty when nothing does."""
    try:
        abi()
    except OSError as error:
        absent = error.errno in (errno.ENOSYS, errno.EOPNOTSUPP)
        return "this kernel has no landlock" if absent else "the landlock calls are not permitted here"
    return ""


def restrict(readable: Iterable[Path]) -> None:
    """From now on this process opens nothing but files beneath ``readable``, for reading. Needs NO_NEW_PRIVS."""
    version = abi()
    ruleset = _Ruleset(
        fs=max(rights for since, rights in _FILE_RIGHTS.items() if since <= version),
        net=_NET_RIGHTS if version >= 4 else 0,
        scoped=_SCOPES if version >= 6 else 0,
    )
    size = 8 * (1 + (version >= 4) + (version >= 6))
    ruleset_fd = _call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in readable:
            if path.exists():
                _allow(ruleset_fd, path)
        _call(_RESTRICT_SELF, ctypes.c_int(ruleset_fd), ctypes.c_uint32(0))
    finally:
        os.close(ruleset_fd)


def _allow(ruleset_fd: int, path: Path) -> None:
    path_fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE
        rule = _PathBeneath(allowed=rights, parent_fd=path_fd)
        _call(
            _ADD_RULE,
            ctypes.c_int(ruleset_fd),
            ctypes.c_int(_RULE_PATH_BENEATH),
            ctypes.byref(rule),
            ctypes.c_uint32(0),
        )
    finally:
        os.close(path_fd)


def _call(number: int, *arguments: object) -> int:
    result: int = _LIBC.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result

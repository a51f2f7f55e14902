"""Frames between the daemon and a reading process: four bytes of length, then that many bytes."""

from __future__ import annotations

import math
import socket
import struct
import time

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""No document and no reply is longer; a longer frame is refused unread."""
NO_DEADLINE = math.inf

_LENGTH = struct.Struct(">I")


def send(sock: socket.socket, payload: bytes, *, deadline: float = NO_DEADLINE) -> None:
    """Send one frame by ``deadline`` (of time.monotonic). Raise TimeoutError, OSError when the other side is gone."""
    _set_timeout(sock, deadline)
    sock.sendall(_LENGTH.pack(len(payload)))
    sock.sendall(payload)


def receive(sock: socket.socket, *, deadline: float = NO_DEADLINE) -> bytes:
    """Receive one whole frame by ``deadline`` (of time.monotonic).

    Raise TimeoutError, EOFError when the other side is gone, ValueError for a frame over ``MAX_FRAME_BYTES``.
    """
    (length,) = _LENGTH.unpack(_exactly(sock, _LENGTH.size, deadline))
    if length > MAX_FRAME_BYTES:
        raise ValueError(f"a frame of {length} bytes, over the {MAX_FRAME_BYTES} allowed")
    return _exactly(sock, length, deadline)


def _exactly(sock: socket.socket, size: int, deadline: float) -> bytes:
    """Return this many bytes. The buffer grows with what arrives, not with what was announced."""
    buffer = bytearray()
    while len(buffer) < size:
        _set_timeout(sock, deadline)
        chunk = sock.recv(min(size - len(buffer), 1 << 20))
        if not chunk:
            raise EOFError
        buffer += chunk
    return bytes(buffer)


def _set_timeout(sock: socket.socket, deadline: float) -> None:
    """Make the next call on the socket end by the deadline. Raise TimeoutError when it has passed."""
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    sock.settimeout(None if math.isinf(remaining) else remaining)

"""Frames between the daemon and a reading process: four bytes of length, then that many bytes."""

from __future__ import annotations

import math
import socket
import struct
import time

FRAME_LIMIT = 64 * 1024 * 1024
"""Bytes. No document and no answer is longer; a longer frame is refused unread."""
FOREVER = math.inf

_LENGTH = struct.Struct(">I")


def send(sock: socket.socket, payload: bytes, *, deadline: float = FOREVER) -> None:
    """Send one frame by ``deadline`` (of time.monotonic). Raises TimeoutError, OSError when the other side is gone."""
    _await(sock, deadline)
    sock.sendall(_LENGTH.pack(len(payload)))
    sock.sendall(payload)


def receive(sock: socket.socket, *, deadline: float = FOREVER) -> bytes:
    """Receive one whole frame by ``deadline`` (of time.monotonic).

    Raises TimeoutError, EOFError when the other side is gone, ValueError for a frame over ``FRAME_LIMIT``.
    """
    (length,) = _LENGTH.unpack(_exactly(sock, _LENGTH.size, deadline))
    if length > FRAME_LIMIT:
        raise ValueError(f"a frame of {length} bytes, over the {FRAME_LIMIT} allowed")
    return _exactly(sock, length, deadline)


def _exactly(sock: socket.socket, size: int, deadline: float) -> bytes:
    """This many bytes. The buffer grows with what arrives, not with what was announced."""
    buffer = bytearray()
    while len(buffer) < size:
        _await(sock, deadline)
        chunk = sock.recv(min(size - len(buffer), 1 << 20))
        if not chunk:
            raise EOFError
        buffer += chunk
    return bytes(buffer)


def _await(sock: socket.socket, deadline: float) -> None:
    """Let the next call on the socket take no longer than to the deadline."""
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    sock.settimeout(None if math.isinf(remaining) else remaining)

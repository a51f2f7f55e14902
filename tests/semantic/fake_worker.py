"""An embedding process without a model: the vector of a text points along one axis, or the process misbehaves."""

import json
import os
import signal
import socket
import struct
import sys
import time
from pathlib import Path

from watcher.reading import sandbox, wire
from watcher.semantic.weights import DIMENSIONS


def vector(text: str) -> bytes:
    axis = len(text) % DIMENSIONS
    return struct.pack(f"{DIMENSIONS}f", *(float(at == axis) for at in range(DIMENSIONS)))


def main(behaviour: str, starts: Path) -> None:
    with starts.open("a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    channel = socket.socket(fileno=0)
    base = sandbox.address_space()
    while True:
        try:
            head = wire.receive(channel)
            wire.send(channel, reply(behaviour, head, wire.receive(channel), base) if head else b"")
        except (EOFError, ConnectionError):
            return


def reply(behaviour: str, head: bytes, body: bytes, base: int) -> bytes:
    limits = json.loads(head)
    sandbox.allow(cpu=limits["cpu"], address_space=base + limits["memory"])
    found = b"".join(map(vector, json.loads(body)))
    if behaviour == "hangs":
        time.sleep(60)
    if behaviour == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "grows":
        bytearray(2 * limits["memory"])  # what the process has freed before may hold a little more than the limit
    if behaviour == "doubled":
        found = struct.pack(f"{len(found) // 4}f", *(2 * value for (value,) in struct.iter_unpack("f", found)))
    return {"short": found[:-4], "ragged": found[:-1], "not a number": found[:-4] + struct.pack("f", float("nan"))}.get(
        behaviour, found
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

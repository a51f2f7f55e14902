"""The embedding process: load the model, close the sandbox, then turn passages into vectors.

It talks over its standard input as a reading process does (`watcher.reading.worker`): a request is two frames, its
limits and the texts in JSON; the reply is one frame of their vectors, 32-bit floats in the order of the machine. An
empty frame is a ping and is echoed.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Sequence

import numpy as np
import onnxruntime

from watcher.reading import sandbox, wire
from watcher.semantic import weights, wordpieces

Vectors = Callable[[Sequence[str]], bytes]


def main() -> None:
    """Serve until the daemon closes the socket."""
    channel = socket.socket(fileno=0)
    vectors = load()
    base = sandbox.address_space()
    sandbox.close()
    while True:
        try:
            head = wire.receive(channel)
            wire.send(channel, _serve(vectors, json.loads(head), wire.receive(channel), base) if head else b"")
        except (EOFError, ConnectionError):
            return


def load() -> Vectors:
    """Load the model, and use it once: what it needs besides is allocated then."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the sandbox lets nothing start threads later
    session = onnxruntime.InferenceSession(str(weights.path()), options, providers=["CPUExecutionProvider"])

    def vectors(texts: Sequence[str]) -> bytes:
        return b"".join(_vector(session, wordpieces.numbers(text)) for text in texts)

    vectors(["one " * wordpieces.MAX_PIECES])
    return vectors


def _serve(vectors: Vectors, limits: dict[str, int], body: bytes, base: int) -> bytes:
    sandbox.allow(cpu=limits["cpu"], address_space=base + limits["memory"])
    return vectors(json.loads(body))


def _vector(session: onnxruntime.InferenceSession, numbers: Sequence[int]) -> bytes:
    """Return the mean of what the model says of each piece, at length 1. One text at a time: beside a longer one a text
    would be padded, and its vector differ in the last digits."""
    pieces = np.array([numbers], dtype=np.int64)
    inputs = {"input_ids": pieces, "attention_mask": np.ones_like(pieces), "token_type_ids": np.zeros_like(pieces)}
    mean = session.run(None, inputs)[0][0].mean(axis=0)
    vector: bytes = (mean / np.linalg.norm(mean)).astype(np.float32).tobytes()
    return vector


if __name__ == "__main__":
    main()

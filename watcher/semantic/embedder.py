"""The daemon's side of the model: passages in, vectors out, or nothing where the model does not work."""

from __future__ import annotations

import json
import math
import sys
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from watcher.reading.process import Limits, Lost, Process
from watcher.semantic.weights import DIMENSIONS, obstacle

COMMAND = (sys.executable, "-P", "-m", "watcher.semantic.model_process")
LIMITS = Limits(seconds=5, cpu=5, memory=128 * 1024 * 1024)
"""Of one request; memory on top of the loaded model's."""
MAX_TEXTS = 8
"""Of one request: 50 ms of work, so that even on a machine that is ten times busier none comes near its limits."""
MAX_CACHED = 2_000
"""Vectors that are remembered, 3 MB: rules share passages, and learn from the same ordinary items."""
REST_SECONDS = 600.0
"""For which the model is left alone after a failure. Until then items are ranked by their words."""
_MAX_REQUESTS = 10_000

Vector = Sequence[float]

_log = structlog.get_logger()


class SemanticEmbedder:
    """Turns passages into vectors of length 1 in a process that starts with the first of them.

    Safe to use from any thread. Call ``close`` at the end.
    """

    def __init__(
        self,
        *,
        command: Sequence[str] = COMMAND,
        limits: Limits = LIMITS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = command
        self._limits = limits
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._closed = False
        self._rests_until = -math.inf
        self._failing = False
        self._known: OrderedDict[str, Vector] = OrderedDict()

    @staticmethod
    def installed() -> SemanticEmbedder | None:
        """Return an embedder where the extra is installed as it was measured, and nothing elsewhere."""
        return None if obstacle() else SemanticEmbedder()

    def embed(self, texts: Sequence[str]) -> Sequence[Vector] | None:
        """Return the vector of each text, or None where the model does not work at present. Raise nothing.

        It takes ``LIMITS.seconds`` at most for every ``MAX_TEXTS`` of them, and as long as a start of the process does;
        between two requests other threads have their turn.
        """
        found: dict[str, Vector] = {}
        for at in range(0, len(texts), MAX_TEXTS):
            with self._lock:
                some = self._vectors_of(texts[at : at + MAX_TEXTS])
            if some is None:
                return None
            found.update(some)
        return [found[text] for text in texts]

    def close(self) -> None:
        """End the process; nothing is embedded any more."""
        self._closed = True
        if process := self._process:
            process.close()
        with self._lock:
            self._end()

    def _vectors_of(self, texts: Sequence[str]) -> dict[str, Vector] | None:
        """Return the vector of each text, those that were asked before from memory."""
        unknown = [text for text in dict.fromkeys(texts) if text not in self._known]
        if unknown:
            vectors = self._asked(unknown)
            if vectors is None:
                return None
            self._known.update(zip(unknown, vectors, strict=True))
        for text in texts:
            self._known.move_to_end(text)
        found = {text: self._known[text] for text in texts}
        while len(self._known) > MAX_CACHED:
            self._known.popitem(last=False)
        return found

    def _asked(self, texts: Sequence[str]) -> list[Vector] | None:
        if self._closed or self._monotonic() < self._rests_until:
            return None
        try:
            reply = self._exchanged(texts)
            vectors = _vectors(reply, len(texts))
        except (Lost, ValueError) as error:
            self._rest(str(error))
            return None
        if self._failing:
            self._failing = False
            _log.info("meaning is compared again")
        return vectors

    def _exchanged(self, texts: Sequence[str]) -> bytes:
        if self._process is None:
            self._process = Process(self._command, name="embedding process", max_documents=_MAX_REQUESTS)
        head = {"cpu": self._limits.cpu, "memory": self._limits.memory}
        body = [text.encode("utf-8", "replace").decode() for text in texts]  # half a pair of surrogates is no text
        return self._process.read(json.dumps(head).encode(), json.dumps(body).encode(), self._limits)

    def _rest(self, why: str) -> None:
        self._end()
        self._rests_until = self._monotonic() + REST_SECONDS
        if not self._failing and not self._closed:
            _log.warning("items are ranked by their words alone", because=f"the semantic model does not work: {why}")
        self._failing = True

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process.end()
            self._process = None


def _vectors(reply: bytes, count: int) -> list[Vector]:
    """Return the vectors of a reply. Raise ValueError for one that is not of that many, each of length 1."""
    numbers = array("f")
    numbers.frombytes(reply)
    if len(numbers) != count * DIMENSIONS:
        raise ValueError(f"{len(numbers)} numbers for {count} texts")
    vectors = [numbers[at : at + DIMENSIONS] for at in range(0, len(numbers), DIMENSIONS)]
    if not all(abs(sum(value * value for value in vector) - 1) < 0.01 for vector in vectors):
        raise ValueError("vectors that are not of length 1")
    return list(vectors)


@contextmanager
def model() -> Iterator[SemanticEmbedder | None]:
    """Lend the model where the extra is installed, and nothing elsewhere; its process ends with the block."""
    embedder = SemanticEmbedder.installed()
    try:
        yield embedder
    finally:
        if embedder is not None:
            embedder.close()

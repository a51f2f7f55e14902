"""A process that takes orders: one line of JSON each way, over its standard input and output.

It ends when its input does, so that none outlives whoever started it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parents[1]
IMPORTED_FROM = os.pathsep.join([str(_TESTS), str(_TESTS.parent)])
"""Where processes find the packages of the tests, and those of this checkout whatever is installed."""


class Remote:
    """The end that gives orders. To be closed."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": IMPORTED_FROM},
        )
        self.hello: dict[str, Any] = self._answer()
        """What the process said of itself when it was ready."""

    def order(self, **words: Any) -> Any:
        """Have something done; when this returns it is."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(words).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def _answer(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}")
        return json.loads(line)


def take_orders(hello: dict[str, Any], obey: Callable[..., Any]) -> None:
    """The end that obeys: say hello, then do what comes, one after the other, until nothing more can come."""
    _say(hello)
    for line in sys.stdin:
        _say(obey(**json.loads(line)))


def _say(words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()

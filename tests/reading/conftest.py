"""Reading processes, healthy and taken over, and feeds made of items."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from watcher.reading.pool import Reader

MUTANT = str(Path(__file__).with_name("mutant.py"))


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """Two healthy processes."""
    pool = Reader()
    yield pool
    pool.close()


@pytest.fixture
def mutant() -> Iterator[Callable[..., Reader]]:
    """Makes a reader of one process that does what it is called by, after what ``steps`` do to it."""
    pools: list[Reader] = []

    def make(behaviour: str, *steps: str, **options: Any) -> Reader:
        pools.append(Reader(1, command=(sys.executable, "-P", MUTANT, behaviour, *steps), **options))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()

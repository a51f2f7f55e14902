"""Weeks of polling in little time: nothing grows that should not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults.soaking import soaked

POLLS = int(os.environ.get("FAULT_POLLS", "50000"))
MB = 1 << 20


@pytest.mark.timeout(0)
@pytest.mark.scenario("X8")
@pytest.mark.parametrize("polls", [200, pytest.param(POLLS, marks=pytest.mark.slow)])
def test_nothing_grows_over_many_polls(polls: int, tmp_path: Path, own_process: Callable[..., Any]) -> None:
    samples = own_process(soaked, tmp_path / "watcher.sqlite", polls)
    first, last = samples[len(samples) // 2], samples[-1]
    assert last.memory - first.memory < 4 * MB
    assert last.files <= first.files
    assert last.threads <= first.threads
    assert max(one.log for one in samples) < 64 * MB
    rates = [one.lines for one in samples[1:]]
    half = len(rates) // 2
    assert sum(rates[-half:]) < 1.5 * sum(rates[:half]), "as much is said at the end as at the beginning"
    assert sum(one.answered for one in samples) > 0.9 * polls, "most visits were readings"
    assert sum(one.sent for one in samples[half:]) > 0, "and messages went out to the end"

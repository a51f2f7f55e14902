"""No input made by chance raises what nobody expects, or takes too long."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faults.fuzzing import SEEDS, TARGETS, TOO_LONG, attempt, mutations
from faults.remote import IMPORTED_FROM

SECONDS = int(os.environ.get("FAULT_FUZZ", "60"))
"""For each kind of input, in the long form."""


@pytest.mark.scenario("Z11")
@pytest.mark.parametrize("target", TARGETS)
def test_damaged_input_is_read_or_refused(target: str) -> None:
    for data in (*SEEDS[target], *mutations(target, seed=2026, number=150)):
        began = time.monotonic()
        attempt(target, data)
        assert time.monotonic() - began < TOO_LONG, data


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.scenario("Z11")
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found_by_looking_for_it(target: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("there is no atheris here")
    assert pytestconfig.cache is not None
    corpus = pytestconfig.cache.mkdir(f"corpus-{target}")  # a search begins where the last one ended
    for number, seed in enumerate(SEEDS[target]):
        (corpus / f"seed-{number}").write_bytes(seed)
    done = subprocess.run(
        [sys.executable, "-m", "faults.searching", target, str(SECONDS), corpus], cwd=tmp_path, check=False,
        env=os.environ | {"PYTHONPATH": IMPORTED_FROM}, capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    found = {path.name: path.read_bytes()[:200] for path in tmp_path.glob("*-*") if path.is_file()}
    assert done.returncode == 0, f"{found}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"

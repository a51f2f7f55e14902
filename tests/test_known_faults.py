"""Known faults of libraries: named where they are, and none that harms can be installed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from watcher import known_faults
from watcher.known_faults import KNOWN, KnownFault

ROOT = Path(__file__).parents[1]
UNMENDED = {each.library for each in KNOWN if not each.mended_in}
FROM_THE_SYSTEM = {"python", "sqlite"}
HARMFUL = [each for each in KNOWN if not each.guard]


@pytest.mark.scenario("Z13")
@pytest.mark.parametrize(
    ("version", "has_it"),
    [("3.11.9", True), ("3.11.10", False), ("3.9", True), ("3.12.0rc1", False), ("4", False)],
)
def test_a_fault_is_in_every_version_before_the_one_that_mended_it(version: str, has_it: bool) -> None:
    assert KnownFault(library="x", mended_in="3.11.10", fault="y").is_in(version) is has_it


@pytest.mark.scenario("Z13")
def test_what_nothing_guards_against_comes_first_and_says_what_to_do() -> None:
    first, *others = known_faults.faults({"python": "3.11.2", "sqlite": "3.40.1", "idna": "3.6", "h11": "0.16.0"})
    assert str(first) == "idna before 3.7: a long name takes it minutes (CVE-2024-3651); bring idna up to date"
    assert [each.library for each in others] == ["python", "sqlite"]
    assert known_faults.faults({"python": "3.13.1", "sqlite": "3.51.3", "idna": "3.7"}) == []


@pytest.mark.scenario("Z13")
def test_no_version_that_is_tested_or_allowed_has_a_fault_that_nothing_guards_against() -> None:
    assert not [str(each) for each in known_faults.faults(known_faults.installed()) if not each.guard]
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines())
    mendable = {each.library for each in KNOWN} - UNMENDED - FROM_THE_SYSTEM
    assert known_faults.faults({name: pins[name] for name in mendable}) == []
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    floors = {found[1]: found[2] for each in wanted if (found := re.match(r"([\w-]+)>=([\d.]+)", each))}
    assert HARMFUL
    assert known_faults.faults({each.library: floors[each.library] for each in HARMFUL}) == []

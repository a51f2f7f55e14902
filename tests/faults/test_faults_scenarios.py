"""Everything that can go wrong is provoked by some test, or is said not to be; and the table says what came of it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from faults.scenarios import GROUPS, NOT_PROVOKED, PARTS_NOT_PROVOKED, SCENARIOS
from faults.table import Outcome, table

NAME = re.compile(r"'([A-Z]\d+)'")


def provoked() -> dict[str, list[bool]]:
    """Of every scenario that a test is marked with: for each of these tests, whether it runs in ``make test``."""
    found: dict[str, list[bool]] = defaultdict(list)
    for path in (ROOT / "tests").rglob("test_*.py"):
        for marks in _decorators(path):
            for name in NAME.findall(" ".join(mark for mark in marks if mark.startswith("pytest.mark.scenario"))):
                found[name].append("pytest.mark.slow" not in marks)
    return found


def _decorators(path: Path) -> Iterator[list[str]]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            yield [ast.unparse(decorator) for decorator in node.decorator_list]


def test_every_scenario_is_provoked_or_said_not_to_be() -> None:
    assert set(provoked()) | set(NOT_PROVOKED) == set(SCENARIOS)
    assert not set(provoked()) & set(NOT_PROVOKED)
    assert set(PARTS_NOT_PROVOKED) <= set(provoked())


def test_nothing_is_shown_by_a_long_test_alone() -> None:
    assert [name for name, in_short in provoked().items() if not any(in_short)] == []


def test_every_scenario_belongs_to_a_group() -> None:
    assert {name.rstrip("0123456789") for name in SCENARIOS} == set(GROUPS)


def outcome(**runs: int) -> Outcome:
    found = Outcome()
    found.runs.update(runs)
    found.tests["tests/test_a.py::test_it_holds"] = None
    return found


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (outcome(passed=3), "D3   a receiver that sends elsewhere: held (3 passed)"),
        (outcome(passed=3, failed=1), "D3   a receiver that sends elsewhere: BROKE (3 passed, 1 failed)"),
        (outcome(passed=3, skipped=1), "D3   a receiver that sends elsewhere: held (3 passed, 1 skipped)"),
        (outcome(skipped=1), "D3   a receiver that sends elsewhere: not run (1 skipped)"),
        (Outcome(), "D3   a receiver that sends elsewhere: not run (0 runs)"),
    ],
)
def test_the_table_says_what_held(found: Outcome, line: str) -> None:
    lines = table({"D3": found})
    assert line in lines
    assert lines[lines.index(line) + 1] == "       test_a.py::test_it_holds" or not found.tests

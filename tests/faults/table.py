"""A plugin for pytest that prints what came of every scenario: ``pytest -p faults.table``."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from faults.scenarios import GROUPS, NOT_PROVOKED, PARTS_NOT_PROVOKED, SCENARIOS

_PROPERTY = "scenario"


@dataclass(slots=True)
class Outcome:
    """What came of one scenario."""

    tests: dict[str, None] = field(default_factory=dict)
    """Who provoked it, in order."""
    runs: Counter[str] = field(default_factory=Counter)
    """How many runs passed, failed or were skipped."""
    skipped: dict[str, None] = field(default_factory=dict)
    """Why some could not run here."""

    @property
    def verdict(self) -> str:
        """Whether it held."""
        if self.runs["failed"]:
            return "BROKE"
        return "held" if self.runs["passed"] else "not run"


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Have every report say which scenarios it is about; reports are all that comes back from another process."""
    for item in items:
        for name in names(item):
            item.user_properties.append((_PROPERTY, name))


def names(item: pytest.Item) -> list[str]:
    """The scenarios that a test provokes."""
    return [name for marker in item.iter_markers(_PROPERTY) for name in marker.args]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    stats = terminalreporter.stats
    reports = [one for kind in ("passed", "failed", "error", "skipped") for one in stats.get(kind, ())]
    terminalreporter.section("what was provoked, and what held")
    for line in table(outcomes(reports)):
        terminalreporter.write_line(line)


def outcomes(reports: Iterable[pytest.TestReport]) -> Mapping[str, Outcome]:
    """What came of each scenario that was provoked."""
    found: dict[str, Outcome] = defaultdict(Outcome)
    for report in reports:
        for name in (value for key, value in getattr(report, "user_properties", ()) if key == _PROPERTY):
            outcome = found[str(name)]
            outcome.tests[report.nodeid.partition("[")[0]] = None
            outcome.runs[report.outcome] += 1
            if report.skipped and isinstance(report.longrepr, tuple):
                outcome.skipped[report.longrepr[2]] = None
    return found


def table(found: Mapping[str, Outcome]) -> list[str]:
    """One block for each scenario: what, how often, whether it held, and by which tests; totals at the end."""
    lines: list[str] = []
    for group, title in GROUPS.items():
        lines += ["", f"{group}: {title}"]
        for name in (name for name in SCENARIOS if name.rstrip("0123456789") == group):
            lines += _block(name, found.get(name, Outcome()))
    verdicts = Counter("not provoked" if name in NOT_PROVOKED else _verdict(found, name) for name in SCENARIOS)
    total = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    return [*lines, "", f"{len(SCENARIOS)} scenarios: {total}"]


def _verdict(found: Mapping[str, Outcome], name: str) -> str:
    return found.get(name, Outcome()).verdict


def _block(name: str, outcome: Outcome) -> list[str]:
    if name in NOT_PROVOKED:
        return [f"{name:4} {SCENARIOS[name]}: not provoked: {NOT_PROVOKED[name]}"]
    counts = ", ".join(f"{count} {kind}" for kind, count in outcome.runs.items()) or "0 runs"
    lines = [f"{name:4} {SCENARIOS[name]}: {outcome.verdict} ({counts})"]
    lines += [f"       {test.rpartition(os.sep)[2]}" for test in outcome.tests]
    lines += [f"       skipped: {reason.removeprefix('Skipped: ')}" for reason in outcome.skipped]
    if name in PARTS_NOT_PROVOKED:
        lines.append(f"       but for {PARTS_NOT_PROVOKED[name]}")
    return lines

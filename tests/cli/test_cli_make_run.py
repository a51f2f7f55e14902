"""`make run` in a folder whose rules are good, bad, or were good once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from desks import Desk, environment

WATCHER = f"""\
#!/bin/sh
[ "$1" = run ] && set -- run --once  # it would run until Ctrl-C
exec {sys.executable} -c "from watcher.cli import main; main()" "$@"
"""


def make_run(desk: Desk) -> subprocess.CompletedProcess[str]:
    """Run it as where everything is installed."""
    if shutil.which("make") is None:
        pytest.skip("there is no make here")
    command = desk.write(".venv/bin/watcher", WATCHER)
    command.chmod(0o755)
    installed = Path(".venv/.ready")
    desk.write(str(installed), "")
    words = ("make", "--file", ROOT / "Makefile", "--old-file", installed, "run")
    return subprocess.run(words, cwd=desk.folder, env=environment(), capture_output=True, text=True, check=False)


def test_it_checks_the_rules_and_starts_the_service(desk: Desk) -> None:
    done = make_run(desk)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("watcher ")
    assert done.stdout.index("ok: 1 claim") < done.stdout.index("watching 1 claim with 1 rule in 1 source")


@pytest.mark.scenario("R2")
def test_bad_rules_are_shown_and_the_last_good_ones_run(day: Desk) -> None:
    day.change("rules/claims/ice.yaml", "when:", "wen:")
    done = make_run(day)
    assert done.returncode == 0, done.stderr
    assert "claims/ice.yaml:9:5: unknown key 'wen'" in done.stdout
    assert "watching 1 claim with 1 rule in 1 source" in done.stdout
    assert "rules refused, the last good set stays live" in done.stderr


@pytest.mark.scenario("R2")
def test_a_first_start_with_bad_rules_fails(desk: Desk) -> None:
    desk.change("rules/claims/ice.yaml", "when:", "wen:")
    done = make_run(desk)
    assert done.returncode != 0
    assert "claims/ice.yaml:9:5: unknown key 'wen'" in done.stderr
    assert "watching" not in done.stdout

"""The wheel, alone in an empty environment, with the pip that Python brings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("wheel")]  # one installation for all


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that holds the wheel and what it asks for, nothing else."""
    home = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", home, ROOT, cwd=home)
    (wheel,) = home.glob("verdict_watcher-*.whl")
    run(sys.executable, "-m", "venv", home / "env", cwd=home)
    commands = home / "env" / "bin"
    run(commands / "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel, cwd=home)
    return commands


def test_it_starts_a_desk_checks_it_and_reads_it_once(installed: Path, tmp_path: Path) -> None:
    watcher = installed / "watcher"
    assert "watcher check && watcher run" in run(watcher, "init", "desk", cwd=tmp_path)
    desk = tmp_path / "desk"
    # nobody answers there: what is shown is that the whole service runs, and says so
    rules = desk / "rules" / "sources.yaml"
    rules.write_text("watch: 1\nsources:\n  - {id: here, kind: feed, url: 'http://127.0.0.1:9/feed'}\n")
    assert "in order: 1 claim" in run(watcher, "check", cwd=desk)
    said = run(watcher, "run", "--once", cwd=desk)
    assert "watching 1 claim with 1 rule in 1 source" in said
    assert "read 0 sources, 0 items" in said
    assert (desk / ".watcher" / "alerts.atom").is_file()


def test_it_brings_the_shipped_rules_and_units(installed: Path, tmp_path: Path) -> None:
    shipped = "from watcher.app import shipped; print(shipped('rules')); print(shipped('systemd'))"
    rules, systemd = run(installed / "python", "-c", shipped, cwd=tmp_path).split()
    assert (Path(rules) / "claims" / "mpd-to-ice.yaml").is_file()
    assert (Path(systemd) / "watcher.service").is_file()
    assert "9 rules" in run(installed / "watcher", "check", rules, cwd=tmp_path)

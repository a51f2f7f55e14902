"""What a release uploads: the wheel, alone in an empty environment with the pip that Python brings, and the sdist."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

import watcher

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("wheel")]  # one installation for all

NAME = f"verdict_watcher-{watcher.__version__}"


def run(*command: str | Path, cwd: Path) -> str:
    unswitched = {key: value for key, value in os.environ.items() if key != "WATCHER_BUILD_CORE"}
    done = subprocess.run(command, cwd=cwd, env=unswitched, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--directory", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    """The wheel; its name says that it runs everywhere."""
    return dist / f"{NAME}-py3-none-any.whl"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that holds the wheel and its dependencies, nothing else."""
    home = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "venv", home / "env", cwd=home)
    commands = home / "env" / "bin"
    pip = (commands / "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "install", "--constraint", ROOT / "constraints.txt", wheel, cwd=home)
    return commands


def test_it_starts_a_desk_checks_it_and_reads_it_once(installed: Path, tmp_path: Path) -> None:
    watcher = installed / "watcher"
    assert "watcher check && watcher run" in run(watcher, "init", "desk", cwd=tmp_path)
    desk = tmp_path / "desk"
    # nobody answers there: what is shown is that the whole service runs, and says so
    rules = desk / "rules" / "sources.yaml"
    rules.write_text("watch: 1\nsources:\n  - {id: here, kind: feed, url: 'http://127.0.0.1:9/feed'}\n")
    assert "ok: 1 claim" in run(watcher, "check", cwd=desk)
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


def test_the_wheel_has_licence_and_types_and_nothing_compiled(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"watcher/py.typed", "storage/py.typed", f"{NAME}.dist-info/licenses/LICENSE"} <= names
    assert not [name for name in names if name.endswith(".so")]
    metadata = zipfile.ZipFile(wheel).read(f"{NAME}.dist-info/METADATA").decode()
    assert "\nLicense-Expression: Apache-2.0\n" in metadata


def test_the_sdist_has_what_building_and_testing_need(dist: Path, wheel: Path, tmp_path: Path) -> None:
    run("tar", "xzf", dist / f"{NAME}.tar.gz", cwd=tmp_path)
    source = tmp_path / NAME
    for path in (
        "LICENSE",
        "Makefile",
        "constraints.txt",
        ".ci/run",
        "watcher/matching/_core.c",
        "tests/test_wheel.py",
    ):
        assert (source / path).is_file(), path
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", cwd=source)
    rebuilt = source / "dist" / wheel.name
    assert sorted(zipfile.ZipFile(rebuilt).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())

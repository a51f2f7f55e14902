from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from watcher.reading import landlock, sandbox
from watcher.reading.pool import Reader

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the sandbox is made of what Linux has")

Mutant = Callable[..., Reader]
WITHOUT_LANDLOCK = {
    "read a file",
    "list a folder",
    "read the daemon's environment",
    "open our own code for writing",
    "delete a file",
    "make a folder",
}
"""What nothing but Landlock denies, or only to those who do not own the file."""


def tags(reader: Reader, body: bytes = b"") -> tuple[str, ...]:
    reading = reader.read_feed(body, url="https://example.org/", content_type="", known=frozenset())
    return reading.entries[0].tags


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("secret")
    return tmp_path


@pytest.mark.scenario("Z7")
@pytest.mark.skipif(landlock.obstacle() != "", reason=landlock.obstacle())
@pytest.mark.parametrize("step", ["", "without_capabilities", "without_writable_code"])
def test_a_process_that_was_taken_over_can_do_nothing(mutant: Mutant, target: Path, step: str) -> None:
    steps = [step] if step else []
    outcomes = dict(tag.split(": ", 1) for tag in tags(mutant("attempts", *steps), str(target).encode()))
    assert len(outcomes) == 18
    assert set(outcomes.values()) <= {"denied (PermissionError)", "denied (BlockingIOError)"}
    assert (target / "secret").read_text() == "secret"
    assert [path.name for path in target.iterdir()] == ["secret"]


@pytest.mark.scenario("Z7")
def test_without_landlock_the_rest_still_holds(mutant: Mutant, target: Path) -> None:
    outcomes = dict(tag.split(": ", 1) for tag in tags(mutant("attempts", "without_landlock"), str(target).encode()))
    done = {name for name, outcome in outcomes.items() if outcome == "done"}
    assert done <= WITHOUT_LANDLOCK
    assert not (target / "new").exists() or (target / "new").stat().st_size == 0, "no byte can be written"


@pytest.mark.scenario("Z7")
def test_a_process_is_told_nothing_and_holds_nothing(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHER_SMTP_PASSWORD", "hunter2")
    with Path(os.devnull).open("rb") as held:
        os.set_inheritable(held.fileno(), True)
        told = tags(mutant("surroundings"))
    assert told[0] == "descriptors [0, 1, 2]"
    assert set(told[1:]) <= {f"environment {name}" for name in ("LC_ALL", "LC_CTYPE", "PYTHONPATH", "TZ")}


@pytest.mark.parametrize("step", ["", "without_landlock", "without_writable_code", "without_capabilities"])
def test_what_python_loads_late_can_be_loaded(mutant: Mutant, step: str) -> None:
    assert tags(mutant("reads_own_world", *([step] if step else []))) == ("中", "2.0")


def test_the_strength_that_is_told_is_the_one_in_force(mutant: Mutant) -> None:
    assert tags(mutant("strength")) == (sandbox.strength(),)
    (weaker,) = tags(mutant("strength", "without_landlock"))
    assert weaker.endswith("rlimits only: the landlock calls are not permitted here")


def test_our_own_folder_is_readable_and_not_what_lies_beside_it() -> None:
    readable = sandbox.readable()
    package = Path(sandbox.__file__).parents[1]
    assert package in readable
    assert not any(package.parent.is_relative_to(path) for path in readable if path != package.parent)

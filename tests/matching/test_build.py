"""The build includes the compiled core, or fails, or does without it, as the switch says."""

import importlib.util
import shutil
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def build() -> ModuleType:
    pytest.importorskip("hatchling")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(build: ModuleType, tmp_path: Path) -> Path:
    """A folder that holds the source of the core, and a core of an earlier build."""
    (tmp_path / build.SOURCE).parent.mkdir(parents=True)
    shutil.copy(ROOT / build.SOURCE, tmp_path / build.SOURCE)
    (tmp_path / build.BUILT).write_text("of an earlier build")
    return tmp_path


def asked_of(build: ModuleType, checkout: Path, version: str = "standard") -> dict[str, Any]:
    """What the hook asks of the build, for a ``standard`` or an ``editable`` one."""
    data: dict[str, Any] = {"artifacts": []}
    build.CompiledCore(str(checkout), {}, None, None, str(checkout), "wheel").initialize(version, data)
    return data


def test_by_default_a_wheel_is_pure_python(build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(build.SWITCH, raising=False)
    assert asked_of(build, checkout) == {"artifacts": []}


def test_an_editable_install_without_the_core_removes_that_of_an_earlier_one(
    build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(build.SWITCH, "0")
    asked_of(build, checkout, "editable")
    assert not (checkout / build.BUILT).exists()


@pytest.mark.parametrize("switch", ["1", "auto"])
def test_the_switch_builds_the_core_and_names_the_platform(
    switch: str, build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("gcc"):
        pytest.skip("there is no C compiler here")
    monkeypatch.setenv(build.SWITCH, switch)
    data = asked_of(build, checkout)
    assert data["artifacts"] == ["/watcher/matching/_core.abi3.so"]
    assert not data["pure_python"]
    assert data["tag"].startswith("cp311-abi3-")
    assert (checkout / build.BUILT).read_bytes().startswith(b"\x7fELF")


@pytest.fixture(params=["no compiler", "no headers"])
def obstacle(request: pytest.FixtureRequest, build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What keeps the core from being compiled; returns what is said of it."""
    if request.param == "no compiler":
        monkeypatch.setattr(sysconfig, "get_config_var", lambda _: "no-such-compiler")
        return "no-such-compiler: No such file or directory"
    if not shutil.which("gcc"):
        pytest.skip("there is no C compiler here")
    monkeypatch.setattr(sysconfig, "get_paths", lambda: {"include": str(checkout / "nowhere")})
    return "Python.h"


def test_a_core_that_must_be_there_and_cannot_be_compiled_fails_the_build(
    build: ModuleType, checkout: Path, obstacle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(build.SWITCH, "1")
    with pytest.raises(build.CannotBuildCore, match=obstacle) as failed:
        asked_of(build, checkout)
    assert "install a C compiler and the headers of this Python" in str(failed.value)
    assert not (checkout / build.BUILT).exists()


def test_a_core_that_may_be_there_and_cannot_be_compiled_is_left_out(
    build: ModuleType, checkout: Path, obstacle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(build.SWITCH, "auto")
    assert asked_of(build, checkout) == {"artifacts": []}
    assert not (checkout / build.BUILT).exists()


def test_a_switch_that_says_something_else_fails_the_build(
    build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(build.SWITCH, "yes")
    with pytest.raises(build.CannotBuildCore, match="WATCHER_BUILD_CORE=yes: write 1, auto or 0"):
        asked_of(build, checkout)

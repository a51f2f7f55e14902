"""The build takes the compiled core along where it can, and does without where it cannot."""

import importlib.util
import shutil
import sysconfig
from pathlib import Path
from types import ModuleType

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


def test_a_core_that_cannot_be_compiled_leaves_nothing_behind(build: ModuleType, tmp_path: Path) -> None:
    source, target = tmp_path / "core.c", tmp_path / "core.so"
    source.write_text("no C at all")
    target.write_text("of an earlier build")
    assert not build.compiled(source, target)
    assert not target.exists()


def test_no_compiler_is_no_failure(build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", lambda _: "no-such-compiler")
    assert not build.compiled(ROOT / build.SOURCE, tmp_path / "core.so")


def test_the_core_compiles_where_there_is_a_compiler(build: ModuleType, tmp_path: Path) -> None:
    if not shutil.which("gcc"):
        pytest.skip("there is no C compiler here")
    assert build.compiled(ROOT / build.SOURCE, tmp_path / "core.so")

"""The short form of ``make diff-match``: the same answers as engines that no one here wrote."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def differ(monkeypatch: pytest.MonkeyPatch, shared_data: Path) -> ModuleType:
    if not (shared_data / "text" / "reuters21578").is_dir():
        pytest.skip("the Reuters wires are not there")
    monkeypatch.syspath_prepend(str(BENCH))
    return importlib.import_module("diff_match")


@pytest.mark.shared_data
@pytest.mark.parametrize("judge", ["fts5", "tantivy"])
def test_generated_rules_hit_what_the_other_engine_says(differ: ModuleType, judge: str, compiled: bool) -> None:
    if judge == "tantivy":
        pytest.importorskip("tantivy", reason="only the benches need it: pip install .[bench]")
    for result in differ.compare(300, 150, compiled=compiled, judges=[judge], vocabulary=400):
        assert result["hits"] > 30, result
        assert result["differences"] == 0, result["first"]

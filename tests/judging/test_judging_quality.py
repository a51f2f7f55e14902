import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, float]]:
    command = [sys.executable, str(BENCH / "quality.py"), "--fixture", "--json"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    measured: dict[str, dict[str, float]] = json.loads(printed)["figures"]["own fixture"]
    return measured


@pytest.mark.parametrize(
    ("aim", "average_precision", "recall"),
    [("opposes the verdict", 0.83, 0.82), ("verdict unverified", 0.90, 0.72)],
)
def test_impact_ranks_the_fixture_well(
    figures: dict[str, dict[str, float]], aim: str, average_precision: float, recall: float
) -> None:
    assert figures[f"{aim}: impact"]["AP"] >= average_precision
    assert figures[f"{aim}: impact"]["R@5"] >= recall


@pytest.mark.parametrize("aim", ["opposes the verdict", "verdict unverified"])
@pytest.mark.parametrize("baseline", ["all words", "three rarest", "overlap", "BM25", "topic alone"])
def test_impact_ranks_better_than_words(figures: dict[str, dict[str, float]], aim: str, baseline: str) -> None:
    assert figures[f"{aim}: impact"]["AP"] > figures[f"{aim}: {baseline}"]["AP"] + 0.05


def test_denial_is_told(figures: dict[str, dict[str, float]]) -> None:
    assert figures["direction"]["denial F1"] >= 0.90
    assert figures["direction"]["three-way accuracy"] >= 0.85

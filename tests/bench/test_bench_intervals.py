import pytest
from intervals import Share


@pytest.mark.parametrize(
    ("count", "of", "interval"), [(8, 10, (0.490, 0.943)), (0, 20, (0.0, 0.161)), (20, 20, (0.839, 1.0))]
)
def test_the_interval_is_wilsons(count: int, of: int, interval: tuple[float, float]) -> None:
    assert Share(count, of).interval == pytest.approx(interval, abs=0.001)


def test_a_share_of_nothing_is_printed_as_a_dash() -> None:
    assert str(Share.holding([])) == "-"


def test_a_share_is_printed_with_its_interval() -> None:
    assert str(Share.holding([True] * 8 + [False] * 2)) == ".800 [.490, .943]"

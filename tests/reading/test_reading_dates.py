from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.reading import dates

CHICAGO = ZoneInfo("America/Chicago")


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type, misc] # year, month, day, and so on


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (1738843200, utc(2025, 2, 6, 12)),
        ("1738843200", utc(2025, 2, 6, 12)),
        ("1738843200000", utc(2025, 2, 6, 12)),
        ('<time datetime="2025-02-05T12:37:10-05:00">1738777030</time>\n', utc(2025, 2, 5, 17, 37, 10)),
        ("<span>1738777030</span>", utc(2025, 2, 5, 17, 37, 10)),
        ("/Date(1708527600000)/", utc(2024, 2, 21, 15)),
        ("2026-01-21T16:00:00", utc(2026, 1, 21, 22)),
        ("2026-07-21T16:00:00", utc(2026, 7, 21, 21)),
        ("2026-07-27T20:11:50.0812345Z", utc(2026, 7, 27, 20, 11, 50, 81234)),
        ("20260622T200000Z", utc(2026, 6, 22, 20)),
        ("2026-06-22", utc(2026, 6, 22, 5)),
        ("4/9/2026", utc(2026, 4, 9, 5)),
        ("4/9/26 1:30 PM", utc(2026, 4, 9, 18, 30)),
        ("5/19/2026 12:00 a.m.", utc(2026, 5, 19, 5)),
        ("August 7, 2026", utc(2026, 8, 7, 5)),
        ("Posted on Aug. 7th, 2026 by the newsroom", utc(2026, 8, 7, 5)),
        ("Date and time: January 09, 2024   3:00 PM", utc(2024, 1, 9, 21)),
        ("3 pm, Tue 9 January 2024", utc(2024, 1, 9, 21)),
        ("/news/2026/08/07/secretary-tours-facility", utc(2026, 8, 7, 5)),
        ("Tue, 22 Sep 2026 14:35:00 GMT", utc(2026, 9, 22, 14, 35)),
        ("Tue, 22 Sep 2026 14:35:00 -0500", utc(2026, 9, 22, 19, 35)),
    ],
)
def test_a_date_means_what_people_mean_by_it(written: object, meant: datetime) -> None:
    assert dates.parse(written, CHICAGO) == meant


@pytest.mark.scenario("P8")
@pytest.mark.parametrize(
    "written",
    ["", "soon", None, True, [], {}, "13/13/2026", "February 30, 2026", "1/1/0001", 10**30, float("nan"), "9" * 5000],
)
def test_what_is_no_date_is_none(written: object) -> None:
    assert dates.parse(written, CHICAGO) is None


@pytest.mark.scenario("P8")
@given(st.text() | st.integers() | st.floats())
def test_whatever_is_written_it_is_a_moment_in_utc_or_none(written: object) -> None:
    found = dates.parse(written, CHICAGO)
    assert found is None or found.tzinfo is UTC

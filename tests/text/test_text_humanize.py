"""Stretches of time as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watcher.text.humanize import from_now, humanize

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stretch", "words"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(minutes=4, seconds=59), "4 min"),
        (timedelta(hours=1), "60 min"),
        (timedelta(hours=4), "4 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=3, hours=20), "3 d"),
    ],
)
def test_a_stretch_is_said_in_the_unit_that_fits_twice(stretch: timedelta, words: str) -> None:
    assert humanize(stretch) == words


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=1), "now"),
        (timedelta(minutes=12), "in 12 min"),
        (timedelta(minutes=-5), "5 min ago"),
        (timedelta(hours=-30), "30 h ago"),
        (timedelta(days=-19), "2026-01-01"),
        (timedelta(days=12), "2026-02-01"),
    ],
)
def test_what_is_near_is_told_by_its_distance_and_the_rest_by_its_day(away: timedelta, words: str) -> None:
    assert from_now(NOW + away, NOW) == words

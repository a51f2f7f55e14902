"""When next: within what a person wrote, what a source asks for, and a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import schedule

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)

spans = st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=7))
holds = st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000))


@given(every=spans, hold=holds, failures=st.integers(0, 500), key=st.text())
def test_a_source_is_polled_no_sooner_than_written_and_no_later_than_a_day_because_of_anybody(
    every: timedelta, hold: timedelta | None, failures: int, key: str
) -> None:
    wait = schedule.next_poll(NOW, every=every, failures=failures, hold=hold, key=key) - NOW
    assert every <= wait <= max(every, DAY) * 1.1


@pytest.mark.parametrize(
    ("hold", "least", "most"),
    [
        (None, 15, 16.5),
        (timedelta(0), 15, 16.5),
        (timedelta(minutes=5), 15, 16.5),
        (timedelta(hours=3), 180, 180),
        (timedelta(days=1), 1440, 1440),
        (timedelta(days=365), 1440, 1440),
    ],
)
def test_what_a_source_asks_for_is_waited_for_up_to_a_day(hold: timedelta | None, least: float, most: float) -> None:
    wait = schedule.next_poll(NOW, every=QUARTER, hold=hold, key="a") - NOW
    assert timedelta(minutes=least) <= wait <= timedelta(minutes=most)


@given(failures=st.integers(0, 30))
def test_every_failure_makes_the_wait_longer_up_to_a_day(failures: int) -> None:
    def wait(number: int) -> timedelta:
        return schedule.next_poll(NOW, every=QUARTER, failures=number, key="a") - NOW

    assert wait(failures) <= wait(failures + 1) <= DAY * 1.1


def test_sources_that_were_due_together_do_not_stay_together() -> None:
    moments = {schedule.next_poll(NOW, every=QUARTER, key=f"source {number}") for number in range(500)}
    assert len(moments) > 490
    assert max(moments) - min(moments) > timedelta(seconds=80)


@pytest.mark.parametrize(
    ("times", "over", "believed"),
    [(5, DAY, True), (4, DAY * 30, False), (50, DAY - timedelta(seconds=1), False)],
)
def test_a_move_is_believed_after_five_confirmations_over_a_day(times: int, over: timedelta, *, believed: bool) -> None:
    assert schedule.is_believed(times, over) is believed

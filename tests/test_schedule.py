"""When next: within what a person wrote, what a source asks for, and a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.leases import MAX_REST
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


def publishing(*pauses: float) -> list[datetime]:
    """Moments with pauses of so many minutes between them, not in order."""
    moments = [NOW]
    for pause in pauses:
        moments.append(moments[-1] + timedelta(minutes=pause))
    return moments[::-1]


@pytest.mark.parametrize(
    ("pauses", "minutes"),
    [
        ([60] * 9, 30),
        ([60] * 8 + [6000], 30),  # one night changes nothing
        ([5] * 9, 10),
        ([60 * 24] * 9, 60),
        ([60 * 24] * 50 + [60] * 9, 30),  # what counts is how it publishes now
    ],
)
def test_a_pace_is_half_the_usual_pause_within_bounds(pauses: list[float], minutes: float) -> None:
    assert schedule.pace(publishing(*pauses)) == timedelta(minutes=minutes)


def test_a_few_items_have_no_pace() -> None:
    assert schedule.pace(publishing(*[60] * 8)) is None


@pytest.mark.parametrize(
    ("hours", "due"),
    [
        ([], datetime(2026, 1, 20, 12, 15, tzinfo=UTC)),
        ([13], datetime(2026, 1, 20, 12, 15, tzinfo=UTC)),
        ([12], datetime(2026, 1, 20, 13, tzinfo=UTC)),
        ([12, 13, 14, 16], datetime(2026, 1, 20, 15, tzinfo=UTC)),
        ([hour for hour in range(24) if hour != 11], datetime(2026, 1, 21, 11, tzinfo=UTC)),
    ],
)
def test_hours_at_which_a_source_asks_not_to_be_polled_are_left_out(hours: list[int], due: datetime) -> None:
    moment = schedule.next_poll(NOW, every=QUARTER, skip_hours=hours)
    assert due <= moment <= due + timedelta(minutes=2)


def test_a_source_that_is_never_to_be_polled_is_polled() -> None:
    assert schedule.next_poll(NOW, every=QUARTER, skip_hours=range(24)) - NOW < timedelta(minutes=17)


# ------------------------------------------------------------------------------------------------ deliveries


RETRIES = (timedelta(minutes=5), timedelta(hours=2))


@pytest.mark.scenario("D1", "D2")
@given(st.text(max_size=40))
def test_a_delivery_is_tried_again_by_its_schedule_and_a_tenth_later_at_most(key: str) -> None:
    for attempts, wait in enumerate(RETRIES, 1):
        again = schedule.next_attempt(NOW, schedule=RETRIES, attempts=attempts, key=key)
        assert again is not None
        assert wait <= again - NOW <= wait * 1.1
    assert schedule.next_attempt(NOW, schedule=RETRIES, attempts=3, key=key) is None


@pytest.mark.scenario("D1")
def test_what_failed_together_is_not_tried_again_together() -> None:
    again = {schedule.next_attempt(NOW, schedule=RETRIES, attempts=1, key=f"msg_{n}") for n in range(50)}
    assert len(again) > 40


@pytest.mark.scenario("D1")
@pytest.mark.parametrize(
    ("asked", "least"),
    [
        (timedelta(0), RETRIES[0]),
        (timedelta(minutes=1), RETRIES[0]),
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(days=4000), DAY),
    ],
)
def test_a_receiver_is_left_alone_for_as_long_as_it_asks_up_to_a_day(asked: timedelta, least: timedelta) -> None:
    again = schedule.next_attempt(NOW, schedule=RETRIES, attempts=1, key="msg_1", retry_after=asked)
    assert again is not None
    assert least <= again - NOW <= least * 1.1


def test_the_longest_pause_that_can_be_written_is_the_longest_that_the_database_believes() -> None:
    assert schedule.MAX_SPACING == MAX_REST

"""An endpoint that fails again and again is left alone for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watcher.second_reader.breaker import MAX_BEARABLE_FAILURES, PAUSE, Breaker

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)


def failed(times: int) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker = breaker.after_failure("timeout", NOON)
    return breaker


def test_a_few_failures_in_a_row_are_borne() -> None:
    assert not failed(MAX_BEARABLE_FAILURES).is_open(NOON)


def test_one_more_opens_it_for_a_while_and_then_one_question_is_asked() -> None:
    breaker = failed(MAX_BEARABLE_FAILURES + 1)
    assert breaker.is_open(NOON)
    later = NOON + PAUSE
    assert not breaker.is_open(later)
    assert breaker.after_failure("timeout", later).is_open(later)


def test_an_endpoint_that_asks_to_be_left_alone_is_at_once_and_for_as_long() -> None:
    breaker = Breaker().after_failure("throttled", NOON, retry_after=timedelta(hours=1))
    assert breaker.is_open(NOON + timedelta(minutes=59))
    assert not breaker.is_open(NOON + timedelta(hours=1))

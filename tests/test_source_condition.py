"""How a source is, decided from what its polls left behind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watcher import source_condition
from watcher.model import Reason
from watcher.source_condition import UNENDED, Condition, State, expected_by, extended, network_down_since, outlook

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class History:
    """How the polls of a source went: it was read an hour ago, unless said otherwise."""

    name: str
    host: str
    failures: int = 0
    unsettled: int = 0
    failing_since: datetime | None = None
    reason: str = ""
    detail: str = ""
    recent: str = "...."
    expected_by: datetime | None = None
    last_poll_at: datetime | None = NOW - timedelta(hours=1)
    last_ok_at: datetime | None = NOW - timedelta(hours=1)


def row(name: str = "city", **changes: Any) -> History:
    return History(**{"name": name, "host": f"{name}.example.org"} | changes)


def failed(name: str, reason: Reason, failures: int, *, since: timedelta = timedelta(minutes=30)) -> History:
    """A source that failed so often in a row, asked the last time just now."""
    begun = NOW - since
    return row(
        name,
        reason=reason.value,
        detail="why",
        failures=failures,
        failing_since=begun,
        last_poll_at=NOW,
        last_ok_at=begun - timedelta(minutes=15),
    )


def of(*rows: History) -> Condition:
    return outlook(rows, NOW).conditions[rows[0].name]


HEALTHY = row("paper", last_ok_at=NOW, last_poll_at=NOW)


def test_a_source_that_nobody_came_back_from_yet_is_new() -> None:
    assert of(row(last_poll_at=None, last_ok_at=None)).state is State.NEW


def test_a_source_that_was_never_read_is_not_ok_after_its_first_failure() -> None:
    never = replace(failed("city", Reason.ADDRESS_UNKNOWN, 1), last_ok_at=None)
    assert of(never, HEALTHY) == Condition(State.NEW, "last time address unknown: why")


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (Reason.BLOCKED, State.BLOCKED),
        (Reason.ROBOTS, State.BLOCKED),
        (Reason.NOT_A_FEED, State.NOT_A_FEED),
        (Reason.EMPTY, State.EMPTY),
        (Reason.SELECTOR, State.SELECTOR),
    ],
)
def test_what_is_no_hiccup_counts_from_the_second_time_on(reason: Reason, state: State) -> None:
    assert of(failed("city", reason, 1), HEALTHY) == Condition(State.OK, f"last time {reason}: why")
    assert of(failed("city", reason, 2), HEALTHY) == Condition(state, "why")


@pytest.mark.parametrize("reason", [Reason.HTTP_STATUS, Reason.TIMEOUT, Reason.DAMAGED, Reason.THROTTLED])
def test_what_may_be_a_hiccup_counts_from_the_third_time_on(reason: Reason) -> None:
    assert of(failed("city", reason, 2), HEALTHY).state is State.OK
    assert of(failed("city", reason, 3), HEALTHY) == Condition(State.FAILING, f"{reason}: why")


def test_gone_is_believed_at_once() -> None:
    assert of(failed("city", Reason.GONE, 1), HEALTHY) == Condition(State.GONE, "why")


def test_three_slow_answers_in_a_row_are_slow_and_blind_nobody() -> None:
    assert of(row(recent=".~~")).state is State.OK
    slow = of(row(recent=".~~~"))
    assert slow.state is State.SLOW
    assert not slow.state.blinds


def test_a_source_is_silent_when_it_was_read_after_something_was_due() -> None:
    due = NOW - timedelta(hours=2)
    assert of(row(expected_by=due)).state is State.SILENT
    assert of(row(expected_by=due, last_ok_at=due - timedelta(minutes=1))).state is State.OK, "we did not look since"
    assert of(row(expected_by=NOW)).state is State.OK


# ------------------------------------------------------------------------------------------------ rhythm


def days(*numbers: float) -> list[datetime]:
    return [NOW + timedelta(days=number) for number in numbers]


def test_a_source_is_due_at_twice_its_longest_pause() -> None:
    assert expected_by(days(0, 1, 2, 7, 8, 9, 10, 11), NOW) == NOW + timedelta(days=2 * 5)


def test_the_order_in_which_things_appeared_does_not_matter() -> None:
    assert expected_by(days(11, 0, 2, 1, 8, 7, 9, 10), NOW) == expected_by(days(0, 1, 2, 7, 8, 9, 10, 11), NOW)


def test_a_daily_source_is_allowed_a_long_weekend() -> None:
    assert expected_by(days(*range(30)), NOW) == NOW + timedelta(days=3)


def test_a_burst_is_one_sign_of_life() -> None:
    assert expected_by(days(*(number / 100 for number in range(50))), NOW) is None


def test_few_days_have_no_rhythm() -> None:
    assert expected_by(days(0, 1, 2, 3, 4, 5, 6), NOW) is None


# ------------------------------------------------------------------------------------------------ the network


def outage(*names: str, failures: int = 5, since: timedelta = timedelta(minutes=30)) -> list[History]:
    return [failed(name, Reason.CONNECTION, failures, since=since) for name in names]


def test_most_sources_failing_together_are_the_network_and_none_of_them_is_failing() -> None:
    rows = outage("a", "b", "c", "d")
    seen = outlook(rows, NOW)
    assert seen.network_since == NOW - timedelta(minutes=30)
    assert {each.state for each in seen.conditions.values()} == {State.OK}


def test_the_network_is_known_to_be_down_while_others_still_wait_for_their_turn() -> None:
    before = NOW - timedelta(minutes=40)
    waiting = [row(name, last_ok_at=before, last_poll_at=before) for name in "efghij"]
    assert outlook([*outage("a", "b", "c"), *waiting], NOW).network_since


def test_a_few_among_many_are_not_the_network() -> None:
    others = [row(name, last_poll_at=NOW, last_ok_at=NOW) for name in "efgh"]
    seen = outlook([*outage("a", "b", "c"), *others], NOW)
    assert seen.network_since is None
    assert seen.blinding == {"a", "b", "c"}


def test_sources_that_failed_long_before_are_no_witnesses() -> None:
    old = outage("a", "b", "c", "d", since=timedelta(days=9))
    assert network_down_since([*old, HEALTHY], NOW) is None
    assert network_down_since([*old, *outage("e", "f", "g"), HEALTHY], NOW)


def test_many_sources_of_one_host_are_that_host_where_others_are_reached() -> None:
    rows = [replace(each, host="one.example.org") for each in outage("a", "b", "c", "d")]
    assert network_down_since([*rows, HEALTHY], NOW) is None


def test_a_first_moment_is_no_outage() -> None:
    assert network_down_since(outage("a", "b", "c", since=timedelta(seconds=5)), NOW) is None


def test_answers_that_came_are_not_the_network() -> None:
    rows = [failed(name, Reason.HTTP_STATUS, 3) for name in "abc"]
    seen = outlook(rows, NOW)
    assert seen.network_since is None
    assert seen.blinding == {"a", "b", "c"}


def test_one_source_alone_cannot_blame_the_network() -> None:
    seen = outlook(outage("a"), NOW)
    assert seen.network_since is None
    assert seen.blinding == {"a"}


def test_a_source_that_is_asked_more_often_is_not_blamed_before_another_was_reached() -> None:
    before = NOW - timedelta(minutes=40)
    waiting = [row(name, last_ok_at=before, last_poll_at=before) for name in "bcd"]
    assert of(*outage("a"), *waiting).state is State.OK
    assert of(*outage("a"), *waiting, HEALTHY).state is State.FAILING


def test_after_a_day_those_that_fail_while_others_are_reached_are_to_blame_themselves() -> None:
    rows = [*outage("a", "b", "c", since=timedelta(days=2)), HEALTHY]
    assert outlook(rows, NOW).network_since is None
    assert outlook(rows, NOW).blinding == {"a", "b", "c"}


def test_an_outage_in_which_nobody_is_reached_may_last_for_days() -> None:
    assert network_down_since(outage("a", "b", "c", since=timedelta(days=5)), NOW) == NOW - timedelta(days=5)


def test_the_bar_keeps_the_last_polls() -> None:
    assert extended("." * source_condition.BAR, "x") == "." * (source_condition.BAR - 1) + "x"


@pytest.mark.scenario("D11", "X1")
@pytest.mark.parametrize("failures", [0, 1])
def test_a_source_whose_readings_never_end_is_as_good_as_not_read(failures: int) -> None:
    trouble = failed("city", Reason.TIMEOUT, 1) if failures else row()
    assert of(replace(trouble, unsettled=UNENDED - 1)).state is not State.UNENDED
    seen = of(replace(trouble, unsettled=UNENDED))
    assert seen.state.blinds
    assert seen == Condition(State.UNENDED, "the service ended during each of the last 10; see its log")

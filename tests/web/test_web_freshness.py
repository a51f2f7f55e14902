"""When an origin wants to be asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.web.freshness import MAX_HOLD, hold
from watcher.web.headers import Headers, first, members

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HALF_PAST = "Wed, 04 Mar 2026 12:30:00 GMT"
EARLIER = "Wed, 04 Mar 2026 11:00:00 GMT"
DAY = 86400
CC, EXP, DATE, AGE = "Cache-Control", "Expires", "Date", "Age"

Pairs = list[tuple[str, str]]
TABLE: list[tuple[Pairs, int | None]] = [
    ([], None),
    ([(CC, "max-age=0")], None),
    ([(CC, "max-age=300")], 300),
    ([(CC, "max-age=86400")], DAY),
    ([(CC, "max-age=31536000")], DAY),
    ([(CC, "max-age=" + "9" * 5000)], DAY),
    ([(CC, "max-age=-1")], None),
    ([(CC, "max-age=abc")], None),
    ([(CC, "max-age=")], None),
    ([(CC, "max-age")], None),
    ([(CC, "max-age=1.5")], None),
    ([(CC, "max-age=\u0663".encode().decode("latin-1"))], None),
    ([(CC, 'max-age="300"')], 300),
    ([(CC, "MAX-AGE=300")], 300),
    ([(CC, "public, max-age=300, must-revalidate")], 300),
    ([(CC, "public,max-age = 300")], 300),
    ([(CC, "public"), (CC, "max-age=300")], 300),
    ([(CC, "max-age=300, max-age=900")], 300),
    ([(CC, "s-maxage=900")], None),
    ([(CC, "s-maxage=900, max-age=300")], 300),
    ([(CC, "max-age=0000000000000000000300")], 300),
    ([(CC, "no-cache")], None),
    ([(CC, "no-cache, max-age=300")], None),
    ([(CC, "max-age=300, No-Cache")], None),
    ([(CC, "no-store, max-age=300")], None),
    ([(CC, 'no-cache="Set-Cookie", max-age=300')], 300),
    ([(CC, "private, stale-while-revalidate=900")], None),
    ([(CC, ",,=,;")], None),
    ([(CC, "max-age=300"), (AGE, "100")], 200),
    ([(CC, "max-age=300"), (AGE, "400")], None),
    ([(CC, "max-age=300"), (AGE, "old")], 300),
    ([(EXP, HALF_PAST)], 1800),
    ([(EXP, "Wednesday, 04-Mar-26 12:30:00 GMT")], 1800),
    ([(EXP, "Wed Mar  4 12:30:00 2026")], 1800),
    ([(EXP, HALF_PAST), (DATE, EARLIER)], 5400),
    ([(EXP, HALF_PAST), (DATE, "now")], 1800),
    ([(EXP, HALF_PAST), (AGE, "600")], 1200),
    ([(EXP, "0")], None),
    ([(EXP, "-1")], None),
    ([(EXP, EARLIER)], None),
    ([(EXP, "Tue, 19 Jan 2038 03:14:07 GMT")], DAY),
    ([(EXP, "Tue, 19 Jan 99999999999 03:14:07 GMT")], None),
    ([(EXP, HALF_PAST), (CC, "max-age=300")], 300),
    ([(EXP, HALF_PAST), (CC, "max-age=abc")], None),
    ([(EXP, HALF_PAST), (CC, "no-cache")], None),
    ([(EXP, HALF_PAST), (CC, "public")], 1800),
    ([("Retry-After", "120"), (CC, "max-age=60")], 120),
    ([("Retry-After", "60"), (CC, "max-age=120")], 120),
    ([("retry-after", HALF_PAST)], 1800),
]


def raw(pairs: Pairs) -> Headers:
    return tuple((name.encode(), value.encode("latin-1")) for name, value in pairs)


@pytest.mark.parametrize(("pairs", "seconds"), TABLE)
def test_a_good_answer_is_fresh_for_so_long(pairs: Pairs, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert hold(200, raw(pairs), NOW) == hold(304, raw(pairs), NOW) == expected


@pytest.mark.parametrize("status", [301, 404, 429, 500, 503])
def test_an_error_is_not_fresh_but_may_ask_to_wait(status: int) -> None:
    assert hold(status, raw([(CC, "max-age=300")]), NOW) is None
    assert hold(status, raw([(CC, "max-age=300"), ("Retry-After", "7")]), NOW) == timedelta(seconds=7)


@pytest.mark.parametrize("wait", [EARLIER, "-5", "soon", "0", "", "5.5", "12e3"])
def test_a_wait_that_means_nothing_is_none(wait: str) -> None:
    assert hold(503, raw([("Retry-After", wait)]), NOW) is None


@pytest.mark.parametrize("wait", ["1000000000000", "9" * 5000, "Tue, 19 Jan 2038 03:14:07 GMT"])
def test_no_wait_is_longer_than_a_day(wait: str) -> None:
    assert hold(429, raw([("Retry-After", wait)]), NOW) == MAX_HOLD == timedelta(days=1)


names = st.sampled_from([b"Cache-Control", b"EXPIRES", b"Age", b"Date", b"retry-after"])
values = st.binary() | st.sampled_from([b"max-age=5", b"no-cache", HALF_PAST.encode(), b"9" * 30, b"Wed, 99 Foo 0"])


@given(st.integers(100, 599), st.lists(st.tuples(names, values)).map(tuple))
def test_any_headers_give_none_or_up_to_a_day(status: int, headers: Headers) -> None:
    wait = hold(status, headers, NOW)
    assert wait is None or timedelta(0) < wait <= MAX_HOLD


def test_headers_are_found_in_any_case_and_lists_over_several_lines() -> None:
    headers = raw([("X-A", "1, 2"), ("x-a", "3,,"), ("X-B", "4")])
    assert first(headers, "x-A") == b"1, 2"
    assert first(headers, "X-C") is None
    assert members(headers, "X-A") == [b"1", b"2", b"3"]

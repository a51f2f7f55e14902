"""How a source is, decided from what its polls left behind. Pure.

One failure says nothing: it may be a hiccup. A page where a feed was, a wall, an emptied list or a selector that
finds nothing is no hiccup, and the second one in a row is told; of anything else the third. If most sources stop
being reachable together it is the network on our side, and none of them is to blame. A source that answers and yet
brings nothing, for much longer than it ever did, is silent: nobody would hear of the feed that was left behind. A
source whose readings take the service down is read ever more seldom, and is as good as not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, Protocol

from watcher.model import Reason


class PollRecord(Protocol):
    """How the polls of a source went, as `storage.sources.PollHistory` has it."""

    @property
    def name(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def unsettled(self) -> int: ...
    @property
    def failures(self) -> int: ...
    @property
    def failing_since(self) -> datetime | None: ...
    @property
    def state(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def recent(self) -> str: ...
    @property
    def expected_by(self) -> datetime | None: ...
    @property
    def last_poll_at(self) -> datetime | None: ...
    @property
    def last_ok_at(self) -> datetime | None: ...


class State(StrEnum):
    """How a source is. A fixed list, so that it can be counted."""

    NEW = "not read yet"
    OK = "ok"
    SLOW = "slow"
    FAILING = "failing"
    BLOCKED = "blocked"
    NOT_A_FEED = "not a feed"
    EMPTY = "empty where there was something"
    SELECTOR = "selector finds nothing"
    UNENDED = "its readings never end"
    SILENT = "silent for longer than its history explains"
    GONE = "gone"

    @property
    def blinds(self) -> bool:
        """Whether nothing can be known from a source that is so."""
        return self not in {State.NEW, State.OK, State.SLOW}


@dataclass(frozen=True, slots=True)
class Condition:
    """How a source is, and why, in words."""

    state: State
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How all sources are, by their names."""

    conditions: Mapping[str, Condition]
    network_since: datetime | None = None
    """Since when most of them cannot be reached; empty while the network on our side works."""

    @property
    def blinding(self) -> frozenset[str]:
        """The sources from which nothing can be known."""
        return frozenset(name for name, condition in self.conditions.items() if condition.state.blinds)


FAILURES: Final = 3
"""In a row, of the kind that may be a hiccup, make a source failing."""
_NO_HICCUP: Final = {
    Reason.BLOCKED: State.BLOCKED,
    Reason.NOT_A_FEED: State.NOT_A_FEED,
    Reason.EMPTY: State.EMPTY,
    Reason.SELECTOR: State.SELECTOR,
    Reason.ROBOTS: State.BLOCKED,
}
NO_HICCUPS: Final = 2
"""So many of these make a source what they say."""
UNREACHED: Final = frozenset({Reason.ADDRESS_UNKNOWN, Reason.CONNECTION, Reason.TIMEOUT, Reason.TLS})
"""Failures in which no answer came: the other end's fault, or ours."""

UNENDED: Final = 10
"""Readings in a row that the end of the service cut short: too many for whoever only stood beside the culprit."""

BAR: Final = 30
"""Polls that a source's bar shows."""
UNCHANGED, CHANGED, SLOW, FAILED = ".", "+", "~", "x"
SLOW_AFTER: Final = timedelta(seconds=10)
"""A source that takes longer is about to fail: a visit may take half a minute."""
_SLOW_POLLS: Final = 3

_TOGETHER: Final = timedelta(days=1)
"""Who fails for longer than that, while others are reached, does not fail because of our network."""
_ENOUGH: Final = 3
"""Sources that must fail together, where there are so many."""
_SETTLED: Final = timedelta(minutes=1)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)

_DAYS: Final = 8
"""On which something was published: of fewer, no rhythm can be told."""
_SHORTEST_SILENCE: Final = timedelta(days=3)
_TIMES: Final = 2
"""The longest pause there ever was, so many times, is no pause any more."""


def outlook(rows: Sequence[PollRecord], now: datetime) -> Outlook:
    """How these sources are, all that are polled."""
    since = network_down_since(rows, now)
    others = len(rows) > 1
    reached = max((row.last_ok_at for row in rows if row.last_ok_at), default=None)
    return Outlook({row.name: _condition(row, reached, others=others) for row in rows}, since)


def _condition(row: PollRecord, reached: datetime | None, *, others: bool) -> Condition:
    if row.unsettled >= UNENDED:
        return Condition(State.UNENDED, f"the service ended during each of the last {row.unsettled}; see its log")
    if row.failures:
        return _troubled(row, blameless=others and _nobody_since(row, reached))
    if row.last_poll_at is None:
        return Condition(State.NEW)
    if _is_silent(row):
        return Condition(State.SILENT, f"nothing new where something was due by {row.expected_by:%Y-%m-%d}")
    if row.recent.endswith(SLOW * _SLOW_POLLS):
        return Condition(State.SLOW, f"its last {_SLOW_POLLS} answers took more than {SLOW_AFTER.seconds} s each")
    return Condition(State.OK, row.detail)


def _troubled(row: PollRecord, *, blameless: bool) -> Condition:
    why = f"{row.state}: {row.detail}"
    reason = Reason(row.state)
    if reason is Reason.GONE:
        return Condition(State.GONE, row.detail)
    if reason in _NO_HICCUP and row.failures >= NO_HICCUPS:
        return Condition(_NO_HICCUP[reason], row.detail)
    if row.failures >= FAILURES and not (reason in UNREACHED and blameless):
        return Condition(State.FAILING, why)
    return Condition(State.OK if row.last_ok_at else State.NEW, f"last time {why}")


def _nobody_since(row: PollRecord, reached: datetime | None) -> bool:
    """Whether no other source was reached either since this one began to fail."""
    return reached is None or row.failing_since is None or reached <= row.failing_since


def _is_silent(row: PollRecord) -> bool:
    """Whether it was read when something new was long due, and had nothing new."""
    return row.expected_by is not None and row.last_ok_at is not None and row.last_ok_at > row.expected_by


# ------------------------------------------------------------------------------------------------ the network


def network_down_since(rows: Sequence[PollRecord], now: datetime) -> datetime | None:
    """Since when most of the sources that were asked cannot be reached; None: it is not the network.

    Those that failed before are no witnesses, and neither is a single host.
    """
    reached = max((row.last_ok_at for row in rows if row.last_ok_at), default=_NEVER)
    earliest = min(now - _TOGETHER, reached)
    begun = sorted(since for row in rows if (since := row.failing_since) and _is_unreached(row) and since > earliest)
    return next((since for since in begun if since <= now - _SETTLED and _fail_together(rows, since)), None)


def _fail_together(rows: Sequence[PollRecord], since: datetime) -> bool:
    asked = [row for row in rows if row.last_poll_at and row.last_poll_at >= since]
    witnesses = [row for row in asked if not row.failing_since or row.failing_since >= since]
    failed = [row for row in witnesses if _is_unreached(row)]
    hosts = {row.host for row in failed}
    enough = len(failed) >= min(_ENOUGH, max(len(rows), 2))
    return enough and 2 * len(failed) > len(witnesses) and (len(hosts) > 1 or len(failed) == len(witnesses))


def _is_unreached(row: PollRecord) -> bool:
    return bool(row.failures) and row.state in UNREACHED


# ------------------------------------------------------------------------------------------------ what polls leave


def extended(recent: str, poll: str) -> str:
    """The bar with one more poll."""
    return (recent + poll)[-BAR:]


def expected_by(published: Sequence[datetime], last: datetime) -> datetime | None:
    """When something new is due at the latest, by what was published until ``last``; None while that says too little.

    Counted in days, so that a burst is one sign of life and not many; weekends and holidays are pauses like others.
    """
    days = sorted({moment.date() for moment in published})
    if len(days) < _DAYS:
        return None
    pause = max(after - before for before, after in pairwise(days))
    return last + max(_TIMES * pause, _SHORTEST_SILENCE)

"""The condition of a source, decided from the history of its polls. Pure.

One failure means little: it may be a hiccup. A page instead of a feed, a wall, an emptied list or a selector that finds
nothing is not a hiccup, and is reported the second time in a row; everything else the third time. If most sources
become unreachable together, the cause is the network on our side, and no source is blamed. A source that answers but
brings nothing for much longer than ever before is silent: the feed may have been abandoned. A source whose readings
crash the service is read less and less often, and counts as not read.
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
    """The poll history of a source; `storage.sources.PollHistory` has these fields."""

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
    def reason(self) -> str: ...
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
    """The state of a source. A fixed list, so that states can be counted."""

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
        """Whether a source in this state tells us nothing."""
        return self not in {State.NEW, State.OK, State.SLOW}


@dataclass(frozen=True, slots=True)
class Condition:
    """The state of a source, and the reason in words."""

    state: State
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The conditions of all sources, by their names."""

    conditions: Mapping[str, Condition]
    network_since: datetime | None = None
    """Since when most of them cannot be reached; None while the network on our side works."""

    @property
    def blinding(self) -> frozenset[str]:
        """Return the sources that tell us nothing."""
        return frozenset(name for name, condition in self.conditions.items() if condition.state.blinds)


FAILURES: Final = 3
"""So many failures in a row, of a kind that may be a hiccup, make a source failing."""
_NO_HICCUP: Final = {
    Reason.BLOCKED: State.BLOCKED,
    Reason.NOT_A_FEED: State.NOT_A_FEED,
    Reason.EMPTY: State.EMPTY,
    Reason.SELECTOR: State.SELECTOR,
    Reason.ROBOTS: State.BLOCKED,
}
NO_HICCUPS: Final = 2
"""Failures in a row that give a source the state of that name."""
UNREACHED: Final = frozenset({Reason.ADDRESS_UNKNOWN, Reason.CONNECTION, Reason.TIMEOUT, Reason.TLS})
"""Failures without an answer: the cause may be the other side or our network."""

UNENDED: Final = 10
"""Readings in a row that the end of the service interrupted: too many for a source that is only a bystander."""

BAR: Final = 30
"""Number of polls that a source's bar shows."""
UNCHANGED, CHANGED, SLOW, FAILED = ".", "+", "~", "x"
SLOW_AFTER: Final = timedelta(seconds=10)
"""A source that takes longer is slow, and may fail soon: a visit may take half a minute."""
_SLOW_POLLS: Final = 3

_TOGETHER: Final = timedelta(days=1)
"""A source that fails for longer than this while others are reached does not fail because of our network."""
_MIN_FAILING_SOURCES: Final = 3
"""The least number of sources that must fail together."""
_SETTLED: Final = timedelta(minutes=1)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)

_MIN_PUBLISHING_DAYS: Final = 8
"""Days on which something was published: fewer show no rhythm."""
_MIN_SILENCE: Final = timedelta(days=3)
_SILENCE_FACTOR: Final = 2
"""A source is silent when it brings nothing for so many times its longest pause."""


def outlook(rows: Sequence[PollRecord], now: datetime) -> Outlook:
    """Return the conditions of these sources, which must be all that are polled."""
    since = network_down_since(rows, now)
    others = len(rows) > 1
    reached = max((row.last_ok_at for row in rows if row.last_ok_at), default=None)
    return Outlook({row.name: _condition(row, reached, others=others) for row in rows}, since)


def _condition(row: PollRecord, reached: datetime | None, *, others: bool) -> Condition:
    if row.unsettled >= UNENDED:
        return Condition(State.UNENDED, f"the service ended during each of the last {row.unsettled}; see its log")
    if row.failures:
        # whether no other source was reached either since this one began to fail
        nobody = reached is None or row.failing_since is None or reached <= row.failing_since
        return _troubled(row, blameless=others and nobody)
    if row.last_poll_at is None:
        return Condition(State.NEW)
    # it had nothing new when it was read long after something was due
    if row.expected_by is not None and row.last_ok_at is not None and row.last_ok_at > row.expected_by:
        return Condition(State.SILENT, f"nothing new, although something was due by {row.expected_by:%Y-%m-%d}")
    if row.recent.endswith(SLOW * _SLOW_POLLS):
        return Condition(State.SLOW, f"its last {_SLOW_POLLS} answers took more than {SLOW_AFTER.seconds} s each")
    return Condition(State.OK, row.detail)


def _troubled(row: PollRecord, *, blameless: bool) -> Condition:
    why = f"{row.reason}: {row.detail}"
    reason = Reason(row.reason)
    if reason is Reason.GONE:
        return Condition(State.GONE, row.detail)
    if reason in _NO_HICCUP and row.failures >= NO_HICCUPS:
        return Condition(_NO_HICCUP[reason], row.detail)
    if row.failures >= FAILURES and not (reason in UNREACHED and blameless):
        return Condition(State.FAILING, why)
    return Condition(State.OK if row.last_ok_at else State.NEW, f"last time {why}")


# ------------------------------------------------------------------------------------------------ the network


def network_down_since(rows: Sequence[PollRecord], now: datetime) -> datetime | None:
    """Return since when most of the visited sources cannot be reached; None if the network works.

    Sources that failed before do not count, and a single host is not enough.
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
    enough = len(failed) >= min(_MIN_FAILING_SOURCES, max(len(rows), 2))
    return enough and 2 * len(failed) > len(witnesses) and (len(hosts) > 1 or len(failed) == len(witnesses))


def _is_unreached(row: PollRecord) -> bool:
    return bool(row.failures) and row.reason in UNREACHED


# ------------------------------------------------------------------------------------------------ what polls leave


def extended(recent: str, poll: str) -> str:
    """Return the bar with one more poll."""
    return (recent + poll)[-BAR:]


def expected_by(published: Sequence[datetime], last: datetime) -> datetime | None:
    """Return when something new is due at the latest, from what was published until ``last``; None if that is too
    little.

    Counted in days, so that a burst counts once; weekends and holidays are pauses like any other.
    """
    days = sorted({moment.date() for moment in published})
    if len(days) < _MIN_PUBLISHING_DAYS:
        return None
    pause = max(after - before for before, after in pairwise(days))
    return last + max(_SILENCE_FACTOR * pause, _MIN_SILENCE)

"""The judge: what was called for, joined with what was received. Pure.

Every message that was called for must have been accepted once at every destination. A second time is excused only
when a crash may have swallowed the acknowledgement, and only under the same key with the same content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from faults.journal import Record, of_kind
from faults.signs import Sign

SETTLING = timedelta(seconds=5)
"""An acknowledgement that was given longer than this before a crash was surely written down."""


class What(StrEnum):
    """What can be wrong."""

    MISSED = "missed"
    """Called for, and never shown to this destination: nobody noticed, or it was forgotten."""
    LOST = "lost"
    """Called for, shown to this destination, and never accepted there."""
    EXTRA = "extra"
    """Nobody called for it, or it came again as if it were another one."""
    REPEATED = "repeated"
    """Accepted again although no crash could have made that necessary."""
    ALTERED = "altered"
    """The same key with different content."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message at one destination, accepted or not."""

    at: datetime
    destination: str
    key: str
    sign: Sign
    content: str
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    what: What
    destination: str
    sign: Sign
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what} at {self.destination}: {self.sign}{': ' if self.detail else ''}{self.detail}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge found."""

    findings: tuple[Finding, ...]
    accepted: int
    """Messages that were called for and accepted, each once at each destination."""
    excused: int
    """Repeats that a crash explains."""

    @property
    def green(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def __str__(self) -> str:
        counts = Counter(finding.what for finding in self.findings)
        figures = [f"{counts[what]} {what}" for what in What]
        return f"{self.accepted} accepted, {', '.join(figures)}, {self.excused} repeats excused by a crash"


def called_for(published: Iterable[Record]) -> list[Sign]:
    """Every message that the origin's log calls for."""
    return [Sign(*sign) for record in published for sign in record.get("calls_for", ())]


def received(records: Iterable[Record]) -> list[Received]:
    """What a receiver's log says it was shown."""
    return [
        Received(
            at=record["at"],
            destination=record["destination"],
            key=record["key"],
            sign=Sign(*record["sign"]),
            content=record["content"],
            acknowledged=record["acknowledged"],
        )
        for record in of_kind(list(records), "received")
    ]


def check(
    calls: Iterable[Sign],
    destinations: Collection[str],
    log: Sequence[Received],
    crashes: Sequence[datetime] = (),
) -> Verdict:
    """Join what was called for with what was received, at each destination on its own."""
    wanted = Counter(calls)
    findings: list[Finding] = []
    accepted = excused = 0
    for destination in destinations:
        here = [one for one in log if one.destination == destination]
        findings += _absent(wanted, destination, here)
        findings += _surplus(wanted, destination, here)
        repeats, pardoned = _repeats(destination, here, crashes)
        findings += repeats + _altered(destination, here)
        excused += pardoned
        accepted += sum(min(wanted[sign], len(_keys(here, sign, accepted=True))) for sign in wanted)
    strangers = [one for one in log if one.destination not in destinations]
    findings += [Finding(What.EXTRA, one.destination, one.sign, "an unknown destination") for one in strangers]
    return Verdict(tuple(findings), accepted, excused)


def _keys(log: Sequence[Received], sign: Sign, *, accepted: bool) -> set[str]:
    return {one.key for one in log if one.sign == sign and (one.acknowledged or not accepted)}


def _absent(wanted: Counter[Sign], destination: str, log: Sequence[Received]) -> list[Finding]:
    findings = []
    for sign, times in wanted.items():
        shown, taken = _keys(log, sign, accepted=False), _keys(log, sign, accepted=True)
        for number in range(len(taken), times):
            what = What.LOST if number < len(shown) else What.MISSED
            findings.append(Finding(what, destination, sign))
    return findings


def _surplus(wanted: Counter[Sign], destination: str, log: Sequence[Received]) -> list[Finding]:
    """More keys than messages: refused ones count too, for a message keeps its key from the first attempt."""
    findings = []
    for sign in dict.fromkeys(one.sign for one in log):
        keys = _keys(log, sign, accepted=False)
        if len(keys) > wanted[sign]:
            findings.append(Finding(What.EXTRA, destination, sign, f"{len(keys)} keys for {wanted[sign]} messages"))
    return findings


def _repeats(destination: str, log: Sequence[Received], crashes: Sequence[datetime]) -> tuple[list[Finding], int]:
    """Repeats that nothing excuses, and how many were excused: one for each crash."""
    findings: list[Finding] = []
    unused = list(crashes)
    accepted: dict[str, datetime] = {}
    for one in sorted(log, key=lambda one: one.at):
        if not one.acknowledged:
            continue
        if (before := accepted.get(one.key)) is not None:
            excuse = next((crash for crash in unused if abs(crash - before) < SETTLING and crash < one.at), None)
            if excuse is None:
                findings.append(Finding(What.REPEATED, destination, one.sign, f"key {one.key}"))
            else:
                unused.remove(excuse)
        accepted[one.key] = one.at
    return findings, len(crashes) - len(unused)


def _altered(destination: str, log: Sequence[Received]) -> list[Finding]:
    contents: dict[str, str] = {}
    return [
        Finding(What.ALTERED, destination, one.sign, f"key {one.key}")
        for one in log
        if contents.setdefault(one.key, one.content) != one.content
    ]

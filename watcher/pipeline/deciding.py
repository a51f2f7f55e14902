"""Whether people get an alert, an update or a withdrawal: decided from values alone. Pure.

The live service and the replay of rule files both use this function.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from watcher.model import EventKind, EventPolicy, Priority


class Step(Enum):
    """What a finding means for one claim."""

    NOTHING = auto()
    ALERT = auto()
    UPDATE = auto()
    WITHDRAW = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldBefore:
    """What the messages of a claim have already reported about a story."""

    rules: frozenset[str]
    priority: Priority
    official: bool
    direction: str
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEvent:
    """What a finding means to one claim."""

    event: EventKind
    rules: frozenset[str]
    newly: frozenset[str]
    """The rules that did not hit before."""
    priority: Priority
    official: bool
    direction: str
    fresh: tuple[str, ...] = ()
    """Sentences that are new in a known story."""
    matches_elsewhere: bool = False
    """Whether another item of the story still matches."""


def decide(event: ClaimEvent, told: ToldBefore | None, policy: EventPolicy) -> tuple[Step, tuple[str, ...]]:
    """Return what to do about an event, and for an update what is new about it, in words.

    ``told``: what was reported to the claim's people before; None if this is the first message about the story.
    """
    if told is None:
        wanted = policy is EventPolicy.ALERT or (policy is EventPolicy.IF_NEWLY_MATCHING and event.newly)
        return (Step.ALERT if wanted and event.rules else Step.NOTHING), ()
    if not event.rules and event.matches_elsewhere:
        return Step.UPDATE, ("this outlet no longer has what matched; other outlets of the story still do",)
    if not event.rules:
        return (Step.NOTHING if told.withdrawn else Step.WITHDRAW), ()
    news = [words for words, holds in _news(event, told).items() if holds]
    return (Step.UPDATE if news else Step.NOTHING), tuple(news)


def _news(event: ClaimEvent, told: ToldBefore) -> dict[str, bool]:
    """Return the reasons for an update of a story that was reported before, and whether each holds."""
    turned = event.direction != told.direction and "denies" in {event.direction, told.direction}
    return {
        "it matches again": told.withdrawn,
        f"newly hit: {', '.join(sorted(event.rules - told.rules))}": bool(event.rules - told.rules),
        f"priority is now {event.priority}": event.priority.rank > told.priority.rank,
        "an official source has it now": event.official and not told.official,
        "its denial wording changed": turned,
        f"another outlet has more: {' '.join(event.fresh)[:1000]}": bool(event.fresh),
    }

"""Where the items of a stream end up for a claim, and the shares that the recall bench prints."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from intervals import Share
from recall_data import DECISIVE, QUIET, Item, Label

from watcher.ranking.tiers import Tier

OTHERS_A_DAY = 1000
QUIET_A_DAY = 5


@dataclass(frozen=True, slots=True)
class Placed:
    """What a system says of an item and a claim."""

    score: float
    tier: Tier


UNRELATED = Placed(-inf, Tier.BELOW)
"""Of an item that a system does not even compare with the claim."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An item and a claim, and where it ends up on a day of its own."""

    item: Item
    claim: str
    tier: Tier
    place: float
    """Lines expected before it: by other items of that day, and quiet ones of the subject."""
    beyond_budget: bool = False
    """It has a line of the digest that is not of the day's budget."""

    @property
    def label(self) -> Label | None:
        """Return what it is to this claim; None for other news and items of other claims."""
        return self.item.label if self.item.claim == self.claim else None

    def is_told(self, lines: int) -> bool:
        """Return whether the desk reads it: at once, or in a digest of so many lines."""
        return self.tier is Tier.NOW or self.beyond_budget or (self.tier is Tier.LINE and self.place < lines)


ByClaim = dict[str, list[Judged]]
"""A stream as judged for each claim."""


def judged(claim: str, stream: Iterable[tuple[Item, Placed]]) -> list[Judged]:
    """Rank each item of the stream alone against a day of `OTHERS_A_DAY` other items and `QUIET_A_DAY` quiet ones."""
    seen = list(stream)
    others = sorted(placed.score for item, placed in seen if item.claim != claim)
    quiet = sorted(placed.score for item, placed in seen if item.claim == claim and item.label in QUIET)
    return [
        Judged(
            item,
            claim,
            placed.tier,
            OTHERS_A_DAY * share_before(placed.score, others, counted=item.claim != claim)
            + QUIET_A_DAY * share_before(placed.score, quiet, counted=item.claim == claim and item.label in QUIET),
        )
        for item, placed in seen
    ]


def share_before(score: float, ordered: Sequence[float], *, counted: bool) -> float:
    """Return the share of these scores, in ascending order, that are higher than one, with half of its equals.

    ``counted``: the score is one of them, and does not come before itself.
    """
    after = bisect_right(ordered, score)
    equal = after - bisect_left(ordered, score) - counted
    of = len(ordered) - counted
    return (len(ordered) - after + equal / 2) / of if of else 0.0


_Holds = Callable[[Judged], bool]


def _now(pair: Judged) -> bool:
    return pair.tier is Tier.NOW


def _first(lines: int) -> _Holds:
    return lambda pair: pair.is_told(lines)


_HOW = {"now": _now, **{f"first{lines}": _first(lines) for lines in (5, 10, 20)}}
_WHO: dict[str, _Holds] = {
    "": lambda pair: pair.label in DECISIVE,
    "documented_": lambda pair: pair.label is Label.DOCUMENTED,
    "reported_": lambda pair: pair.label is Label.REPORTED,
    "denials_": lambda pair: pair.label is Label.DENIAL,
}
_AT_ONCE: dict[str, _Holds] = {
    "now_quiet": lambda pair: pair.label in QUIET,
    "now_context": lambda pair: pair.label is Label.CONTEXT,
    "now_ordinary": lambda pair: pair.label is Label.ORDINARY,
    "now_hard": lambda pair: pair.label is Label.HARD,
    "now_other": lambda pair: pair.label is None,
    "now_other_claims": lambda pair: pair.label is None and bool(pair.item.claim),
    "now_news": lambda pair: not pair.item.claim,
}
SUMMARY = ("now", "first5", "first10", "first20", "denials_first10", "now_quiet", "now_other", "now_hard")


def shares(pairs: Sequence[Judged]) -> dict[str, Share]:
    """Return all shares that are printed, by name: of what the desk wants, and of what is told at once without need."""
    told = {
        f"{whose}{name}": Share.holding(how(pair) for pair in pairs if belongs(pair))
        for whose, belongs in _WHO.items()
        for name, how in _HOW.items()
    }
    noise = {name: Share.holding(_now(pair) for pair in pairs if belongs(pair)) for name, belongs in _AT_ONCE.items()}
    return told | noise


@dataclass(frozen=True, slots=True)
class Load:
    """What a stream of ordinary news brings a desk about one claim."""

    items: int
    days: int
    median_lines: float
    """Items at or above the floor on the median day, those told at once among them."""
    most_lines: int
    now: int
    """Items told at once, on all days."""


def load(pairs: Iterable[Judged]) -> Load:
    """Return the load of one claim, over the days that the items have."""
    seen = list(pairs)
    lines = Counter({pair.item.day: 0 for pair in seen})
    lines.update(pair.item.day for pair in seen if pair.tier is not Tier.BELOW)
    now = sum(pair.tier is Tier.NOW for pair in seen)
    return Load(len(seen), len(lines), median(lines.values()), max(lines.values()), now)


def rounded(measured: Mapping[str, Share]) -> dict[str, float]:
    """Return the shares that are compared from one version to the next, for the line of JSON."""
    return {name.replace("denials_first", "denials"): round(measured[name].value, 4) for name in SUMMARY}

"""A second reader that knows the labels and errs at a known rate: what a good language model would bring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from recall_data import DECISIVE, QUIET, SEED
from recall_measures import OTHERS_A_DAY, QUIET_A_DAY, Judged

from watcher.ranking.tiers import Tier
from watcher.second_reader.answer import Confidence, Opinion, Says
from watcher.second_reader.effect import effect

_YES = Opinion(answer=Says.YES, quote="its words", confidence=Confidence.HIGH)
_NO = Opinion(answer=Says.NO, quote="its words", confidence=Confidence.HIGH)
SENSITIVITY = 0.95
SPECIFICITY = 0.90
QUESTIONS_A_DAY = 20
"""Of one claim. With ten claims, what the settings allow a day."""


@dataclass(frozen=True, slots=True)
class Read:
    """A claim's stream after the second reader was asked from the top of each day, and how often it was."""

    pairs: Sequence[Judged]
    asked_a_day: float
    """Items of a day of other items and quiet ones, without any that is decisive."""


def read(pairs: Sequence[Judged]) -> Read:
    """Ask about each item whose place, on a day of its own, is within the budget: never about one below the floor."""
    asked = [_is_asked(pair) for pair in pairs]
    others = [told for told, pair in zip(asked, pairs, strict=True) if pair.label is None]
    quiet = [told for told, pair in zip(asked, pairs, strict=True) if pair.label in QUIET]
    return Read(
        [_after(pair) if told else pair for told, pair in zip(asked, pairs, strict=True)],
        OTHERS_A_DAY * _mean(others) + QUIET_A_DAY * _mean(quiet),
    )


def _is_asked(pair: Judged) -> bool:
    return pair.tier is not Tier.BELOW and pair.place < QUESTIONS_A_DAY


def _after(pair: Judged) -> Judged:
    changed = effect(pair.tier, _YES if says_yes(pair) else _NO, by_hand=False)
    return replace(pair, tier=changed.tier, beyond_budget=changed.beyond_budget)


def says_yes(pair: Judged) -> bool:
    """Return whether the answer is yes about an item and a claim, drawn by their ids: the same each time."""
    digest = blake2b(f"{SEED} {pair.claim} {pair.item.id}".encode(), digest_size=8).digest()
    drawn = int.from_bytes(digest) / 2**64
    return drawn < SENSITIVITY if pair.label in DECISIVE else drawn >= SPECIFICITY


def _mean(values: Iterable[bool]) -> float:
    seen = list(values)
    return sum(seen) / len(seen) if seen else 0.0

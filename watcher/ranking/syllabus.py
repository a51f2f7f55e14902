"""What a rule is taught with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from watcher.ranking.ranked_text import RankedText
from watcher.ranking.relations import RelationName
from watcher.ranking.subject import About

_SHARE = 0.2
_FEW = 6
"""Positive examples that give likeness this share of the score; it grows with the root of their number."""
_MAX_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Example:
    """A text and whether it is what the rule looks for."""

    item: RankedText
    positive: bool
    origin: str = ""
    """Where it stands, for people: the name of a test, the number of an answered alert."""


@dataclass(frozen=True, slots=True)
class Syllabus:
    """All that a rule is taught with, but for the ordinary items of the stream."""

    claim: str
    lists: Mapping[str, tuple[str, ...]]
    examples: tuple[Example, ...]
    relation: RelationName | None = None
    """The vocabulary that it uses beside its examples."""

    @property
    def about(self) -> About:
        """The words of the rule: of its examples only the titles and texts that a person wrote for it."""
        return About(
            self.claim,
            self.lists,
            like=tuple(example.item.whole for example in self.examples if example.positive),
            unlike=tuple(example.item.whole for example in self.examples if not example.positive),
        )

    @property
    def likeness_share(self) -> float:
        """What a unit of log odds adds to the score: the more positive examples, the more it can be relied on."""
        positive = sum(example.positive for example in self.examples)
        return min(_MAX_SHARE, _SHARE * sqrt(positive / _FEW))

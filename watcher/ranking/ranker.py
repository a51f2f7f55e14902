"""How likely an item is what each rule looks for, and what makes it so."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Generic, TypeVar

from watcher.judging.idf import Idf
from watcher.ranking.likeness import best
from watcher.ranking.logistic import Features, Linear
from watcher.ranking.ranked_text import RankedText
from watcher.ranking.relations import RelationName
from watcher.ranking.subject import Subject, Subjects
from watcher.ranking.tiers import Tier
from watcher.ranking.windows import FeatureReader, Window, windows

Key = TypeVar("Key", bound=Hashable)

NEAR = 0.08
"""Subject from which an item is compared with a rule's examples: one or two of its rarer words. One in forty pairs of
wires and claims comes so far, and no decisive item was under it."""
_MIN_LIKENESS = -0.5
"""Log odds: what looks unlike the examples loses no more than this. A decisive item in words of its own must still be
found by what it is about."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a rule learnt: enough to rank by, and small enough to be stored with the rulebook."""

    subject: Subject
    likeness: Linear
    likeness_share: float
    lists: Mapping[str, tuple[str, ...]]
    relation: RelationName | None
    floor: float = 0.0
    """Score under which an item is no line of a digest."""
    now_at: float = inf
    """Score from which an item is told at once."""

    def tier(self, score: float) -> Tier:
        """Return where a score goes."""
        return Tier.NOW if score >= self.now_at else Tier.LINE if score >= self.floor else Tier.BELOW

    def combined(self, subject: float, likeness: float) -> float:
        """Return the score of an item from what it is about and how it resembles the examples."""
        return subject + self.likeness_share * max(_MIN_LIKENESS, likeness)


@dataclass(frozen=True, slots=True)
class Ranking(Generic[Key]):
    """How likely an item is what one rule looks for."""

    rule: Key
    score: float
    tier: Tier
    subject: float
    """What it is about: 0 to about 1."""
    likeness: float
    """Log odds of its best passage."""
    passage: Window
    """The passage that made it likely."""


@dataclass(frozen=True, slots=True)
class Ranker(Generic[Key]):
    """All rules that rank by examples."""

    rules: Mapping[Key, Trained]
    _subjects: Subjects[Key] = field(repr=False)
    _readers: Mapping[Key, FeatureReader] = field(repr=False)

    @staticmethod
    def of(rules: Mapping[Key, Trained], idf: Idf) -> Ranker[Key]:
        """Prepare the rules; ``idf`` is the one they were trained with."""
        subjects = Subjects.indexed({key: trained.subject for key, trained in rules.items()})
        readers = {key: FeatureReader(idf, trained.lists, trained.relation) for key, trained in rules.items()}
        return Ranker(rules, subjects, readers)

    def rank(self, item: RankedText) -> list[Ranking[Key]]:
        """Return the rules that the item is near, most likely first."""
        near = ((key, subject) for key, subject in self._subjects.scores(item).items() if subject >= NEAR)
        ranked = [self._ranking(key, subject, item) for key, subject in near]
        return sorted(ranked, key=lambda ranking: -ranking.score)

    def _ranking(self, key: Key, subject: float, item: RankedText) -> Ranking[Key]:
        trained, reader = self.rules[key], self._readers[key]
        passages = windows(item, trained.subject.weights)
        features = [reader(passage.text) for passage in passages]
        at = best(trained.likeness, features)
        likeness = trained.likeness(features[at])
        score = trained.combined(subject, likeness)
        return Ranking(key, score, trained.tier(score), subject, likeness, passages[at])


def passages_of(reader: FeatureReader, item: RankedText, weights: Mapping[str, float]) -> Sequence[Features]:
    """Return the features of an item's passages, as a ranker compares them."""
    return [reader(passage.text) for passage in windows(item, weights)]

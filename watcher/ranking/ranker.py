"""How likely an item is what each rule looks for, and what makes it so."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Generic, TypeVar

from watcher.judging.idf import Idf
from watcher.ranking.likeness import Bag, best, likest
from watcher.ranking.logistic import Linear
from watcher.ranking.meaning import MIN_LOG_ODDS, Embedder, Meaning, added, meant
from watcher.ranking.ranked_text import RankedText
from watcher.ranking.relations import RelationName
from watcher.ranking.subject import Subject, Subjects
from watcher.ranking.tiers import Tier, tier_of
from watcher.ranking.windows import FeatureReader, Window, windows

Key = TypeVar("Key", bound=Hashable)

NEAR = 0.08
"""Subject from which an item is compared with a rule's examples: one or two of its rarer words. One in forty pairs of
wires and claims comes so far, and no decisive item was under it."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a rule learnt: enough to rank by, and small enough to be stored with the rulebook."""

    subject: Subject
    likeness: Linear
    likeness_share: float
    lists: Mapping[str, tuple[str, ...]]
    relation: RelationName | None
    like: tuple[str, ...] = ()
    """The passages of the examples of what is meant, to say which of them an item is like."""
    floor: float = 0.0
    """Score under which an item is no line of a digest."""
    now_at: float = inf
    """Score from which an item is told at once."""
    meaning: Meaning | None = None
    """What it learnt beside words; nothing where there was no model. A score in which it has no part has the floor and
    the threshold above."""

    def combined(self, subject: float, likeness: float) -> float:
        """Return the score of an item from what it is about and how it resembles the examples."""
        return subject + self.likeness_share * max(MIN_LOG_ODDS, likeness)


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
    floor: float
    """Score from which it could be a line."""
    meaning: float | None = None
    """Log odds of its best passage by what it means; None if it was ranked by words alone."""


@dataclass(frozen=True, slots=True)
class Ranker(Generic[Key]):
    """All rules that rank by examples."""

    rules: Mapping[Key, Trained]
    _subjects: Subjects[Key] = field(repr=False)
    _readers: Mapping[Key, FeatureReader] = field(repr=False)
    _embedder: Embedder | None = field(default=None, repr=False)
    _examples: dict[Key, Bag] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The features of the examples, of rules that were asked for the likest."""

    @staticmethod
    def of(rules: Mapping[Key, Trained], idf: Idf, embedder: Embedder | None = None) -> Ranker[Key]:
        """Prepare the rules; ``idf`` and ``embedder`` are those they were trained with.

        Without an embedder, and where it does not work, they rank by words alone.
        """
        subjects = Subjects.indexed({key: trained.subject for key, trained in rules.items()})
        readers = {key: FeatureReader(idf, trained.lists, trained.relation) for key, trained in rules.items()}
        return Ranker(rules, subjects, readers, embedder)

    def near(self, item: RankedText) -> frozenset[Key]:
        """Return the rules that would rank the item: it is about what they are about, at least a little."""
        return frozenset(key for key, subject in self._subjects.scores(item).items() if subject >= NEAR)

    def resembles(self, key: Key, passage: str) -> str:
        """Return the example of what a rule looks for that a passage is most like; empty if it has none."""
        reader, examples = self._readers[key], self.rules[key].like
        if not examples:
            return ""
        if key not in self._examples:  # read when first needed: of a thousand claims few are hit in a day
            self._examples[key] = [reader(example) for example in examples]
        return examples[likest(reader(passage), self._examples[key])]

    def rank(self, item: RankedText) -> list[Ranking[Key]]:
        """Return the rules that the item is near, most likely first."""
        scores = self._subjects.scores(item).items()
        ranked = [self._ranking(key, subject, item) for key, subject in scores if subject >= NEAR]
        return sorted(ranked, key=lambda ranking: -ranking.score)

    def _ranking(self, key: Key, subject: float, item: RankedText) -> Ranking[Key]:
        trained, reader = self.rules[key], self._readers[key]
        passages = windows(item, trained.subject.weights)
        features = [reader(passage.text) for passage in passages]
        at = best(trained.likeness, features)
        likeness = trained.likeness(features[at])
        score = trained.combined(subject, likeness)
        meaning = self._meaning(trained, passages, features)
        if trained.meaning is None or meaning is None:
            floor, now_at = trained.floor, trained.now_at
        else:
            score += added(meaning)
            floor, now_at = trained.meaning.floor, trained.meaning.now_at
        tier = tier_of(score, floor=floor, now_at=now_at)
        return Ranking(key, score, tier, subject, likeness, passages[at], floor, meaning)

    def _meaning(self, trained: Trained, passages: Sequence[Window], features: Bag) -> float | None:
        if trained.meaning is None or self._embedder is None:
            return None
        bag = meant(self._embedder, [passage.text for passage in passages], features, trained.likeness)
        return None if bag is None else max(map(trained.meaning.likeness, bag))

"""Learning what a rule looks for, from its examples and the ordinary items of the own stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest

from watcher.judging.idf import Idf
from watcher.ranking.likeness import Bag, best, learn, relearn
from watcher.ranking.logistic import Linear
from watcher.ranking.meaning import SHARE, Embedder, Meaning, added, meant
from watcher.ranking.ranked_text import RankedText, words
from watcher.ranking.ranker import Key, Trained
from watcher.ranking.subject import Subject, Subjects
from watcher.ranking.syllabus import Example, Syllabus
from watcher.ranking.windows import FeatureReader, windows

MAX_EXAMPLES = 500
"""Examples of a rule that are learnt from, the last ones given: they take two seconds, and more change little."""
_NEAREST = 100
"""Ordinary items that are assumed not to be meant: those that share most words with the rule. They help more than
negative examples do (bench/README.md)."""
_ABOVE_FLOOR = 0.0025
"""Of the ordinary items: how many may be lines of a digest. On 250 items a day, most days have none."""
_MAX_WEIGHTS = 500
"""Features that are kept, those of most weight: with 250 the items of the evaluation rank the same."""
_FOLDS = 6

# At which score an item is told at once. Chosen on the evaluation set's five claims (bench/README.md), where 2 % of the
# quiet items of a claim's own subject reach it.
_NOW_AT = 0.49
_NOW_AT_PER_SHARE = 0.55
"""The more likeness counts, the higher everything scores that resembles an example."""
_COUNTED_AS = 60
"""Negative examples that weigh as much as those two figures do. One answer of a person moves the score a little, a
hundred decide it."""
_EXCEEDED_BY = 0.05
"""Of the negative examples: those that may score more than the score their own threshold is set at."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How an example scores for a rule that learnt from the others only."""

    example: Example
    score: float
    misplaced: bool
    """Meant, and not told at once; or not meant, and told at once."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a rule learnt, and how far it can be relied on."""

    trained: Trained
    left_out: tuple[LeftOut, ...]
    """Of each example, in the order of the syllabus."""


def idf_of(ordinary: Iterable[RankedText]) -> Idf:
    """Return how rare words are in the own stream, acronyms too; a stream that is new leans on the shipped table."""
    return Idf.shipped() + count_words(ordinary)


def count_words(ordinary: Iterable[RankedText]) -> Idf:
    """Return in how many items each word occurs, acronyms too."""
    counts = Counter[str]()
    documents = 0
    for item in ordinary:
        documents += 1
        counts.update(set(words(item.whole)))
    return Idf(documents, counts)


def train(
    syllabuses: Mapping[Key, Syllabus], ordinary: Sequence[RankedText], idf: Idf, embedder: Embedder | None = None
) -> dict[Key, Lesson]:
    """Return what each rule learnt; the same examples and items give the same.

    Args:
        syllabuses: the rules and what they are taught with.
        ordinary: items of the own stream, hardly any of which is meant. With fewer than 400 the floor is 0.
        idf: what `idf_of` says of that stream.
        embedder: the model by which rules learn what passages mean as well. Without one, and where it does not work,
            they learn words alone.
    """
    taught = {
        key: replace(syllabus, examples=syllabus.examples[-MAX_EXAMPLES:]) for key, syllabus in syllabuses.items()
    }
    subjects = {key: Subject.of(syllabus.about, idf) for key, syllabus in taught.items()}
    index = Subjects.indexed(subjects)
    nearness = [index.scores(item) for item in ordinary]
    lessons = {}
    for key, syllabus in taught.items():
        nearest = nlargest(_NEAREST, range(len(ordinary)), key=lambda at: (nearness[at].get(key, 0.0), -at))
        course = _Course.prepared(syllabus, subjects[key], [ordinary[at] for at in nearest], idf)
        lessons[key] = course.lesson(len(ordinary), embedder)
    return lessons


@dataclass(frozen=True, slots=True)
class _Read:
    """An item with its passages, read once."""

    item: RankedText
    texts: Sequence[str]
    bag: Bag

    @staticmethod
    def of(item: RankedText, reader: FeatureReader, subject: Subject) -> _Read:
        texts = [passage.text for passage in windows(item, subject.weights)]
        return _Read(item, texts, [reader(text) for text in texts])


@dataclass(frozen=True, slots=True)
class _Course:
    """All that one rule is taught with, its passages read."""

    syllabus: Syllabus
    subject: Subject
    idf: Idf
    examples: Sequence[_Read]
    """In the order of the syllabus."""
    assumed: Sequence[_Read]
    """Ordinary items, assumed not to be meant."""

    @staticmethod
    def prepared(syllabus: Syllabus, subject: Subject, assumed: Sequence[RankedText], idf: Idf) -> _Course:
        reader = FeatureReader(idf, syllabus.lists, syllabus.relation)
        read = [
            [_Read.of(item, reader, subject) for item in items]
            for items in ([example.item for example in syllabus.examples], assumed)
        ]
        return _Course(syllabus, subject, idf, *read)

    def lesson(self, ordinary: int, embedder: Embedder | None) -> Lesson:
        """Learn from all; set the floor by the ordinary items, and what is told at once by the examples as well."""
        trained = self._trained(self.subject, self._learnt())
        scores, left_out = _scores(trained, self.assumed), self._left_out(trained.likeness)
        share = trained.likeness_share
        floor, now_at = self._thresholds(scores, left_out, share, ordinary)
        trained = replace(trained, like=self._like(trained.likeness), floor=floor, now_at=now_at)
        meant_bags = self._meant(trained.likeness, embedder)
        if meant_bags is None:
            return Lesson(trained, self._placed(left_out, now_at))
        likeness, of_assumed, of_left_out = self._learnt_meaning(meant_bags)
        scores = [score + added(log_odds) for score, log_odds in zip(scores, of_assumed, strict=True)]
        left_out = [score + added(log_odds) for score, log_odds in zip(left_out, of_left_out, strict=True)]
        floor, now_at = self._thresholds(scores, left_out, share + SHARE, ordinary)
        return Lesson(replace(trained, meaning=Meaning(likeness, floor, now_at)), self._placed(left_out, now_at))

    def _like(self, likeness: Linear) -> tuple[str, ...]:
        """Return of each example of what is meant the passage that says so."""
        pairs = zip(self.syllabus.examples, self.examples, strict=True)
        return tuple(pupil.texts[best(likeness, pupil.bag)] for example, pupil in pairs if example.positive)

    def _learnt(self) -> Linear:
        positive, negative = self._split(self._bags)
        return learn(positive, negative) if positive else Linear({}, 0.0)

    @property
    def _bags(self) -> list[Bag]:
        return [pupil.bag for pupil in (*self.examples, *self.assumed)]

    def _split(self, bags: Sequence[Bag], without: range = range(0)) -> tuple[list[Bag], list[Bag]]:
        """Return what is meant and what is not, of the bags of the examples and then of the ordinary items."""
        positive: list[Bag] = []
        negative: list[Bag] = []
        for at, example in enumerate(self.syllabus.examples):
            if at not in without:
                (positive if example.positive else negative).append(bags[at])
        return positive, [*negative, *bags[len(self.syllabus.examples) :]]

    def _meant(self, likeness: Linear, embedder: Embedder | None) -> list[Bag] | None:
        """Return the vectors of all items; None without a model that works, or without an example of what is meant."""
        if embedder is None or not any(example.positive for example in self.syllabus.examples):
            return None
        bags: list[Bag] = []
        for pupil in (*self.examples, *self.assumed):
            bag = meant(embedder, pupil.texts, pupil.bag, likeness)
            if bag is None:
                return None
            bags.append(bag)
        return bags

    def _learnt_meaning(self, bags: Sequence[Bag]) -> tuple[Linear, list[float], list[float]]:
        """Return the log odds learnt from vectors, and those of the ordinary items and of each example left out."""
        likeness = learn(*self._split(bags))
        count = len(self.examples)
        of_assumed = [max(map(likeness, bag)) for bag in bags[count:]]
        of_left_out = [0.0] * count
        for without in self._folds():
            relearnt = self._relearnt(likeness, bags, without)
            for at in without:
                of_left_out[at] = max(map(relearnt, bags[at]))
        return likeness, of_assumed, of_left_out

    def _folds(self) -> list[range]:
        count = len(self.examples)
        return [range(fold, count, _FOLDS) for fold in range(min(_FOLDS, count))]

    def _relearnt(self, likeness: Linear, bags: Sequence[Bag], without: range) -> Linear:
        positive, negative = self._split(bags, without)
        return relearn(likeness, positive, negative) if positive else Linear({}, 0.0)

    def _left_out(self, likeness: Linear) -> list[float]:
        """Return the score of each example by what is learnt without it, a sixth of them at a time.

        Which passages of the other items count stays as all examples say: choosing anew would take three times as long.
        """
        scores = [0.0] * len(self.examples)
        for without in self._folds():
            kept = tuple(example for at, example in enumerate(self.syllabus.examples) if at not in without)
            relearnt = self._relearnt(likeness, self._bags, without)
            trained = self._trained(Subject.of(replace(self.syllabus, examples=kept).about, self.idf), relearnt)
            for at, score in zip(without, _scores(trained, [self.examples[at] for at in without]), strict=True):
                scores[at] = score
        return scores

    def _trained(self, subject: Subject, likeness: Linear) -> Trained:
        return Trained(
            subject=subject,
            likeness=_pruned(likeness),
            likeness_share=self.syllabus.likeness_share,
            lists=self.syllabus.lists,
            relation=self.syllabus.relation,
        )

    def _thresholds(
        self, assumed: Sequence[float], left_out: Sequence[float], share: float, ordinary: int
    ) -> tuple[float, float]:
        """Return the floor, and the score that is told at once."""
        scores = sorted(assumed, reverse=True)
        above = int(_ABOVE_FLOOR * ordinary)
        # fewer than 400 items would put the floor at the best of them, which may be just what is looked for
        floor = scores[above] if 0 < above < len(scores) else 0.0
        return floor, max(floor, self._now_at(left_out, share))

    def _now_at(self, left_out: Sequence[float], share: float) -> float:
        expected = _NOW_AT + _NOW_AT_PER_SHARE * share
        pairs = zip(self.syllabus.examples, left_out, strict=True)
        negative = sorted((score for example, score in pairs if not example.positive), reverse=True)
        if not negative:
            return expected
        reached = negative[int(_EXCEEDED_BY * len(negative))]
        return (_COUNTED_AS * expected + len(negative) * reached) / (_COUNTED_AS + len(negative))

    def _placed(self, left_out: Sequence[float], now_at: float) -> tuple[LeftOut, ...]:
        return tuple(
            LeftOut(example, score, misplaced=example.positive is not (score >= now_at))
            for example, score in zip(self.syllabus.examples, left_out, strict=True)
        )


def _scores(trained: Trained, pupils: Iterable[_Read]) -> list[float]:
    subjects = Subjects.indexed({"": trained.subject})
    return [
        trained.combined(
            subjects.scores(pupil.item).get("", 0.0), trained.likeness(pupil.bag[best(trained.likeness, pupil.bag)])
        )
        for pupil in pupils
    ]


def _pruned(linear: Linear) -> Linear:
    kept = nlargest(_MAX_WEIGHTS, linear.weights.items(), key=lambda pair: (abs(pair[1]), pair[0]))
    return Linear(dict(kept), linear.bias)

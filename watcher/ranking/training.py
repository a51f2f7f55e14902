"""Learning what a rule looks for, from its examples and the ordinary items of the own stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest

from watcher.judging.idf import Idf
from watcher.ranking.likeness import Bag, best, learn, relearn
from watcher.ranking.logistic import Linear
from watcher.ranking.ranked_text import RankedText, words
from watcher.ranking.ranker import Key, Trained, passages_of
from watcher.ranking.subject import Subject, Subjects
from watcher.ranking.syllabus import Example, Syllabus
from watcher.ranking.windows import FeatureReader

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
    counts = Counter[str]()
    documents = 0
    for item in ordinary:
        documents += 1
        counts.update(set(words(item.whole)))
    return Idf.shipped() + Idf(documents, counts)


def train(syllabuses: Mapping[Key, Syllabus], ordinary: Sequence[RankedText], idf: Idf) -> dict[Key, Lesson]:
    """Return what each rule learnt; the same examples and items give the same.

    Args:
        syllabuses: the rules and what they are taught with.
        ordinary: items of the own stream, of which hardly one in a thousand is meant. Without any, the floor is 0.
        idf: what `idf_of` says of that stream.
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
        lessons[key] = course.lesson(len(ordinary))
    return lessons


@dataclass(frozen=True, slots=True)
class _Read:
    """An item with its passages, read once."""

    item: RankedText
    bag: Bag


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
            [_Read(item, passages_of(reader, item, subject.weights)) for item in items]
            for items in ([example.item for example in syllabus.examples], assumed)
        ]
        return _Course(syllabus, subject, idf, *read)

    def lesson(self, ordinary: int) -> Lesson:
        """Learn from all; set the floor by the ordinary items, and what is told at once by the examples as well."""
        trained = self._trained(self.subject, self._learnt())
        scores = sorted(_scores(trained, self.assumed), reverse=True)
        above = int(_ABOVE_FLOOR * ordinary)
        floor = scores[above] if above < len(scores) else 0.0
        left_out = self._left_out(trained.likeness)
        now_at = max(floor, self._now_at(left_out))
        placed = tuple(
            LeftOut(example, score, misplaced=example.positive is not (score >= now_at))
            for example, score in zip(self.syllabus.examples, left_out, strict=True)
        )
        return Lesson(replace(trained, floor=floor, now_at=now_at), placed)

    def _learnt(self) -> Linear:
        positive, negative = self._bags()
        return learn(positive, negative) if positive else Linear({}, 0.0)

    def _bags(self, without: range = range(0)) -> tuple[list[Bag], list[Bag]]:
        positive: list[Bag] = []
        negative: list[Bag] = []
        for at, (example, pupil) in enumerate(zip(self.syllabus.examples, self.examples, strict=True)):
            if at not in without:
                (positive if example.positive else negative).append(pupil.bag)
        return positive, [*negative, *(pupil.bag for pupil in self.assumed)]

    def _left_out(self, likeness: Linear) -> list[float]:
        """Return the score of each example by what is learnt without it, a sixth of them at a time.

        Which passages of the other items count stays as all examples say: choosing anew would take three times as long.
        """
        scores = [0.0] * len(self.examples)
        for fold in range(min(_FOLDS, len(self.examples))):
            without = range(fold, len(self.examples), _FOLDS)
            kept = tuple(example for at, example in enumerate(self.syllabus.examples) if at not in without)
            positive, negative = self._bags(without)
            relearnt = relearn(likeness, positive, negative) if positive else Linear({}, 0.0)
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

    def _now_at(self, left_out: Sequence[float]) -> float:
        expected = _NOW_AT + _NOW_AT_PER_SHARE * self.syllabus.likeness_share
        pairs = zip(self.syllabus.examples, left_out, strict=True)
        negative = sorted((score for example, score in pairs if not example.positive), reverse=True)
        if not negative:
            return expected
        reached = negative[int(_EXCEEDED_BY * len(negative))]
        return (_COUNTED_AS * expected + len(negative) * reached) / (_COUNTED_AS + len(negative))


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

"""With a model that says what passages mean, what is said in other words counts too; without, nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

import pytest

from watcher.ranking.meaning import MAX_COMPARED, Embedder
from watcher.ranking.ranked_text import RankedText
from watcher.ranking.ranker import Ranker, Ranking
from watcher.ranking.syllabus import Example, Syllabus
from watcher.ranking.tiers import Tier
from watcher.ranking.training import Lesson, idf_of, train

LIKE = (
    "Two former Ashdale firefighters now work for the Coast Guard.",
    "The chief confirmed that crew members left the station to join the Coast Guard.",
    "Records list the Coast Guard as the next employer of an Ashdale captain.",
)
UNLIKE = (
    "Ashdale firefighters trained with the Coast Guard on Sunday.",
    "A Coast Guard officer applied to the Ashdale fire department.",
    "An Ashdale firefighter retired after thirty years.",
)
ORDINARY = tuple(
    RankedText(f"{place} {thing}", f"The {thing} in {place} was discussed on {day}.")
    for place in ("Ashdale", "Brook", "Carrow", "Denby")
    for thing in ("budget", "bridge", "school", "fire station", "coast path")
    for day in ("Monday", "Friday")
)
IDF = idf_of(ORDINARY)
IN_OTHER_WORDS = RankedText("Ashdale crew switch to the seaborne service", "They signed up at the harbour.")
SOMETHING_ELSE = RankedText("Ashdale crew listen to the seaborne choir", "They clapped at the harbour.")

CONCEPTS = (
    {"former", "left", "join", "next", "employer", "work", "switch", "signed"},
    {"coast", "guard", "seaborne", "service"},
    {"trained", "applied", "retired", "listen", "clapped", "choir"},
)


class ModelOfThreeConcepts:
    """Says how much of a text belongs to each of three concepts."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.asked.append(texts)
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> Sequence[float]:
        words = set(text.lower().replace(".", "").split())
        vector = [float(len(words & concept)) for concept in CONCEPTS] + [1.0]
        length = sqrt(sum(value * value for value in vector))
        return [value / length for value in vector]


class BrokenModel:
    """Cannot embed anything, from the ``after``-th request on."""

    def __init__(self, after: int = 0) -> None:
        self._working = ModelOfThreeConcepts()
        self._left = after

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        self._left -= 1
        return self._working.embed(texts) if self._left >= 0 else None


def lesson(embedder: Embedder | None, like: Sequence[str] = LIKE) -> Lesson:
    examples = [Example(RankedText(text), True) for text in like]
    examples += [Example(RankedText(text), False) for text in UNLIKE]
    lists = {"where": ("Ashdale", "Station 4"), "what": ("Coast Guard", "USCG")}
    syllabus = Syllabus("Ashdale firefighters quit to join the Coast Guard", lists, tuple(examples))
    return train({"moves": syllabus}, ORDINARY, IDF, embedder)["moves"]


def ranked(item: RankedText, by: Lesson, embedder: Embedder | None) -> Ranking[str]:
    return Ranker.of({"moves": by.trained}, IDF, embedder).rank(item)[0]


WORDS_ALONE = lesson(None)
LESSON = lesson(ModelOfThreeConcepts())


def test_what_is_said_in_other_words_rises_above_what_only_looks_alike() -> None:
    def lead(by: Lesson, embedder: Embedder | None) -> float:
        return ranked(IN_OTHER_WORDS, by, embedder).score - ranked(SOMETHING_ELSE, by, embedder).score

    assert lead(LESSON, ModelOfThreeConcepts()) > lead(WORDS_ALONE, None) + 0.1


def test_meaning_decides_what_is_told_at_once_by_a_threshold_of_its_own() -> None:
    trained = LESSON.trained
    assert trained.meaning is not None
    found = ranked(RankedText(LIKE[0]), LESSON, ModelOfThreeConcepts())
    assert found.tier is Tier.NOW
    strict = replace(LESSON, trained=replace(trained, meaning=replace(trained.meaning, now_at=found.score + 0.01)))
    assert ranked(RankedText(LIKE[0]), strict, ModelOfThreeConcepts()).tier is Tier.LINE
    assert ranked(RankedText(LIKE[0]), strict, None).tier is Tier.NOW


@pytest.mark.parametrize("item", [*map(RankedText, (*LIKE, *UNLIKE)), IN_OTHER_WORDS, SOMETHING_ELSE])
def test_a_model_that_stops_working_leaves_the_ranking_by_words(item: RankedText) -> None:
    assert ranked(item, LESSON, BrokenModel()) == ranked(item, WORDS_ALONE, None)
    assert ranked(item, LESSON, None) == ranked(item, WORDS_ALONE, None)


@pytest.mark.parametrize("after", [0, 5])
def test_a_model_that_stops_working_while_a_rule_learns_leaves_what_words_teach(after: int) -> None:
    assert lesson(BrokenModel(after)) == WORDS_ALONE


def test_a_rule_that_learnt_words_alone_asks_no_model() -> None:
    model = ModelOfThreeConcepts()
    assert ranked(IN_OTHER_WORDS, WORDS_ALONE, model) == ranked(IN_OTHER_WORDS, WORDS_ALONE, None)
    assert model.asked == []


def test_without_an_example_of_what_is_meant_nothing_is_learnt_of_meaning() -> None:
    assert lesson(ModelOfThreeConcepts(), like=()).trained.meaning is None


def test_of_an_item_few_passages_are_compared_its_title_and_those_most_like_the_examples() -> None:
    model = ModelOfThreeConcepts()
    text = "The council met and it rained. " * 9 + "Crew left Ashdale to join the Coast Guard. " + "Rain fell. " * 9
    ranked(RankedText("Notes on Ashdale", text), LESSON, model)
    (asked,) = model.asked
    assert len(asked) == MAX_COMPARED
    assert asked[0].startswith("Notes on Ashdale")
    assert "join the Coast Guard" in asked[1]


def test_an_item_that_no_rule_is_near_costs_nothing() -> None:
    model = ModelOfThreeConcepts()
    assert Ranker.of({"moves": LESSON.trained}, IDF, model).rank(RankedText("Cocoa futures rose")) == []
    assert model.asked == []


def test_left_out_each_example_is_scored_by_what_the_others_mean() -> None:
    own = {found.example.item.title: found.score for found in LESSON.left_out}
    assert all(own[text] < ranked(RankedText(text), LESSON, ModelOfThreeConcepts()).score for text in LIKE)


def test_what_is_learnt_with_the_model_is_the_same_each_time() -> None:
    assert lesson(ModelOfThreeConcepts()) == LESSON

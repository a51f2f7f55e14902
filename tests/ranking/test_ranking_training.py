"""What a rule learns from a few examples, and how it ranks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.ranking.ranked_text import RankedText
from watcher.ranking.ranker import Ranker, Ranking
from watcher.ranking.syllabus import Example, Syllabus
from watcher.ranking.tiers import Tier
from watcher.ranking.training import MAX_EXAMPLES, Lesson, idf_of, train

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
    for thing in ("budget", "bridge", "school", "market", "fire station", "library", "festival", "coast path")
    for day in ("Monday", "Tuesday", "Friday")
)
IDF = idf_of(ORDINARY)


def syllabus(like: Sequence[str] = LIKE, unlike: Sequence[str] = UNLIKE) -> Syllabus:
    examples = [Example(RankedText(text), True) for text in like] + [
        Example(RankedText(text), False) for text in unlike
    ]
    lists = {"where": ("Ashdale", "Station 4"), "what": ("Coast Guard", "USCG")}
    return Syllabus("Ashdale firefighters quit to join the Coast Guard", lists, tuple(examples))


def lesson(of: Syllabus | None = None, ordinary: Sequence[RankedText] = ORDINARY) -> Lesson:
    return train({"moves": of or syllabus()}, ordinary, IDF)["moves"]


def ranked(item: RankedText, by: Lesson | None = None) -> Ranking[str] | None:
    found = Ranker.of({"moves": (by or LESSON).trained}, IDF).rank(item)
    return found[0] if found else None


LESSON = lesson()


def score(title: str, text: str = "") -> float:
    found = ranked(RankedText(title, text))
    return found.score if found else 0.0


def test_what_resembles_an_example_ranks_above_what_only_shares_its_words() -> None:
    assert score("A captain left Ashdale for the Coast Guard, records show") > score("Coast Guard boat toured Ashdale")


def test_the_passage_that_made_it_likely_is_found_deep_in_the_text() -> None:
    filler = "The council met. It rained all day. The minutes were approved. " * 6
    deep = "Two of the Ashdale crew have left the station to join the Coast Guard."
    found = ranked(RankedText("Notes of the week", f"{filler}{deep} Cake was served."))
    assert found is not None
    assert deep in found.passage.text
    whole = RankedText("Notes of the week", f"{filler}{deep} Cake was served.").whole
    assert whole[found.passage.start :].startswith(found.passage.text)


def test_an_item_that_shares_no_word_is_not_ranked() -> None:
    assert ranked(RankedText("Cocoa futures rose", "Prices gained in London.")) is None


def test_an_item_without_words_of_its_own_is_ranked_by_its_source() -> None:
    found = ranked(RankedText("", "", source="Ashdale Coast Guard firefighters"))
    assert found is not None
    assert found.passage.text == ""


def test_the_ordinary_items_of_the_stream_stay_below_the_floor() -> None:
    many = lesson(ordinary=ORDINARY * 5)
    found = {item.title: ranked(item, many) for item in ORDINARY}
    assert len([title for title, ranking in found.items() if ranking and ranking.tier is not Tier.BELOW]) <= 1


def test_a_young_stream_has_no_floor_for_its_best_item_may_be_what_is_looked_for() -> None:
    assert LESSON.trained.floor == 0
    assert lesson(ordinary=ORDINARY * 5).trained.floor > 0


def test_the_examples_are_told_at_once_and_rank_above_what_is_not_meant() -> None:
    assert all((found := ranked(RankedText(text))) and found.tier is Tier.NOW for text in LIKE)
    assert min(map(score, LIKE)) > max(map(score, UNLIKE))


def test_training_is_the_same_each_time() -> None:
    assert lesson() == lesson()


def test_left_out_each_example_is_scored_by_what_the_others_teach() -> None:
    own = {found.example.item.title: found.score for found in LESSON.left_out}
    assert set(own) == {*LIKE, *UNLIKE}
    assert all(own[text] < score(text) for text in LIKE)


def test_a_negative_example_that_scores_high_raises_what_is_told_at_once() -> None:
    confusing = (*UNLIKE, *(f"Ashdale firefighters left to join the Coast Guard choir, verse {n}" for n in range(9)))
    assert lesson(syllabus(unlike=confusing)).trained.now_at > lesson(syllabus(unlike=UNLIKE[1:])).trained.now_at


@pytest.mark.parametrize("like", [(), ("x",), ("",), LIKE[:1]])
def test_a_rule_with_few_or_strange_examples_still_ranks_by_its_words(like: tuple[str, ...]) -> None:
    found = ranked(RankedText("Ashdale firefighter and the Coast Guard"), lesson(syllabus(like, ())))
    assert found is not None


def test_without_ordinary_items_everything_near_is_a_line() -> None:
    alone = lesson(ordinary=())
    assert alone.trained.floor == 0.0
    found = ranked(RankedText("Ashdale firefighters and the Coast Guard"), alone)
    assert found is not None
    assert found.tier is not Tier.BELOW


def test_of_very_many_examples_the_last_are_learnt_from() -> None:
    many = syllabus(like=[f"Ashdale firefighter {n} joined the Coast Guard" for n in range(MAX_EXAMPLES + 5)])
    assert len(lesson(many, ORDINARY[:5]).left_out) == MAX_EXAMPLES


@settings(max_examples=40)
@given(st.text(max_size=200), st.text(max_size=400), st.text(max_size=40), st.booleans())
def test_any_text_can_be_ranked(title: str, text: str, source: str, local: bool) -> None:
    item = RankedText(title, text, source, local)
    for found in Ranker.of({"moves": LESSON.trained}, IDF).rank(item):
        assert item.whole[found.passage.start :].startswith(found.passage.text)
        assert found.score >= found.subject - 0.5 * LESSON.trained.likeness_share


def test_a_text_of_many_megabytes_costs_no_more_than_a_long_one() -> None:
    assert len(RankedText("Minutes", "Ashdale firefighters. " * 1_000_000).whole) <= 40_000

"""What a rule learnt, written and read again."""

from __future__ import annotations

from dataclasses import replace

from watcher.ranking.lesson import digest, read, written
from watcher.ranking.ranked_text import RankedText
from watcher.ranking.ranker import Ranker
from watcher.ranking.syllabus import Example, Syllabus
from watcher.ranking.training import idf_of, train

LIKE = ("A passenger drowned off the Marwick Maid.", "Police confirmed that a passenger died on the ferry to Hoy.")
UNLIKE = ("A deckhand was hurt by a mooring rope.", "Sailings to Hoy are cancelled because of gales.")
SYLLABUS = Syllabus(
    claim="No passenger was ever killed on a Skerry Line ferry",
    lists={"who": ("Skerry Line", "Marwick Maid")},
    examples=(
        *(Example(RankedText(text), True, "like") for text in LIKE),
        *(Example(RankedText(text), False, "unlike") for text in UNLIKE),
    ),
)
ORDINARY = [RankedText(f"Council talks about road {number} again", "The budget was passed.") for number in range(40)]
IDF = idf_of(ORDINARY)
LESSON = train({"died": SYLLABUS}, ORDINARY, IDF)["died"]
ITEM = RankedText("Ferry accident", "The line said that a passenger of the Marwick Maid died in hospital.")


def test_a_lesson_that_was_written_and_read_again_ranks_the_same() -> None:
    again = read(written(LESSON), SYLLABUS)
    assert again == LESSON
    before, after = (Ranker.of({"died": each.trained}, IDF).rank(ITEM) for each in (LESSON, again))
    assert before == after != []


def test_a_lesson_is_written_the_same_each_time() -> None:
    assert written(train({"died": SYLLABUS}, ORDINARY, IDF)["died"]) == written(LESSON)


def test_whatever_a_rule_is_taught_with_changes_its_digest_and_nothing_else_does() -> None:
    same = replace(SYLLABUS, examples=tuple(SYLLABUS.examples))
    others = [
        replace(SYLLABUS, claim="Another"),
        replace(SYLLABUS, lists={"who": ("Skerry Line",)}),
        replace(SYLLABUS, examples=SYLLABUS.examples[1:]),
        replace(SYLLABUS, examples=(replace(SYLLABUS.examples[0], positive=False), *SYLLABUS.examples[1:])),
    ]
    assert digest(same) == digest(SYLLABUS)
    assert len({digest(each) for each in (SYLLABUS, *others)} | {digest(SYLLABUS, "a model")}) == 6


def test_an_item_resembles_the_example_that_it_shares_most_with() -> None:
    ranker = Ranker.of({"died": LESSON.trained}, IDF)
    assert ranker.resembles("died", "The man drowned near the Marwick Maid, a passenger said.") == LIKE[0]
    assert ranker.resembles("died", "Police confirmed a death on the ferry.") == LIKE[1]


def test_a_rule_is_near_what_it_ranks_and_to_nothing_else() -> None:
    ranker = Ranker.of({"died": LESSON.trained}, IDF)
    weather = RankedText("Sunny in Athens", "No clouds.")
    assert ranker.near(ITEM) == {"died"}
    assert (list(ranker.near(weather)), ranker.rank(weather)) == ([], [])

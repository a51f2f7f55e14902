"""What an item is about: evidence that adds up, and nothing that is required."""

from __future__ import annotations

import pytest

from watcher.judging.idf import Idf
from watcher.ranking.ranked_text import RankedText, words
from watcher.ranking.subject import About, Subject, Subjects

_FERRY = About(
    "No passenger was ever killed on a Skerry Line ferry",
    {"where": ("Skerry Line", "Stromness*", "Wirrabeen"), "what": ("MCA", "drowned")},
    like=("A traveller slipped under the ramp", "Ramp accident"),
    unlike=("A porpoise lay under the linkspan",),
)
_SUBJECTS = Subjects.indexed({"ferry": Subject.of(_FERRY, Idf.shipped())})


def score(title: str, text: str = "", **more: object) -> float:
    return _SUBJECTS.scores(RankedText(title, text, **more)).get("ferry", 0.0)  # type: ignore[arg-type]


def test_each_word_of_the_subject_adds_evidence_and_none_is_required() -> None:
    assert 0 < score("A passenger") < score("A passenger of the Skerry boat") < score("Skerry Line passenger killed")


def test_an_item_of_other_words_is_not_near_at_all() -> None:
    assert score("Cocoa futures rose in London") == 0.0


def test_words_of_the_examples_are_evidence_too_less_than_those_of_the_lists() -> None:
    assert 0 < score("linkspan") < score("ramp") < score("drowned")


@pytest.mark.parametrize("said", ["stromness pier", "stromnessian pier"])
def test_a_star_stands_for_all_that_begins_so(said: str) -> None:
    idf = Idf.shipped() + Idf(3, dict.fromkeys(words(said), 1))
    subjects = Subjects.indexed({"ferry": Subject.of(_FERRY, idf)})
    assert subjects.scores(RankedText(said))["ferry"] > 0


def test_an_acronym_is_told_from_the_word_that_is_spelt_alike() -> None:
    about = About("", {"what": ("ICE",)})
    subjects = Subjects.indexed({"agency": Subject.of(about, Idf.shipped())})
    agency, weather = (subjects.scores(RankedText(title))["agency"] for title in ("Hired by ICE", "Hired by ice"))
    assert agency > weather


def test_a_name_is_known_by_the_short_form_that_people_use() -> None:
    assert score("eight on at wirra") > 0


def test_the_name_of_the_source_is_evidence_and_so_is_that_it_is_of_the_place() -> None:
    assert score("Notices", source="Skerry Line") > 0
    assert score("A passenger", local=True) > score("A passenger")
    assert score("Cocoa futures rose", local=True) == 0.0


def test_a_handle_is_read_as_the_words_it_is_made_of() -> None:
    assert score("Quiet night, says @SkerryWatch") > 0

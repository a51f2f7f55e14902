"""What an author is told about the examples of a file."""

from __future__ import annotations

import json

import pytest
from desks import Desk
from running import Newspaper, feed
from world import KINDS, SOURCES

from watcher.authoring.lessons import RuleLesson, rule_lessons
from watcher.rulebook import load

LIKE = [
    "A passenger has died after falling on the car deck of the Marwick Maid.",
    "Police said that a passenger of the Marwick Maid has died in hospital.",
    "A passenger died when she fell from the Marwick Maid, police said.",
    "The passenger who fell on the Marwick Maid has died, the line said.",
    "The line said that a passenger had died after falling on its ferry.",
    "A coroner named the passenger who died on the car deck of the ferry.",
]
UNLIKE = [f"Sailing number {number} of the Marwick Maid is cancelled because of gales." for number in range(12)]


def claim(like: list[str], unlike: list[str]) -> str:
    rule = json.dumps({"like": like, "unlike": unlike})
    return (
        "watch: 1\nid: ferry\nclaim: {claimReviewed: No passenger was ever killed on a ferry, rating: Correct}\n"
        f"about: {{who: [Marwick Maid]}}\nrules: {{died: {rule}}}\n"
    )


def lesson(like: list[str], unlike: list[str]) -> RuleLesson:
    (only,) = rule_lessons(load({"sources.yaml": SOURCES, "claims/f.yaml": claim(like, unlike)}, KINDS, {"desk"}))
    return only


def test_examples_that_agree_are_placed_right_and_nothing_is_to_be_added() -> None:
    learnt = lesson(LIKE, UNLIKE)
    assert (learnt.like, learnt.unlike, learnt.misplaced, learnt.advice) == (6, 12, (), ())


def test_too_few_examples_are_counted() -> None:
    assert lesson(LIKE[:4], UNLIKE[:10]).advice[:2] == (
        "add to `like`: 2 more sentences as only news would have them",
        "add to `unlike`: 2 more sentences of what only looks like it",
    )


def test_an_example_that_none_of_the_others_resembles_is_named() -> None:
    strange = "Insurers paid a widow in Leeds."
    (missed,) = lesson([*LIKE, strange], UNLIKE).misplaced
    assert (missed.origin, missed.text, missed.meant) == ("like 7", strange, True)


def test_an_example_of_what_is_not_meant_that_says_the_same_is_told_of() -> None:
    learnt = lesson(LIKE, [*UNLIKE, LIKE[1].replace("Police said", "Police officers said")])
    assert [(each.origin, each.meant) for each in learnt.misplaced if not each.meant] == [("unlike 13", False)]
    assert any(line.startswith("compare those of `unlike`") for line in learnt.advice)


@pytest.mark.parametrize("as_json", [False, True])
def test_check_says_what_was_learnt(desk: Desk, as_json: bool) -> None:
    desk.write("rules/claims/ferry.yaml", claim(LIKE[:5], UNLIKE))
    out = desk.type("check", *(["--json"] if as_json else [])).out
    if as_json:
        assert [one["rule"] for one in json.loads(out)["lessons"]] == ["died"]
    else:
        assert "ferry died: learnt from 5 that are meant and 12 that are not, told at once from" in out
        assert "  add to `like`: 1 more sentence as only news would have them\n" in out


def test_the_service_learns_ranks_and_tells(desk: Desk, newspaper: Newspaper) -> None:
    desk.write("rules/claims/ferry.yaml", claim(LIKE, UNLIKE))
    newspaper.page = feed("Council meets", "Road closed", "Market opens")
    assert desk.process("run", "--once").code == 0
    newspaper.page = feed(
        "Council meets", "Road closed", "Market opens", "Passenger died on the Marwick Maid, police said"
    )
    assert desk.process("run", "--once").code == 0
    assert "Like: " in desk.type("alerts", "show", "1").out
    assert "alert 1, died, paper: Passenger died" in desk.type("ranked", "ferry").out

"""A rule as a tree, and where each of its parts hit a text."""

from __future__ import annotations

import json

import pytest
from desks import CLAIM, Desk

RULE = "rules/claims/ice.yaml:transfer"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.write("hit.txt", "Officers quit\n\nTwo of them were hired by ICE last week.\n")
    desk.write("miss.txt", "Officers quit\n\nThe ice was thin.\n")
    desk.write("storm.txt", "Officers slip in an ICE storm\n")
    return desk


def test_a_condition_is_shown_as_it_was_understood(desk: Desk) -> None:
    shown = desk.type("explain", "(police or officer*) near/5 ICE and not storm").out
    assert shown == (
        "and\n  at most 5 words between\n    or\n      police\n      officer*\n    ICE\n  not\n    storm\n\n"
    )


def test_a_rule_of_a_file_is_shown_with_what_may_take_it_away(desk: Desk) -> None:
    shown = desk.type("explain", RULE).out
    assert shown == 'transfer:\nand\n  officer*\n  ICE\nunless weather:\n"ICE storm"\n\n'


@pytest.mark.parametrize(
    ("text", "ice", "outcome"),
    [
        ("hit.txt", "+ ICE: lead 26 'ICE'", "it hits"),
        ("miss.txt", "- ICE: not with these capitals", "it does not hit"),
        ("storm.txt", "+ ICE: title 20 'ICE'", "it hits, but is suppressed: weather"),
    ],
)
def test_each_part_says_where_it_hit_or_why_not(text: str, ice: str, outcome: str, desk: Desk) -> None:
    shown = desk.type("explain", RULE, "--text", text).out
    assert "+ officer*: title 0 'Officers'" in shown
    assert ice in shown
    assert shown.rstrip().splitlines()[-1] == outcome


def test_a_text_is_taken_from_a_pipe(desk: Desk) -> None:
    assert desk.type("explain", "officer*", "--text", "-", input="An officer\n").out.endswith("it hits\n\n")


def test_a_file_alone_means_all_of_its_rules(desk: Desk) -> None:
    desk.change("rules/claims/ice.yaml", "unless:", "  other:\n    when: police\nunless:")
    shown = desk.type("explain", "rules/claims/ice.yaml").out
    assert [line for line in shown.splitlines() if line in ("transfer:", "other:")] == ["transfer:", "other:"]


def test_a_rule_is_spared_what_excepts_it(desk: Desk) -> None:
    spared = CLAIM.replace("""weather: '"ICE storm"'""", """weather: {when: '"ICE storm"', except: [transfer]}""")
    desk.write("rules/claims/ice.yaml", spared)
    assert "unless" not in desk.type("explain", RULE).out


def test_a_rule_of_a_file_that_is_not_in_order_is_explained_all_the_same(desk: Desk) -> None:
    desk.change("rules/claims/ice.yaml", "priority: urgent", "prioritty: urgent")
    assert desk.type("check").code == 1
    assert desk.type("explain", RULE).code == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("director of ICE", 'quote the phrase: "director of ICE"\ndirector of ICE\n         ^^'),
        ("a and\n(b or", "to explain a rule of a file, write FILE:RULE"),
        ("", "to explain a rule of a file, write FILE:RULE"),
        ("@mpd", "to explain a rule of a file, write FILE:RULE"),
        ("rules/claims/ice.yaml:transfr", "no rule is called 'transfr'; did you mean transfer? (rules: transfer)"),
        ("rules/claims/no.yaml:transfer", "to explain a rule of a file, write FILE:RULE"),
    ],
)
def test_what_cannot_be_understood_is_pointed_at(asked: str, said: str, desk: Desk) -> None:
    done = desk.type("explain", asked)
    assert done.code == 1
    assert said in done.error
    assert "Traceback" not in done.error


def test_what_is_wrong_in_a_file_is_placed_there(desk: Desk) -> None:
    desk.change("rules/claims/ice.yaml", "officer* and ICE", "officer* and and ICE")
    assert desk.type("explain", RULE).error.startswith("rules/claims/ice.yaml:9:25: ")


def test_a_program_gets_the_tree_too(desk: Desk) -> None:
    (shown,) = json.loads(desk.type("explain", RULE, "--text", "hit.txt", "--json").out)
    assert shown["hits"] is True
    assert shown["tree"]["label"] == "and"
    assert [child["holds"] for child in shown["tree"]["children"]] == [True, True]


FERRY = """\
watch: 1
id: ferry
claim: {claimReviewed: No passenger was ever killed on a ferry, rating: Correct}
about: {who: [Marwick Maid]}
rules:
  died:
    like: [A passenger died on the Marwick Maid., Police found that a passenger of the ferry was killed.]
    unlike: [The ferry has a new timetable.]
    always: inquest
"""


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Ferry\n\nA passenger died on the Marwick Maid.", "like: A passenger died on the Marwick Maid."),
        ("Cocoa\n\nPrices rose.", "this text has none of the words that the rule is about"),
    ],
)
def test_a_rule_with_examples_says_how_it_ranks_a_text_and_what_its_condition_finds(
    text: str, outcome: str, desk: Desk
) -> None:
    desk.write("rules/claims/ferry.yaml", FERRY)
    shown = desk.type("explain", "rules/claims/ferry.yaml:died", "--text", "-", input=text).out
    assert "- inquest: " in shown
    assert "ranks by its examples, and tells at once from" in shown
    assert outcome in shown.splitlines()


def test_programs_get_the_rank_as_well(desk: Desk) -> None:
    desk.write("rules/claims/ferry.yaml", FERRY)
    text = "Ferry\n\nA passenger died on the Marwick Maid."
    shown = json.loads(desk.type("explain", "rules/claims/ferry.yaml", "--text", "-", "--json", input=text).out)
    assert [each["name"] for each in shown] == ["died", "died"]
    assert shown[1]["ranking"]["passage"]["text"].endswith("A passenger died on the Marwick Maid.")

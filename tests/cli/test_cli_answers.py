"""Answering alerts and adding tests, as a person does it."""

from __future__ import annotations

import json
import time

import pytest
from desks import CLAIM, Desk

from watcher.model import AlertState


def pasted(told: str) -> str:
    """The test in what a command says: what is indented like one, with its key."""
    return told[told.index("tests:\n") :].split("\n\n")[0] + "\n"


def test_an_answer_is_logged_and_shown(day: Desk) -> None:
    assert day.type("alerts", "answer", "1", "checking", "--note", "calling").out == "alert 1: checking (was open)\n"
    assert day.type("alerts", "answer", "1", "no-change").out == "alert 1: no-change (was checking)\n"
    shown = day.type("alerts", "show", "1").out
    assert [line.split()[0] for line in shown.splitlines()[-2:]] == ["checking", "no-change"]
    assert "calling" in shown
    assert "1 no-change, 1 open" in day.type("status").out


def test_an_answer_can_be_taken_back(day: Desk) -> None:
    day.type("alerts", "answer", "1", "bad-match")
    assert day.type("alerts", "answer", "1", "open").out == "alert 1: open (was bad-match)\n"
    assert "2 open" in day.type("status").out


@pytest.mark.parametrize("answer", list(AlertState))
def test_every_answer_can_be_given(answer: str, day: Desk) -> None:
    told = json.loads(day.type("alerts", "answer", "1", answer, "--json").out)
    assert (told["alert"], told["claim"], told["was"], told["state"]) == (1, "officers-to-ice", "open", answer)
    assert (told["test"] is not None) == (answer == "bad-match")


def test_the_service_reminds_of_what_nobody_answers(day: Desk) -> None:
    day.type("alerts", "answer", "2", "no-change")
    day.change("rules/claims/ice.yaml", "remind_after: 4h", "remind_after: 1s")
    shown = ""
    with day.running():
        for _ in range(100):
            if "unanswered for" in (shown := day.type("alerts", "show", "1").out):
                break
            time.sleep(0.1)
    assert "Update to alert 1: unanswered for" in shown
    assert "unanswered for" not in day.type("alerts", "show", "2").out


def test_one_visit_also_does_what_is_done_now_and_then(day: Desk) -> None:
    day.change("rules/claims/ice.yaml", "remind_after: 4h", "remind_after: 1s")
    day.process("run", "--once")
    assert "Update to alert 1: unanswered for" in day.type("alerts", "show", "1").out
    assert "pending" not in day.type("outbox").out


def test_the_answers_that_an_alert_offers_can_be_given(day: Desk) -> None:
    shown = day.type("alerts", "show", "1").out
    command = next(line.strip() for line in shown.splitlines() if line.strip().startswith("watcher alerts answer"))
    assert day.type(*command.split()[1:]).code == 0


def test_the_test_against_a_bad_match_is_for_the_claims_file(day: Desk) -> None:
    told = day.type("alerts", "answer", "2", "bad-match").out
    assert "add this to the tests of rules/claims/ice.yaml" in told
    day.write("rules/claims/ice.yaml", CLAIM + pasted(told))
    checked = day.type("check").out
    assert "rules/claims/ice.yaml:15:5: this test does not expect transfer, but it hits" in checked
    assert len(checked.splitlines()) == 1
    day.change("rules/claims/ice.yaml", "officer* and ICE", "officer* and ICE and not arena")
    assert day.type("check").out == "ok: 1 claim, 1 rule\n"


def test_a_near_miss_is_a_test_that_passes(day: Desk) -> None:
    told = day.type("near-misses", "officers-to-ice").out
    assert "Police quit and join the union" in told
    assert "https://news.example/Police-quit-and-join-the-union" in told
    assert "add to the tests of rules/claims/ice.yaml" in told
    day.write("rules/claims/ice.yaml", CLAIM + pasted(told))
    assert day.type("check").out == "ok: 1 claim, 1 rule\n"


def test_rules_are_told_with_how_good_they_are(day: Desk) -> None:
    day.type("alerts", "answer", "1", "no-change")
    day.type("alerts", "answer", "2", "bad-match")
    heading, line = day.type("rules").out.splitlines()
    assert heading.split("  ")[-1].strip() == "rule"
    assert line.split() == ["2", "0", "2", "2", "50%", "50%", "officers-to-ice:", "transfer"]

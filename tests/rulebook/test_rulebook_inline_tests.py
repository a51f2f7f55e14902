"""Tests inside a rule file: exactly the rules they name, or the file is refused."""

from __future__ import annotations

from collections.abc import Callable

from watcher.rulebook import Rulebook

Loads = Callable[..., Rulebook]
Complains = Callable[..., list[str]]
CLAIM_FILE = "claims/ice.yaml"


def test_a_hit_that_is_not_expected_is_shown_with_its_words_marked(complains: Complains, claim: str) -> None:
    (found,) = complains(claim=claim.replace("title: Police notice", "title: The MPD sees ICE"))
    assert found == (f"{CLAIM_FILE}:18:5: this test does not expect transfer, but it hits: The [[MPD]] sees [[ICE]]")


def test_an_expected_hit_that_does_not_come_is_said(complains: Complains, claim: str) -> None:
    (found,) = complains(claim=claim.replace("title: MPD officers resign,", "title: MPD officers stay,"))
    assert found == f"{CLAIM_FILE}:17:5: this test expects resigned, but it does not hit"


def test_a_rule_more_than_expected_fails_the_test(complains: Complains, claim: str) -> None:
    (found,) = complains(claim=claim.replace("title: MPD officers join ICE", "title: MPD officers resign and join ICE"))
    assert "does not expect resigned" in found


def test_an_expected_hit_that_was_suppressed_says_by_what(complains: Complains, claim: str) -> None:
    (found,) = complains(claim=claim.replace("title: MPD officers join ICE", "title: MPD and ICE on black ice"))
    assert "this test expects transfer, but its hit is suppressed by 'weather': " in found


def test_a_test_may_name_what_suppresses(loads: Loads, complains: Complains, claim: str) -> None:
    loads(claim=claim + "  - {title: MPD and ICE on black ice, expect: [], suppressed_by: weather}\n")
    loads(claim=claim + "  - {title: MPD and ICE on black ice, expect: [], suppressed_by: [weather]}\n")
    (found,) = complains(claim=claim + "  - {title: MPD at home, expect: [], suppressed_by: weather}\n")
    assert found.endswith("this test expects weather to suppress a hit, but it suppresses none")


def test_a_source_asks_only_the_rules_that_listen_to_it(loads: Loads, claim: str) -> None:
    loads(claim=claim + "  - {source: city-notices, title: MPD officers join ICE, expect: []}\n")
    loads(claim=claim + "  - {source: daily, title: MPD officers join ICE, expect: [transfer]}\n")


def test_every_part_of_an_item_can_be_tested(loads: Loads, claim: str) -> None:
    when = "'title: alpha and lead: beta and text: gamma and author: delta and tag: epsilon'"
    item = "title: alpha, summary: beta, text: gamma, author: delta, tags: [epsilon],"
    fields = claim.replace("'@mpd and resign*'", when).replace("title: MPD officers resign,", item)
    loads(claim=fields)


def test_tests_run_for_the_files_in_order_although_another_is_not(complains: Complains, claim: str) -> None:
    found = complains(claim=claim.replace("expect: [resigned]", "expect: []"), files={"claims/other.yaml": "a: @b\n"})
    assert len(found) == 2

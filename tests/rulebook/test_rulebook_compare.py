"""A rulebook that lost nearly everything waits for a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from watcher.rulebook import Rulebook, compare, load
from watcher.source_options import SourceOptions

Loads = Callable[..., Rulebook]
Kinds = dict[str, type[SourceOptions]]


def claim(name: str, rules: list[str], was: str = "") -> str:
    lines = "".join(f"  {rule}: {{when: '{rule}'}}\n" for rule in rules)
    return f"watch: 1\nid: {name}\nclaim: {{claimReviewed: A, rating: B}}\n{was}rules:\n{lines}"


@pytest.mark.scenario("R8")
@pytest.mark.parametrize(
    ("before", "after", "suspicious"),
    [
        (["aa", "bb", "cc", "dd"], ["aa", "bb"], False),
        (["aa", "bb", "cc", "dd"], ["aa"], True),
        (["aa", "bb", "cc"], ["aa", "xx", "yy", "zz"], True),
        (["aa"], ["aa", "bb"], False),
        (["aa"], ["bb"], True),
    ],
)
def test_more_than_half_of_the_rules_gone_is_suspicious(
    loads: Loads, before: list[str], after: list[str], suspicious: bool
) -> None:
    found = compare(loads(claim=claim("one", before)), loads(claim=claim("one", after)))
    assert (found is not None) is suspicious


@pytest.mark.scenario("R8")
def test_a_set_without_any_rule_is_suspicious(loads: Loads, kinds: Kinds) -> None:
    empty = load({}, kinds)
    found = compare(loads(), empty)
    assert found is not None
    assert "have no rule; " in found.reason
    assert compare(empty, empty) is None
    assert compare(None, empty) is None
    assert compare(empty, loads()) is None


def test_a_renamed_claim_loses_nothing(loads: Loads) -> None:
    renamed = claim("two", ["aa", "bb"], was="was: [one]\n")
    assert compare(loads(claim=claim("one", ["aa", "bb"])), loads(claim=renamed)) is None


def test_a_renamed_rule_loses_nothing(loads: Loads) -> None:
    renamed = claim("one", ["bb"]).replace("when: 'bb'", "when: 'bb', was: [aa]")
    assert compare(loads(claim=claim("one", ["aa"])), loads(claim=renamed)) is None

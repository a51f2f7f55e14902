"""Hostile rules and items: a clear error or a bounded cost, and the other rules still match."""

import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from matching import hoarding

from watcher.matching import Document, Matcher, QueryError, Standing, parse, parse_list
from watcher.matching.anchors import Anchors


@pytest.mark.scenario("R5")
@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("(" * 10_000 + "a" + ")" * 10_000, "nested more than 50 deep"),
        ("1 of (" * 5_000, "nested more than 50 deep"),
        ("title: " * 5_000 + "a", "a field inside title:"),
        ("a near/3 " * 5_000 + "a", "more than 20 distances"),
        ("((a near/9 b) near/9 (c near/9 d)) near/9 " * 6 + "e", "more than 20 distances"),
        ("a or " * 50_000 + "a", "use lists"),
        ("/(((a{30}){30}){30}){30}/", "cannot be used"),
        ("/" + "(a|b)?" * 1_000 + "/", "longer than 2000 characters"),
        (r"/\w{60}/", "too large"),
    ],
)
def test_a_rule_beyond_all_measure_is_refused(rule: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        parse(rule, {})


def test_the_deepest_rule_that_is_allowed_works(compiled: bool) -> None:
    rule = "(a and " * 49 + "a" + ")" * 49
    assert Matcher([Standing("r", parse(rule, {}))], compiled=compiled).hits(Document.of(title="a")) == ("r",)


@pytest.mark.scenario("P2", "R6")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a word of a million letters", "a" * 1_000_000 + " officer"),
        ("a million single letters with full stops", "a." * 500_000 + " officer"),
        ("a word of a million accents", "e" + "\u0301" * 1_000_000 + " officer"),
        ("a million digits with commas", "1,234" * 200_000 + " officer"),
        ("the same word again and again", "officer " * 100_000),
        ("a million line breaks", "\n" * 1_000_000 + "officer"),
        ("a million full stops", "." * 1_000_000 + " officer"),
        ("a million ampersands", "&" * 1_000_000 + " officer"),
        ("a hundred thousand pages", "a\f" * 100_000 + "officer"),
    ],
)
def test_a_hostile_text_is_read_in_time(name: str, text: str, compiled: bool) -> None:
    rules = {
        "word": "officer",
        "expression": "officer and /(o+)+x|officer/",
        "sentence": "officer near/s officer not near/p (a near/9 a)",
        "chain": "officer near/9 officer near/9 officer near/9 officer",
    }
    matcher = Matcher([Standing(key, parse(rule, {})) for key, rule in rules.items()], compiled=compiled)
    document = Document.of(title="", text=text)
    started = time.process_time()
    assert {"word", "expression"} <= set(matcher.hits(document))
    assert matcher.explain("word", document).spans
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("officer not near/5 deputy", "deputy " * 40_000 + "x " * 9 + "officer deputy " * 20_000),
        ("officer not near/s deputy", "Deputy. " * 40_000 + "Officer deputy. " * 20_000),
        ("officer not near/5 (deputy near/999 chief)", "deputy chief " * 50_000 + "x " * 9 + "officer"),
        ("officer not near/s (deputy near/s chief)", "deputy chief " * 20_000 + ". Officer"),
        ("(officer near/s chief) not near/5 deputy", "officer " * 20_000 + "chief " * 20_000 + "deputy"),
        ("(" + " near/0 ".join(["officer"] * 20) + ") near/0 chief", "officer x officer " * 20_000),
        (r"/officer[^~]*~|officer/ near/3 (deputy or officer)", "officer " * 500_000),
    ],
)
def test_places_without_number_are_compared_in_time(rule: str, text: str) -> None:
    matcher = Matcher([Standing("hostile", parse(rule, {})), Standing("other", parse("officer", {}))])
    started = time.process_time()
    assert "other" in matcher.hits(Document.of(title="", text=text))
    assert time.process_time() - started < 15


@pytest.mark.slow
def test_an_item_of_twenty_megabytes_is_matched(compiled: bool) -> None:
    text = "The officers of the city spoke to ICE about it. " * 430_000 + "weather"
    matcher = Matcher([Standing("a", parse("weather and officers near/9 ICE", {}))], compiled=compiled)
    started = time.process_time()
    assert matcher.hits(Document.of(title="", text=text)) == ("a",)
    assert time.process_time() - started < 60


def test_a_list_of_a_hundred_thousand_terms_is_no_burden(compiled: bool) -> None:
    lists = {"many": parse_list("many", [f"name{n} surname{n}" for n in range(100_000)])}
    rules = [Standing(n, parse(f"@many and (officer or word{n})", lists)) for n in range(500)]
    matcher = Matcher([*rules, Standing("near", parse("@many near/s officer", lists))], compiled=compiled)
    short = [Document.of(title=f"officer Name{n} Surname{n} word3") for n in range(401)]
    long = " ".join(f"Name{n} Surname{n}." for n in range(20_000))
    assert matcher.hits(short.pop()) == (*range(500), "near")
    started = time.process_time()
    for document in short:
        assert len(matcher.hits(document)) == 501
    assert len(matcher.hits(Document.of(title="officer", text=long))) == 500
    assert time.process_time() - started < 5


def test_the_terms_of_a_list_are_gathered_once_for_all_its_rules() -> None:
    lists = {"many": parse_list("many", ["officer", "deputy", "sheriff"])}
    anchors = Anchors()
    one, other = (anchors.of(parse(f"@many and extraordinary{n}", lists).root) for n in "ab")
    assert one[1] is other[1]


def test_a_phrase_may_be_as_long_as_a_rule(compiled: bool) -> None:
    words = " ".join(f"w{n}" for n in range(1_000))
    matcher = Matcher([Standing("r", parse(f'"{words}"', {}))], compiled=compiled)
    assert matcher.hits(Document.of(title=words)) == ("r",)
    assert matcher.hits(Document.of(title=words.replace("w500", "w"))) == ()


def test_spellings_that_never_end_are_forgotten_in_time(compiled: bool, own_process: Callable[..., Any]) -> None:
    assert own_process(hoarding.spellings, compiled) < 50_000_000


def test_words_without_end_are_not_remembered(compiled: bool, own_process: Callable[..., Any]) -> None:
    assert own_process(hoarding.endless_words, compiled) < 30_000_000


def test_matchers_may_be_asked_from_many_threads(compiled: bool, in_threads: Callable[..., list[object]]) -> None:
    matcher = Matcher([Standing(n, parse(f"w{n} near/3 x", {})) for n in range(200)], compiled=compiled)

    def ask(number: int) -> bool:
        return all(matcher.hits(Document.of(title=f"w{n} x {unheard_of(number, n)}")) == (n,) for n in range(200))

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        assert in_threads(ask, range(8)) == [True] * 8
    finally:
        sys.setswitchinterval(usual)


def unheard_of(*numbers: int) -> str:
    """Words that no other text has, so that the matcher has to look them up."""
    return " ".join(f"{'n'.join(map(str, numbers))}y{n}" for n in range(20))

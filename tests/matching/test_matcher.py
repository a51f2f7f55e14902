"""Which rules hit a document, by both implementations, and why."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.matching import Document, Matcher, Standing, parse, parse_list
from watcher.matching.nodes import And, AnyOf
from watcher.matching.regexes import Regex

Hits = Callable[..., bool]
Make = Callable[..., Matcher]


def standing(**rules: str) -> list[Standing]:
    return [Standing(name, parse(rule, {})) for name, rule in rules.items()]


def test_hits_come_in_the_order_of_the_rules(compiled: bool) -> None:
    rules = standing(z="ice", a="officer", m="ice near/3 officer", no="weather")
    matcher = Matcher(rules, compiled=compiled)
    assert matcher.hits(Document.of(title="ice officer")) == ("z", "a", "m")


def test_an_empty_matcher_and_an_empty_document_are_fine(compiled: bool) -> None:
    assert Matcher(compiled=compiled).hits(Document.of(title="ice")) == ()
    assert Matcher(standing(a="ice"), compiled=compiled).hits(Document.of(title="")) == ()


def test_words_are_never_found_inside_words(hits: Hits) -> None:
    assert not hits("ICE", "POLICE JUSTICE NOTICE police ice")
    assert hits("ICE", "the ICE.")


def test_each_field_looks_in_its_part_only(hits: Hits) -> None:
    parts = {
        "summary": "lead",
        "text": "text",
        "author": "author",
        "tags": ["tag one", "two"],
        "url": "https://url.example/a-b",
    }
    for field in ("title", "lead", "text", "author", "tag", "url"):
        for word in ("title", "lead", "text", "author", "tag", "url"):
            assert hits(f"{field}: {word}", "title", **parts) == (field == word), (field, word)
    assert not hits("author or tag or url", "title", **parts)
    assert hits('url: "a b"', "title", **parts)
    assert not hits('tag: "one two"', "title", **parts)


def test_one_word_is_not_near_itself(hits: Hits) -> None:
    assert not hits("officer near/3 (officer or deputy)", "one officer")
    assert not hits('"police officer" near/3 "officer left"', "police officer left")
    assert not hits("officer near/3 (deputy near/3 officer)", "officer deputy")
    assert hits("officer near/3 officer", "officer after officer")


def test_a_source_is_compared_by_its_whole_names(hits: Hits) -> None:
    parts = {"source": ["doj-press-releases", "Official"]}
    assert hits("t and source: doj-press-releases", "t", **parts)
    assert hits("t and source: official", "t", **parts)
    assert hits("t and source: doj*", "t", **parts)
    assert not hits("t and source: press", "t", **parts)
    assert not hits("t and not source: official", "t", **parts)


def test_no_distance_and_no_phrase_crosses_a_part_or_a_page(hits: Hits) -> None:
    assert not hits('"a b"', "a", summary="b")
    assert not hits("a near/999 b", "a", summary="b")
    assert not hits("a near/999 b", "", summary="s", text="a\fb")
    assert not hits("a near/p b", "", summary="s", text="a\fb")
    assert hits("a and b", "a", summary="b")


def test_regular_expressions_know_the_letters_of_every_script(hits: Hits) -> None:
    assert hits(r"/\bcafé\b/i and x", "CAFÉ x")
    assert not hits(r"/\bcafé\b/ and x", "cafés x")
    assert not hits(r"/\bICE\b/ and x", "éICE x")
    assert hits(r"/\w+-\d{4}/ near/2 x", "Süd-2026 x")
    assert hits(r"/^x.*y$/ and x", "x to y")


def test_numbers_count_in_figures_and_words(hits: Hits) -> None:
    for text in ("25", "twenty-five", "Twenty five", "25.0", "a quarter of 25"):
        assert hits("21..29", text), text
    for text in ("20,025", "twenty", "five", "twenty-fifth", "2.5", "twenty five hundred"):
        assert not hits("21..29", text), text
    assert hits("20000..20000", "20,000 and twenty thousand")
    assert not hits("100", "hundred")
    assert hits("100..100", "a hundred")


def test_capitals_in_a_shouted_part_need_mixed_case_that_has_them(hits: Hits) -> None:
    shouted = "OFFICERS JOIN ICE"
    assert hits("ICE", shouted)
    assert hits("ICE", shouted, text="ICE hired them.")
    assert not hits("ICE", shouted, text="Black ice on the road.")
    assert not hits("title: ICE", shouted, text="Black ice on the road.")
    assert hits("officers near/2 ICE", shouted, text="ICE hired them.")
    assert not hits("officers near/2 ICE", shouted, text="No word of it.")
    assert hits("=ICE", shouted, text="Black ice on the road.")
    assert hits("tag: ICE", shouted, text="Black ice on the road.", tags=["ICE"])


def test_a_shouted_page_is_doubted_by_itself(hits: Hits) -> None:
    assert not hits("ICE", "", summary="Black ice.", text="ICE STORM\fAnd so on.")
    assert hits("ICE", "", summary="ICE came.", text="ICE STORM\fAnd so on.")


def test_a_list_is_any_of_its_entries(matcher: Make) -> None:
    lists = {"x": ["sworn in", "hire*", "20..30", "ICE"]}
    found = matcher("@x", "@x near/1 officer", "title: @x", lists=lists)
    assert found.hits(Document.of(title="", text="sworn in officer")) == ("@x", "@x near/1 officer")
    assert found.hits(Document.of(title="hired")) == ("@x", "title: @x")
    assert found.hits(Document.of(title="25 officer")) == ("@x", "@x near/1 officer", "title: @x")
    assert found.hits(Document.of(title="in sworn ice 31")) == ()


def test_a_sample_changes_where_rules_wait_and_not_what_hits(compiled: bool) -> None:
    documents = [Document.of(title=f"the officer {n}", text="and the ice") for n in range(20)]
    rules = standing(a="the and officer and 3", b="officer near/2 (4 or 5)", c="2 of (the, 6, ice)")
    plain, informed = Matcher(rules, compiled=compiled), Matcher(rules, sample=documents, compiled=compiled)
    for document in documents:
        assert plain.hits(document) == informed.hits(document)


@given(st.text(alphabet="aSsé.,'’-1 ２½\u0301\u00ad警_\U00020001क्i🚓", max_size=40) | st.text(max_size=40))
def test_every_word_is_cut_alike_by_both(text: str) -> None:
    document = Document.of(title=text)
    pairs = [" ".join(pair) for stretch in document.stretches for pair in pairwise(stretch.surfaces)]
    rules = [Standing(n, parse(f'"{pair}"', {})) for n, pair in enumerate(pairs) if len(pair) < 100]
    expected = tuple(rule.key for rule in rules)
    assert Matcher(rules, compiled=False).hits(document) == expected
    assert Matcher(rules, compiled=True).hits(document) == expected


# ---- what would help a rule to hit


@pytest.mark.parametrize(
    ("rule", "terms"),
    [
        ("officer and ICE", {"officer", "ICE"}),
        ('"left the department" or quit*', {"department", "quit*"}),
        ("officer and not weather", {"officer"}),
        ("ice not near/3 (hockey or rink)", {"ice"}),
        ("2 of (title: ~resign, @x, =Ice near/3 b)", {"~resign", "immigration", "ICE", "=Ice", "b"}),
        ("officer and 20..30 and /x/ and source: press", {"officer"}),
        ("officer or 20..30", None),
        ("2 of (officer, /x/, source: press)", None),
        ("source: press and not officer", None),
    ],
)
def test_the_terms_of_a_rule_are_those_that_help_it_to_hit(matcher: Make, rule: str, terms: set[str] | None) -> None:
    found = matcher(rule, lists={"x": ["ICE", "Immigration and Customs Enforcement"]})
    assert found.terms([rule]) == terms


def test_the_terms_of_several_rules_are_those_of_each(matcher: Make) -> None:
    found = matcher("officer", "ice and storm", "20..30", "unasked")
    assert found.terms(["officer", "ice and storm"]) == frozenset({"officer", "ice", "storm"})
    assert found.terms(["officer", "20..30"]) is None
    assert found.terms([]) == frozenset()


def test_a_term_is_held_wherever_it_stands(matcher: Make) -> None:
    found = matcher("ICE", "quit*", "~resign", "=Ice")
    for rule, title, held in (
        ("ICE", "ICE", True),
        ("ICE", "ice", False),
        ("quit*", "She quits.", True),
        ("~resign", "resigning", True),
        ("=Ice", "ICE ice", False),
    ):
        terms = found.terms([rule])
        assert terms
        assert found.holds_any(terms, Document.of(title=title)) == held, (rule, title)
    assert found.holds_any(frozenset(["ICE"]), Document.of(title="x", author="ICE"))
    assert found.holds_any(frozenset(["ICE"]), Document.of(title="OFFICERS JOIN ICE", summary="No more was said."))
    assert not found.holds_any(frozenset(), Document.of(title="ICE"))


# ---- explaining


def explained(rule: str, *unless: str, **parts: str) -> tuple[list[str], str, int | None]:
    conditions = tuple((condition, parse(condition, {})) for condition in unless)
    matcher = Matcher([Standing("r", parse(rule, {}), conditions)])
    document = Document.of(**{"title": "", **parts})
    assert matcher.hits(document) == ("r",)
    hit = matcher.explain("r", document)
    return [document.parts[s.part][s.start : s.end] for s in hit.spans], hit.suppressed_by, hit.distance


def test_the_spans_are_those_of_the_closest_hit() -> None:
    text = "An officer spoke. Much later on another officer, now of ICE, left; MPD had no word. MPD said so."
    assert explained("officer near/5 ICE and MPD", title=text) == (["officer", "ICE", "MPD"], "", 2)
    hit = Matcher(standing(r="officer near/5 ICE and MPD")).explain("r", Document.of(title=text))
    assert [span.start for span in hit.spans] == [text.index("officer,"), text.index("ICE"), text.index("MPD")]


def test_a_rule_without_a_distance_has_none() -> None:
    assert explained("officer and ICE", title="ICE officer") == (["ICE", "officer"], "", None)


def test_what_is_known_and_not_written_has_no_spans() -> None:
    assert explained("officer and not ICE", title="officer") == (["officer"], "", None)


def test_a_rule_that_does_not_hit_is_explained_by_nothing() -> None:
    assert not Matcher(standing(r="ice")).explain("r", Document.of(title="weather")).spans


def test_a_condition_takes_away_what_it_overlaps() -> None:
    assert explained("officer near/5 ICE", '"black ICE"', title="officer on black ICE")[1] == '"black ICE"'


def test_a_condition_takes_away_what_shares_its_sentence() -> None:
    assert explained("officer near/5 ICE", "rink", title="officer and ICE at the rink")[1] == "rink"
    assert explained("officer near/5 ICE", "rink", title="The officer joined ICE. The rink is closed.")[1] == ""


def test_one_hit_outside_the_conditions_is_enough() -> None:
    text = "Officer slips on black ICE. A second officer joined ICE."
    words, suppressed_by, _ = explained("officer near/5 ICE", '"black ICE"', title=text)
    assert (words, suppressed_by) == (["officer", "ICE"], "")


def test_several_conditions_may_take_away_only_together() -> None:
    text = "Officer on black ICE. Officer at the ICE rink."
    assert explained("officer near/5 ICE", "black", "rink", title=text)[1] == "black, rink"


def test_every_part_of_a_rule_needs_a_place_outside_the_conditions() -> None:
    text = "MPD spoke. The officer slipped on black ICE."
    assert explained("MPD and ICE", "black", title=text)[1] == "black"


def test_a_condition_on_the_title_covers_the_item() -> None:
    assert explained("officer", "title: weather", title="Weather", text="The officer left.")[1] == "title: weather"
    assert explained("officer", "weather", title="Weather", text="The officer left.")[1] == ""
    assert explained("officer", "lead: weather", title="x", summary="Weather. The officer left.")[1] == ""


def test_a_condition_that_does_not_hold_takes_nothing_away() -> None:
    assert explained("officer", "officer near/2 rink", title="officer far away from any rink")[1] == ""


def test_suppression_does_not_change_what_hits(matcher: Make) -> None:
    found = matcher("officer", unless=["officer"])
    document = Document.of(title="officer")
    assert found.hits(document) == ("officer",)
    assert found.explain("officer", document).suppressed_by == "officer"


def test_an_expression_of_many_rules_is_run_once(matcher: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    find = Regex.find

    def counted(regex: Regex, text: str) -> Iterator[tuple[int, int]]:
        runs.append(text)
        return find(regex, text)

    monkeypatch.setattr(Regex, "find", counted)
    found = matcher(*(f"/o.+r/ and (officer or word{n})" for n in range(9)))
    assert len(found.hits(Document.of(title="officer"))) == 9
    assert runs[-1:] == ["officer"]
    assert runs.count("officer") == 1


def test_lists_are_shared_and_found_once() -> None:
    lists = {"x": parse_list("x", ["a", "b c"])}
    both, either = parse("@x and d", lists).root, parse("e or @x", lists).root
    assert isinstance(both, And)
    assert isinstance(either, AnyOf)
    assert both.children[0] is either.children[1]

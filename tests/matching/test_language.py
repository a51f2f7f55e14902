"""What people write: what is understood, what is refused with which advice, what is warned of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.matching import Document, QueryError, parse, parse_list, trace, tree

LISTS = {"mpd": parse_list("mpd", ["MPD", "Minneapolis police"]), "ice": parse_list("ice", ["ICE"])}


@pytest.mark.parametrize(
    ("rule", "offset", "length", "advice"),
    [
        ("", 0, 1, "the rule is empty"),
        ("a and b or c", 8, 2, "(a and b) or c  or  a and (b or c)"),
        ("(a or b) and c or d and e", 15, 2, "((a or b) and c) or d"),
        ("director of ICE", 9, 2, 'quote the phrase: "director of ICE"'),
        ('"a" b', 4, 1, "expected and, or, or a distance"),
        ("24/7", 0, 4, 'quote it, "24/7"'),
        ("AT&T", 0, 4, 'quote it, "AT&T"'),
        ("a and $20,000", 6, 7, "write 20,000"),
        ("22:30", 0, 5, "quote it"),
        ("@mdp", 0, 4, "did you mean @mpd?"),
        ("@", 0, 1, "@name"),
        ("titel: a", 0, 6, "did you mean title:?"),
        ("https://a.example/b", 0, 6, "text with a colon must be quoted"),
        ("not a", 0, 5, "beside it"),
        ("a or not b", 5, 5, "beside it"),
        ("not a and not b", 0, 5, "beside it"),
        ("a and not not b", 6, 7, "leave both out"),
        ("2 of (a, not b)", 9, 5, "not is not allowed in a count"),
        ("2 of (a)", 0, 8, "can never match"),
        ("0 of (a, b)", 0, 11, "always true"),
        ("a near b", 2, 4, 'near needs a distance: near/10; to look for the word itself, quote it: "near"'),
        ("a near/x b", 2, 6, "near/s (sentence)"),
        ("a near/1000 b", 2, 9, "from 0 to 999"),
        ("a before/s b", 2, 8, "write before/ and a number"),
        ("a not before/3 b", 6, 6, "write not near/n"),
        ("a near/5 (b and c)", 9, 9, "and is not allowed next to it"),
        ("a near/5 (2 of (b, c))", 9, 13, "a count is not allowed next to it"),
        ("(a and not b) near/5 c", 0, 13, "and is not allowed next to it"),
        ("title: a near/5 b", 0, 8, "write title: (... near/5 ...)"),
        ("title: (lead: a)", 8, 5, "a field inside title:"),
        ("title: not a", 0, 10, "write not title:"),
        ("source: @mpd", 8, 4, "ids and tags"),
        ("(a", 0, 1, "this bracket is not closed"),
        ("a)", 1, 1, "unexpected )"),
        ('a and "b c', 6, 2, "this quote is not closed"),
        ("a and 'b", 6, 2, "double quotes"),
        ("a and", 5, 1, "unexpected the end of the rule"),
        ("a and and b", 6, 3, "unexpected and"),
        ("a && b", 2, 2, "write and instead of &&"),
        ("a | b", 2, 1, "write or instead of |"),
        ("a and -b", 6, 2, "write not b"),
        ("!a", 0, 2, "write not"),
        ('"a* *"', 4, 1, "belongs at the end of a word"),
        ("*quit", 0, 5, "belongs at the end of a word"),
        ("qu*it", 0, 5, "belongs at the end of a word"),
        ("a and qu*it", 6, 5, "belongs at the end of a word"),
        ('a and "left qu*it"', 12, 5, "belongs at the end of a word"),
        ("a and 40..20", 6, 6, "write 20..40"),
        ("=quit*", 0, 6, "cannot be combined"),
        ("警察*", 0, 3, "write 警察"),
        ("~ quit", 0, 1, "needs a word right after it"),
        ("40..20", 0, 6, "write 20..40"),
        ('"20..40 officers"', 1, 6, "write 20..40 before/0"),
        ('"-"', 1, 1, "no word"),
        ("/a(b/", 0, 5, "cannot be used"),
        ("/a/x", 3, 1, "the only flag is i"),
        ("/a", 0, 2, "not closed"),
        ("/a*/", 0, 4, "matches nothing at all"),
        (r"/a\bb/", 0, 6, "only at the start and at the end"),
        (r"/\ba|b/", 0, 7, "brackets around the alternatives"),
        ("a)(b", 1, 1, "unexpected )"),
        ("w" * 101, 0, 101, "at most 100 letters"),
    ],
)
def test_what_cannot_be_understood_gets_advice_at_its_place(rule: str, offset: int, length: int, advice: str) -> None:
    with pytest.raises(QueryError) as problem:
        parse(rule, LISTS)
    assert advice in problem.value.message
    assert (problem.value.offset, problem.value.length) == (offset, length)


@pytest.mark.parametrize(
    ("rule", "understood"),
    [
        ("a AND b", "and\n  a\n  b"),
        ("a or b Or c", "or\n  a\n  b\n  c"),
        ("not a and b", "and\n  not\n    a\n  b"),
        (
            "a near/3 b before/0 c",
            "at most 0 words between, in this order\n  at most 3 words between\n    a\n    b\n  c",
        ),
        ("a and not b near/2 c", "and\n  a\n  not\n    at most 2 words between\n      b\n      c"),
        ("a not NEAR/s b", "the first without the second: in the same sentence\n  a\n  b"),
        ("title: a or b", "or\n  title:\n    a\n  b"),
        ("title: (a or b) and c", "and\n  title:\n    or\n      a\n      b\n  c"),
        ("2 OF (a, b or c, @ice)", "at least 2 of\n  a\n  or\n    b\n    c\n  @ice\n    ICE"),
        ("of and 2", "and\n  of\n  2"),
        ("2 of (a,123,b)", "at least 2 of\n  a\n  123\n  b"),
        ("“left the department”", '"left the department"'),
        ("Ex-Officer", '"ex officer"'),
        ("Sa\u0303o*", "sao*"),
        ("U.S.", "US"),
        ("1,200 or 20,000..", "or\n  1200\n  a number from 20000"),
        ('"near and of"', '"near and of"'),
        (
            "=MPD or ~resigned or Recruit* or ICE* or organi?ation",
            "or\n  =MPD\n  ~resign\n  recruit*\n  ICE*\n  organi?ation",
        ),
        ("source: (doj or press*)", "source:\n  or\n    doj\n    press*"),
        (r"/a\/b/i and c", "and\n  /a/b/i\n  c"),
    ],
)
def test_what_is_written_is_understood(rule: str, understood: str) -> None:
    assert str(tree(parse(rule, LISTS))) == understood


@pytest.mark.parametrize(
    ("rule", "warning"),
    [
        ("20..40", "every item is read for it: add a word"),
        ("/a+/", "every item is read for it: add a word"),
        ("source: press", "every item is read for it: add a word"),
        ("ab*", "prefixes of under three letters"),
        ("a?? or officer", "prefixes of under three letters"),
        ("~ICE and officer", "stems of names"),
        ("~go and officer", "under 4 letters"),
        ("officer and ice and not ice", "can never match"),
        ("officer not near/5 officer", "can never match"),
        ("2 of (officer, ice, officer)", "is listed twice"),
    ],
)
def test_what_is_probably_not_meant_is_warned_of(rule: str, warning: str) -> None:
    assert [warning in message for _, message in parse(rule, LISTS).warnings] == [True]


def test_a_sound_rule_has_no_warnings() -> None:
    query = parse("@mpd and (hired or ab*) near/15 @ice and 20..40 and source: press", LISTS)
    assert query.warnings == ()
    assert query.lists == {"mpd", "ice"}
    assert query.sources == {"press"}


@pytest.mark.parametrize(
    ("entry", "advice"),
    [
        ('"sworn in"', "leave the quotes out"),
        ("@ice", "cannot hold another list"),
        ("a near/5 b", "operators belong into the rule"),
        ("/a/", "an expression belongs into the rule"),
        ("title: a", "a field belongs into the rule"),
        ("20..40 officers", "a range is not allowed in a phrase"),
        ("--", "no word"),
        ("qu*it", "belongs at the end of a word"),
    ],
)
def test_what_cannot_stand_in_a_list_is_refused_with_its_index(entry: str, advice: str) -> None:
    with pytest.raises(QueryError, match=advice) as problem:
        parse_list("name", ["fine", entry])
    assert problem.value.index == 1


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(QueryError, match="empty"):
        parse_list("name", [])


def test_operators_are_words_in_a_list() -> None:
    query = parse("@x", {"x": parse_list("x", ["Immigration and Customs Enforcement", "not guilty", "24/7", "20..40"])})
    assert '"immigration and customs enforcement"' in str(tree(query))
    assert '"24 7"' in str(tree(query))
    assert "a number from 20 to 40" in str(tree(query))


@given(st.text(alphabet='ab ()"@,/=~*?.:1-&$', max_size=40) | st.text(max_size=40))
def test_any_text_is_a_rule_or_an_error_inside_it(text: str) -> None:
    try:
        parse(text, {})
    except QueryError as refused:
        problem = refused
    else:
        return
    assert 0 <= problem.offset <= len(text)
    assert problem.length >= 1


def test_a_trace_says_where_each_part_hit() -> None:
    document = Document.of(title="MPD officers quit; more joined ICE", source=("press",))
    text = str(trace(parse("@mpd and quit near/9 ICE and not weather and source: press", LISTS), document))
    assert text.splitlines() == [
        "+ and",
        "  + @mpd: title 0 'MPD'",
        "    + MPD: title 0 'MPD'",
        '    - "minneapolis police": not found',
        "  + at most 9 words between: title 13 'quit; more joined ICE'",
        "    + quit: title 13 'quit'",
        "    + ICE: title 31 'ICE'",
        "  + not",
        "    - weather: not found",
        "  + source:",
        "    + press: the source is press",
    ]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("quit near/1 ICE", "the closest are 2 words apart"),
        ("MPD near/5 weather", "weather: not found"),
        ("TITLE and MPD", "not with these capitals"),
        ("quit not near/9 ICE", "the second is always close"),
        ("quit near/s tomorrow", "never in the same part or page"),
    ],
)
def test_a_trace_says_why_a_part_did_not_hit(rule: str, reason: str) -> None:
    document = Document.of(title="MPD officers quit; more joined ICE", text="The title says it. Not tomorrow.")
    assert reason in str(trace(parse(rule, LISTS), document))


def test_an_error_in_a_long_rule_is_one_short_line() -> None:
    alternatives = "\n or ".join(f"(word{n} near/5 other{n}\n  and third{n})" for n in range(40))
    with pytest.raises(QueryError) as problem:
        parse(f"{alternatives}\n and last", LISTS)
    assert problem.value.message == (
        "and mixed with or needs brackets: (… or (word39 near/5 other39 and third39)) and last"
        "  or  … or ((word39 near/5 other39 and third39) and last)"
    )

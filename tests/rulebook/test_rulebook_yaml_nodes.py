"""YAML is read as it was written, or refused with its place and what to do."""

from __future__ import annotations

import resource
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from watcher.rulebook.yaml_nodes import MAX_BYTES, MappingNode, Node, ScalarNode, compose, find


def read(text: str) -> Node:
    root, problems = compose("rules.yaml", text)
    assert problems == []
    assert root is not None
    return root


def complaints(text: str) -> list[str]:
    return [str(problem) for problem in compose("f", text)[1]]


@pytest.mark.scenario("R4")
@pytest.mark.parametrize(
    "written",
    [
        "NO", "no", "on", "off", "yes", "true", "~", "null", "22:30", "0123", "1.10", "0x1F", "1e3", "1_000", ".inf",
        "2027-02-01", "2027-02-01 10:00:00", "12:30:45", "+1", "-0", "=", "1,000", "0o17", "NaN",
    ],
)  # fmt: skip
def test_a_scalar_is_the_text_as_written(written: str) -> None:
    assert read(f"key: {written}\n").plain() == {"key": written}
    assert read(f"- {written}\n").plain() == [written]


def test_quotes_and_blocks_give_the_text_inside() -> None:
    text = "a: 'it''s \\d'\nb: \"tab\\there\"\nc: |\n  one\n  two\nd: >\n  one\n  two\n"
    assert read(text).plain() == {"a": "it's \\d", "b": "tab\there", "c": "one\ntwo\n", "d": "one two\n"}


@pytest.mark.scenario("R4")
def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_text() -> None:
    assert read("\ufeffa: b\r\nc: |\r\n  d\r\n").plain() == {"a": "b", "c": "d\n"}


def test_a_real_comment_is_left_out() -> None:
    assert read("# above\na: b  # behind\nc: [d,  # inside\n  e]\n").plain() == {"a": "b", "c": ["d", "e"]}


@pytest.mark.scenario("R4")
@pytest.mark.parametrize(
    ("text", "place", "part"),
    [
        ("a: Officer #12 quits\n", "f:1:12", "' #' starts a comment"),
        ("a: really # not\n", "f:1:11", "put the text in quotes"),
        ("a: really  #not\n", "f:1:12", "put the text in quotes"),
        ("a: b\na: c\n", "f:2:1", "'a' is written twice, first on line 1"),
        ("a: &x b\n", "f:1:4", "put it in single quotes"),
        ("a: *x\n", "f:1:4", "put it in single quotes"),
        ("a: {<<: b}\n", "f:1:5", "merge keys"),
        ("a: !!python/object:os.system x\n", "f:1:4", "a tag in YAML"),
        ("a: !x b\n", "f:1:4", "a tag in YAML"),
        ("%YAML 1.1\n---\na: b\n", "f:1:1", "directives"),
        ("a: b\n---\nc: d\n", "f:2:1", "one file holds one document"),
        ("a: b\x07\n", "f:1:5", "hidden character U+0007"),
        ("a: b\u202ec\n", "f:1:5", "hidden character U+202E"),
        ("a: b\u2028c\n", "f:1:5", "hidden character U+2028"),
        ('a: "\\x07"\n', "f:1:4", "hidden character, U+0007"),
        ("a:\n\tb: c\n", "f:2:1", "a tab cannot indent"),
        ("when: @mpd and ICE\n", "f:1:7", "write '@mpd and ICE'"),
        ("when: *mpd and ICE\n", "f:1:7", "put it in single quotes"),
        ("when: title: resign\n", "f:1:12", "write 'title: resign'"),
        ('when: "a b" or "c"\n', "f:1:13", 'write \'"a b" or "c"\''),
        ("when: 'a' or 'b''\n", "f:1:11", "needs quotes"),
        ('a: "\\d"\n', "f:1:5", "use single quotes"),
        ("a: 'open\nb: c\n", "f:1:4", "never closed"),
        ("a: [b, c\nd: e\n", "f:2:2", "a comma or ']' is missing"),
        ("a: [b\n  c]\n", "f:1:5", "a comma or a quote is missing"),
        ("a: b\n  - c\n", "f:1:4", "the list below it is read as part of this text"),
        ("? [a]\n: b\n", "f:1:3", "a key is one word"),
        ("", "f:1:1", "empty"),
        ("# only a comment\n", "f:1:1", "empty"),
    ],
)
def test_what_would_change_the_meaning_unseen_is_an_error(text: str, place: str, part: str) -> None:
    found = complaints(text)
    assert any(line.startswith(f"{place}: ") and part in line for line in found), found


@pytest.mark.scenario("R5")
@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 5000,
        "a: " + "{b: " * 5000,
        "- " * 5000 + "x\n",
        "x: &a [lol, lol]\n"
        + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)),
        "a: &a {b: c}\n" + "d:\n" + "".join(f"  - {{<<: *a, k{i}: v}}\n" for i in range(20_000)),
        "a: b\n" * (100 * MAX_BYTES // 5),
        "[" * MAX_BYTES,
        "a: !!python/object/apply:os.system ['touch /nowhere']\n",
    ],
    ids=["brackets", "braces", "dashes", "aliases", "merges", "hundred-megabytes", "only-brackets", "object"],
)
def test_a_hostile_file_is_refused_at_once_and_in_little_memory(text: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    _, problems = compose("f", text)
    assert problems
    assert time.process_time() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024 + len(text) // 512


def test_one_character_too_many_is_too_large() -> None:
    assert complaints("a: " + "b" * (MAX_BYTES - 2)) == ["f: too large: at most 1,048,576 bytes"]
    assert complaints("a: " + "é" * (MAX_BYTES // 2)) == ["f: too large: at most 1,048,576 bytes"]


def test_after_a_hundred_mistakes_the_rest_is_not_read() -> None:
    assert len(complaints("a: b\n" * 1000)) == 100


def test_a_file_of_the_largest_size_is_read_in_seconds() -> None:
    text = "a: [" + "b, " * ((MAX_BYTES - 8) // 3) + "c]\n"
    start = time.process_time()
    assert len(read(text).plain()["a"]) > 300_000
    assert time.process_time() - start < 20


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1))
def test_whatever_is_quoted_comes_back_as_it_was(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    root, problems = compose("f", f"a: {quoted}\n")
    if problems:
        assert "hidden character" in problems[0].message
    else:
        assert root is not None
        assert root.plain() == {"a": text}


@given(st.text(max_size=200))
def test_no_text_at_all_makes_it_raise(text: str) -> None:
    root, problems = compose("f", text)
    assert root is not None or problems


@pytest.mark.scenario("R4")
@given(st.text(st.sampled_from("ab:-'\"[]{},#&*!|>@%?\n \t1"), max_size=60))
def test_what_is_accepted_is_what_yaml_says_it_is(text: str) -> None:
    root, problems = compose("f", text)
    if root is not None and not problems:
        assert root.plain() == yaml.load(text, Loader=yaml.CBaseLoader)


@pytest.mark.parametrize("style", ["'{}'", "|\n    {}", ">\n    {}", "{}"])
@given(words=st.lists(st.text("abcé()@", min_size=1, max_size=6), min_size=1, max_size=6), data=st.data())
def test_every_character_of_a_text_is_found_in_the_file(style: str, words: list[str], data: st.DataObject) -> None:
    value = "x" + " ".join(words)
    text = "key:\n  when: " + style.format(value) + "\n"
    scalar = find(read(text), ("key", "when"))
    assert isinstance(scalar, ScalarNode)
    offset = data.draw(st.integers(0, len(value) - 1))
    position = scalar.place(offset)
    if value[offset] != " ":
        assert text.split("\n")[position.line - 1][position.column - 1] == value[offset]


def test_doubled_quotes_count_as_one_character() -> None:
    text = "when: '''a'' or b c'\n"
    scalar = find(read(text), ("when",))
    assert isinstance(scalar, ScalarNode)
    assert scalar.text == "'a' or b c"
    assert scalar.place(scalar.text.index("c")).column == text.index("c") + 1


def test_the_place_after_the_last_character_is_on_the_same_line() -> None:
    scalar = find(read("when: |\n  a and\n  b\n"), ("when",))
    assert isinstance(scalar, ScalarNode)
    assert scalar.place(len(scalar.text)).line == 3


def test_keys_remember_where_they_are_written() -> None:
    root = read("a: b\nrules:\n  first: {when: x}\n")
    assert isinstance(root, MappingNode)
    rules = root.entries["rules"]
    assert isinstance(rules, MappingNode)
    assert (rules.keys["first"].line, rules.keys["first"].column) == (3, 3)

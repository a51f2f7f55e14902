"""Names, by their capitals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.text.names import names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Two officers left Minneapolis for Saint Paul.", ["Minneapolis", "Saint Paul"]),
        ("He works for the Department of the Interior of Ohio.", ["Department of the Interior of Ohio"]),
        ("They asked MPD's Brian O'Hara and O’Hara’s aide.", ["MPD", "Brian O'Hara", "O'Hara"]),
        ("A spokesperson for Gov. Tim Walz said on Jan. 20 that George W. Bush came.", ["Tim Walz", "George W. Bush"]),
        ("It was a U.S. matter for St. Cloud on Monday, in March.", ["U.S.", "Cloud"]),
        ("Then I met Ray, Ann and the Bureau of.", ["Ray", "Ann", "Bureau"]),
    ],
)
def test_a_name_is_a_run_of_capitals_inside_of_a_sentence(text: str, found: list[str]) -> None:
    assert list(names(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Police left.", {}),
        ("MPD left.", {"MPD": 1}),
        ("Duluth slept. Nobody in Duluth knew.", {"Duluth": 2}),
        ("The chief left. He read The Star to the crew.", {"The Star": 1}),
        ('She said: "Nothing happened in Duluth."', {"Duluth": 1}),
    ],
    ids=["a word", "an acronym", "a name that is one elsewhere", "a small word", "a quotation"],
)
def test_the_first_word_of_a_sentence_is_a_name_only_where_more_speaks_for_it(text: str, found: dict[str, int]) -> None:
    assert names(text) == found


def test_a_headline_in_capitals_says_nothing() -> None:
    assert names("Officers Leave City for Federal Agency") == {}


@given(st.text())
def test_any_text_has_names_without_border_spaces(text: str) -> None:
    assert all(name == name.strip() and count > 0 for name, count in names(text).items())

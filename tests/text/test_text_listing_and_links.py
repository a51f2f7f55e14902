"""What messages say about names, and which addresses they show."""

from __future__ import annotations

import pytest

from watcher.text.humanize import pluralize
from watcher.text.links import MAX_URL_CHARS, web_link
from watcher.text.word_lists import did_you_mean, listed


def test_a_long_list_is_cut_and_an_empty_one_says_so() -> None:
    assert listed(["b", "a"]) == "a, b"
    assert listed(f"{number:02}" for number in range(14)).endswith("10, 11, and 2 more")
    assert listed([]) == "none"


def test_the_name_that_was_meant_is_found_whatever_its_case() -> None:
    assert did_you_mean("Offciers", ["officers", "chief"]) == "; did you mean officers?"
    assert did_you_mean("weather", ["officers", "chief"]) == ""


def test_a_noun_agrees_with_its_number() -> None:
    assert [pluralize(number, "item") for number in range(3)] == ["0 items", "1 item", "2 items"]


def test_an_address_that_a_person_may_follow_is_shown_as_it_is() -> None:
    assert web_link("https://example.com/a?b=c#d") == "https://example.com/a?b=c#d"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "https://",
        "https://[::1",
        "https://example.com/a b",
        "https://example.com/\u202egnp.exe",
        "https://example.com/" + "a" * MAX_URL_CHARS,
    ],
)
def test_any_other_address_is_left_out(url: str) -> None:
    assert web_link(url) == ""

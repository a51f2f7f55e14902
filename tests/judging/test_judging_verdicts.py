import pytest

from watcher.judging import verdict_row


@pytest.mark.parametrize(
    ("rating", "name"),
    [
        ("No evidence", "no evidence"),
        ("There is no credible evidence", "no evidence"),
        ("Unsupported", "no evidence"),
        ("Unproven", "unverified"),
        ("Research in progress", "unverified"),
        ("Unverified", "unverified"),
        ("Not rated", "unverified"),
        ("Falso", "unverified"),
        ("", "unverified"),
        ("Half True", "mixed"),
        ("half-true", "mixed"),
        ("Mixture", "mixed"),
        ("Missing context", "mixed"),
        ("Misleading", "mixed"),
        ("False", "false"),
        ("MOSTLY FALSE", "false"),
        ("Not true", "false"),
        ("Pants on Fire!", "false"),
        ("Incorrect", "false"),
        ("Labeled Satire", "false"),
        ("True", "true"),
        ("Mostly true", "true"),
        ("Correct attribution", "true"),
    ],
)
def test_a_free_rating_finds_its_row(rating: str, name: str) -> None:
    assert verdict_row(rating).name == name


def test_what_opposes_the_verdict_weighs_most() -> None:
    assert verdict_row("False").asserts > verdict_row("False").denies
    assert verdict_row("True").denies > verdict_row("True").asserts
    assert verdict_row("Unproven").asserts == verdict_row("Unproven").denies > verdict_row("Unproven").reports


def test_an_item_that_only_mentions_weighs_like_one_that_reports() -> None:
    assert verdict_row("False").weight("mentions") == verdict_row("False").weight("reports")

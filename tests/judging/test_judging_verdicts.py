import pytest

from watcher.judging import verdict_weights


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
    assert verdict_weights(rating).name == name


def test_what_opposes_the_verdict_weighs_most() -> None:
    assert verdict_weights("False").asserts > verdict_weights("False").denies
    assert verdict_weights("True").denies > verdict_weights("True").asserts
    assert (
        verdict_weights("Unproven").asserts == verdict_weights("Unproven").denies > verdict_weights("Unproven").reports
    )


def test_an_item_that_only_mentions_weighs_like_one_that_reports() -> None:
    assert verdict_weights("False").weight("mentions") == verdict_weights("False").weight("reports")

"""What an alert says about how the item is worded, in plain words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from watcher.messages import AlertView, alert
from watcher.model import Attribution, Direction, Label

Make = Callable[..., AlertView]


def test_an_alert_says_what_the_passage_says_and_how_that_is_known_with_the_words(view: Make) -> None:
    label = Label(
        direction=Direction.DENIES,
        direction_words="no\nevidence",
        known=Attribution.NAMED,
        known_words="said Chief O'Hara",
    )
    made = alert(view(label=label))
    assert "Says: denies it: “no evidence”\n" in made.text
    assert "Known from: a person or body that answers for it by name: “said Chief O'Hara”\n" in made.text
    assert made.data["data"]["label"] == {
        "direction": "denies",
        "direction_words": "no evidence",
        "known": "named",
        "known_words": "said Chief O'Hara",
    }


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("known", list(Attribution))
def test_every_label_has_words(view: Make, direction: Direction, known: Attribution) -> None:
    text = alert(view(label=Label(direction=direction, known=known))).text
    assert "\nSays: " in text
    assert "\nKnown from: " in text


def test_an_alert_of_what_matches_no_more_has_no_label(view: Make) -> None:
    made = alert(view())
    assert "Says:" not in made.text
    assert made.data["data"]["label"] is None

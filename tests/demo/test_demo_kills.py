"""The demo day on a service that is killed again and again: everything arrives, and what repeats had to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from demo.day import day, morning
from demo.newsroom import CLAIM, SOURCES, Newsroom
from faults.killer import Killer, recoveries
from faults.stage import Stage

RECOVERED = timedelta(seconds=10)
"""Within this time of a start it must poll again, on a machine that has nothing else to do."""
KILLS_A_DAY = 20
DAYS = max(1, int(os.environ.get("FAULT_KILLS", "0")) // KILLS_A_DAY)
"""One, unless somebody asks for more: ``FAULT_KILLS=1000 make faults`` takes a night."""
PATIENCE = 180
"""Seconds for one step of the play, kills and all: were the notice of the morning out before the first digest is, it
would be told in that one, and missed as an alert."""
SLOW = 0.4
"""Seconds between a message and its acknowledgement: long enough for some kills to fall between the two."""


@pytest.mark.scenario("X1")
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(2026, 2026 + DAYS))
def test_kills_at_random_moments_of_the_day_lose_nothing(seed: int) -> None:
    assert max(_first_polls(day, seed=seed, kills=KILLS_A_DAY)) < RECOVERED


@pytest.mark.scenario("X1")
def test_a_few_kills_on_one_morning_lose_nothing() -> None:
    assert _first_polls(morning, seed=7, kills=4)


def _first_polls(play: Callable[[Newsroom], None], *, seed: int, kills: int) -> list[timedelta]:
    """Play, kill and judge; gives how long each start took to its first poll."""
    with Stage(SOURCES, CLAIM) as stage:
        for receiver in (stage.mail, stage.hook):
            receiver.order(order="be slow", seconds=SLOW)
        room = Newsroom(stage, _say, patience=PATIENCE)
        with Killer(stage.service, seed, kills):
            play(room)
        room.until_told()
        room.until_quiet()
        first_polls = recoveries(stage.service.starts, stage.service.crashes, stage.visits())
        _say(f"first polls within {max(first_polls)}; {stage.verdict()}")
        assert stage.verdict().green, stage.account()
        assert len(stage.service.crashes) == kills
        assert stage.visits()[-1]["at"] > stage.service.starts[-1]
        return first_polls


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")  # shown if the test fails

"""Small plays that a service gets through unharmed, each with the trouble that one kind of fault needs to show."""

from __future__ import annotations

import time
from collections.abc import Callable

from faults import signs
from faults.refusals import DROP, STALL
from faults.stage import DESK, Stage, Story

CITY, PAPER = "city", "paper"
SOURCES = {CITY: ["official"], PAPER: ["press"]}
CLAIM = """\
watch: 1
id: officers-to-ice
claim: {claimReviewed: Police officers quit to join ICE, rating: No evidence}
rules:
  transfer: {when: 'officer* and ICE', priority: urgent}
"""
PATIENCE = 20.0
"""Seconds that the service may take to do its part."""

Scene = Callable[[Stage], None]


def transfer(number: int) -> Story:
    """A story that alerts."""
    return Story(f"https://city.example.org/{number}", f"Officer {number} left for ICE")


def first_poll(stage: Stage) -> None:
    """What matches already is in the digest; what comes later alerts. Every other scene begins with this."""
    stage.publish(CITY, transfer(1), calls_for=[signs.ALREADY_THERE])
    stage.publish(PAPER, Story("https://paper.example.org/1", "Council meets"))
    stage.service.start()
    stage.wait(stage.all_told, PATIENCE)
    _alert(stage, transfer(2), transfer(1))


def killed_while_sending(stage: Stage) -> None:
    """Receivers take a message and say nothing; in that moment the service dies."""
    stage.mail.order(order="refuse", answer=STALL, to=DESK)
    stage.hook.order(order="refuse", answer=STALL)
    stage.publish(CITY, transfer(3), calls_for=[signs.alert(transfer(3).link)])
    stage.wait(lambda: stage.answers().count(STALL) == 2, PATIENCE)
    stage.service.restart()
    stage.wait(stage.all_told, PATIENCE)


def killed_while_storing(stage: Stage) -> None:
    """A source was read; the service dies before that is on its disk, if the disk is slow."""
    etag = stage.publish(CITY, transfer(4), calls_for=[signs.alert(transfer(4).link)])
    stage.wait(lambda: stage.has_shown(CITY, etag), PATIENCE)
    time.sleep(0.7)  # for reading it
    stage.service.restart()
    stage.wait(stage.all_told, PATIENCE)


def acknowledgement_lost(stage: Stage) -> None:
    """Receivers take a message, and the line goes dead before they can say so."""
    stage.mail.order(order="refuse", answer=DROP, to=DESK)
    stage.hook.order(order="refuse", answer=DROP)
    _alert(stage, transfer(5))


def gone_and_back(stage: Stage) -> None:
    """A story leaves its feed, and is back later."""
    _alert(stage, transfer(6))
    for stories in ((), (transfer(6),)):
        etag = stage.publish(CITY, *stories)
        stage.wait(lambda etag=etag: stage.has_kept(CITY, etag), PATIENCE)  # type: ignore[misc]  # bound, not taken
    time.sleep(3)


SCENES: dict[str, Scene] = {
    "killed-while-sending": killed_while_sending,
    "killed-while-storing": killed_while_storing,
    "acknowledgement-lost": acknowledgement_lost,
    "gone-and-back": gone_and_back,
}


def _alert(stage: Stage, *stories: Story) -> None:
    """Show stories of which the first is new, and wait until it was told."""
    stage.publish(CITY, *stories, calls_for=[signs.alert(stories[0].link)])
    stage.wait(stage.all_told, PATIENCE)

"""The real service gets through every scene, and the ledger notices each protection that is taken out."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest
from faults.checker import Verdict, What
from faults.killer import recoveries
from faults.scenes import CLAIM, SCENES, SOURCES, Scene, first_poll
from faults.stage import Stage

MUTANTS = {
    "no-baseline": ("first-poll", What.EXTRA),
    "outbox-in-memory": ("killed-while-sending", What.LOST),
    "settled-before-send": ("killed-while-sending", What.LOST),
    "validators-before-commit": ("killed-while-storing", What.MISSED),
    "random-message-id": ("acknowledgement-lost", What.EXTRA),
    "seen-keys-expire": ("gone-and-back", What.EXTRA),
}
"""Each with the scene it cannot hide in, and what is found there."""
ALWAYS_TRIED = "outbox-in-memory"
"""The others belong to the long form: each takes a newsroom of its own."""
HALF_A_LEASE = timedelta(seconds=30)
"""What had still to be sent arrives sooner after a start: a start does not wait for the leases of the dead."""


def played(stage: Stage, *scenes: Scene) -> Verdict:
    for scene in (first_poll, *scenes):
        scene(stage)
    stage.service.close()
    sys.stdout.write(stage.account())  # shown if the test fails
    return stage.verdict()


def mutant(name: str) -> Stage:
    return Stage(SOURCES, CLAIM, (sys.executable, "-m", "faults.mutants", name))


@pytest.mark.scenario("D4", "D5")
def test_nothing_is_lost_and_nothing_comes_twice_in_any_scene() -> None:
    with Stage(SOURCES, CLAIM) as stage:
        verdict = played(stage, *SCENES.values())
        delivered = recoveries(stage.service.starts, stage.service.crashes, stage.arrived)
    assert verdict.green
    assert verdict.accepted == 18
    assert len(delivered) == 3
    assert max(delivered) < HALF_A_LEASE


@pytest.mark.slow
def test_a_slow_disk_alone_loses_nothing() -> None:
    with mutant("slow-commit") as stage:
        assert played(stage, SCENES["killed-while-storing"]).green


@pytest.mark.parametrize(
    "name", [name if name == ALWAYS_TRIED else pytest.param(name, marks=pytest.mark.slow) for name in MUTANTS]
)
def test_the_ledger_notices(name: str) -> None:
    scene, what = MUTANTS[name]
    with mutant(name) as stage:
        verdict = played(stage, *([SCENES[scene]] if scene in SCENES else []))
    noticed = {finding.what for finding in verdict.findings}
    assert what in noticed
    assert noticed <= {what, What.MISSED}, "what was lost on its way here may not have set out for there"

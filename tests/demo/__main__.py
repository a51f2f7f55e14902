"""A day in a small newsroom, without the internet: ``PYTHONPATH=tests python -m demo``.

Sources, mail server and webhook receiver are processes on loopback; the service among them is the real one. Ends with
0 only if exactly what the day calls for has arrived, each message once at each destination.
"""

from __future__ import annotations

import sys
import time

from demo.day import day
from demo.newsroom import CLAIM, SOURCES, Newsroom
from faults.stage import DESTINATIONS, Stage


def main() -> int:
    """Play the day and judge it."""
    began = time.monotonic()
    with Stage(SOURCES, CLAIM) as stage:
        room = Newsroom(stage, _say)
        day(room)
        status = stage.service.close()
        verdict = stage.verdict()
        good = verdict.green and status == 0
        if not good:
            _say(f"\n{stage.account()}")
    _say(f"\n{time.monotonic() - began:.0f} s, {len(DESTINATIONS)} destinations: {verdict}")
    _say("exactly what was expected" if good else "NOT what was expected")
    return 0 if good else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

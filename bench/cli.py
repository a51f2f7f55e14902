"""What commands cost before they do anything: processor time of a whole process, on a small desk made for it.

`python bench/cli.py [COMMAND]...`; without arguments, the commands that people wait for.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 9
"""Runs of a command, of which the fastest counts: other work on the machine can only add time."""
COMMANDS = ("--version", "--help", "fly", "alerts", "status", "check")
SETTINGS = "[fetch]\nworkers = 1\n"
SOURCES = "watch: 1\nsources: []\n"
CLAIM = """\
watch: 1
id: officers-to-ice
claim: {claimReviewed: Police officers quit to join ICE, rating: No evidence}
rules:
  transfer: {when: officer* and ICE}
"""


def seconds(words: list[str], folder: Path) -> float:
    """Return the user and system seconds of the fastest of some runs."""
    return min(_once(words, folder) for _ in range(RUNS))


def _once(words: list[str], folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, check=False)  # noqa: S603  # commands typed by the person who runs this
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _desk(folder: Path) -> None:
    for name, text in {"watcher.toml": SETTINGS, "rules/sources.yaml": SOURCES, "rules/claims/ice.yaml": CLAIM}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "watcher", "run", "--once"], cwd=folder, capture_output=True, check=True)


def main() -> None:
    """Print a line for each command."""
    with tempfile.TemporaryDirectory(prefix="desk-") as name:
        folder = Path(name)
        _desk(folder)
        nothing = seconds(["-c", "pass"], folder)
        print(f"{'python -c pass':<22} {nothing:6.3f} s")
        for command in sys.argv[1:] or COMMANDS:
            spent = seconds(["-m", "watcher", *command.split()], folder)
            print(f"{'watcher ' + command:<22} {spent:6.3f} s  {spent / nothing:5.1f} times python -c pass")


if __name__ == "__main__":
    main()

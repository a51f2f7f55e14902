"""``python -m faults.searching TARGET SECONDS CORPUS``: atheris looks for input that raises what nobody expects.

It is led by the lines that an input reaches; what it found interesting stays in the folder CORPUS.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["watcher", "feedparser"]):
    from faults.fuzzing import TOO_LONG, attempt


def main() -> None:
    """Search until the time is up."""
    target, seconds, corpus = sys.argv[1:]
    options = [f"-max_total_time={seconds}", f"-timeout={TOO_LONG}", "-rss_limit_mb=2048", "-max_len=20000"]
    atheris.Setup([sys.argv[0], *options, corpus], lambda data: attempt(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()

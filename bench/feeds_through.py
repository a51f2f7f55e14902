"""All real feeds through the real pipeline: `python bench/feeds_through.py [--suite]`.

They are served from loopback and polled once; again unchanged; again with other bytes around the same entries; and
again with every entry to be recognised by its keys alone. Then each series, version by version. `--suite` adds the
cases of feedparser's own tests. Captures are looked for in WATCHER_SHARED, or in `shared` beside the checkout.
Memory is that of this process, which does all that the daemon does.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from faults import captures, second_reading  # noqa: E402  # the tests are no installed package
from faults.captures import Capture, Passage, passage  # noqa: E402  # the tests are no installed package

ROUNDS = ("unchanged", "other bytes", "known by keys", "known by keys", "known by keys")


def main() -> int:
    """Print the results; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", action="store_true", help="the cases of feedparser's own tests, too")
    options = parser.parse_args()
    data = Path(os.environ.get("WATCHER_SHARED", ROOT.parent / "shared")) / "data"
    if not data.is_dir():
        sys.exit(f"no captures at {data}: set WATCHER_SHARED to the folder that holds data/")
    feeds, series = captures.feeds(data), captures.series(data)
    suite = captures.suite(data) if options.suite else []
    with tempfile.TemporaryDirectory() as folder, passage([*feeds, *series, *suite], Path(folder)) as through:
        good = polled(through, feeds) and compared(through, feeds)
        if suite:  # fragments, many without a word: they are here to find crashes
            good = polled(through, suite) and good
        for one in series:
            good = added(through, one) and good
        print(f"\nexceptions and lost reading processes: {len(through.troubles())}")
        return 0 if good and not through.troubles() else 1


def polled(through: Passage, feeds: Sequence[Capture]) -> bool:
    """Print the table of the rounds; return whether all is right."""
    print(f"\n{len(feeds)} feeds\n{'round':<16}{'seconds':>8}{'new items':>11}{'edits':>7}{'memory MB':>11}")
    before, new = (0, 0), []
    for number, name in enumerate(("first", *ROUNDS)):
        if name == "known by keys":
            through.forget_fingerprints()
        if name != "unchanged":
            through.show(feeds, behind="\n" * number)
        began = time.monotonic()
        through.poll(feeds)
        after = _totals(through, feeds)
        new.append((after[0] - before[0], after[1] - before[1]))
        before = after
        items, revisions = new[-1]
        print(f"{name:<16}{time.monotonic() - began:>8.1f}{items:>11}{revisions - items:>7}{_memory():>11.0f}")
    return set(new[1:]) == {(0, 0)}


def compared(through: Passage, feeds: Sequence[Capture]) -> bool:
    """Compare what was stored with a second reading; return whether they differ only where that is known."""
    kept, states = through.kept(), through.states()
    wordless = captures.without_words(through.stored())
    ended = Counter(states[one.id].reason or states[one.id].state.value for one in feeds)
    print(f"items without any words: {len(wordless)}; feeds: {dict(ended)}")
    wrong = 0
    for feed in feeds:
        read, name = second_reading.distinct(feed.versions[0]), feed.versions[0].name
        if read != kept[feed.id].items:
            known = second_reading.EXCEPTIONS.get(name, "")
            wrong += not known
            why = known or states[feed.id].detail
            print(f"  {name}: {kept[feed.id].items} items, read a second way {read}: {why}")
    return not wrong and not wordless


def added(through: Passage, one: Capture) -> bool:
    """Print a line about a series; return whether it yields what its versions add."""
    got, expected = through.added(one), second_reading.added(one.versions)
    versions = f"{len(one.versions)} versions"
    print(f"{one.id:<50}{versions:>13}: {sum(got)} items, {'as added' if got == expected else f'not {sum(expected)}'}")
    return got == expected


def _totals(through: Passage, feeds: Sequence[Capture]) -> tuple[int, int]:
    kept = through.kept()
    return sum(kept[feed.id].items for feed in feeds), sum(kept[feed.id].revisions for feed in feeds)


def _memory() -> float:
    """Return the resident memory of this process, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


if __name__ == "__main__":
    sys.exit(main())

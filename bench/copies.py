"""How well copies are found: `python bench/copies.py [--remembered N]`.

Copies are made of Reuters-21578 stories by cutting them to their beginning and adding a new introduction and footer
from stories that are not in the index. Each is looked up among all others; the right answer is its original and nothing
else. As many untouched stories are asked about, for which the right answer is none. Stories that have a copy within the
collection itself (it has hundreds, and as many written after one form) are left out.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wires import REUTERS, wires

from watcher.judging import MIN_SHARED, Kinship, StoryText, fingerprint, relate

KEPT = (0.8, 0.6, 0.4, 0.25, 0.15)
COPIES = 400
MIN_WORDS = 150
CANDIDATES = 3


class Remembered:
    """The two statements of storage about fingerprints."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
            "CREATE TABLE prints (hash INTEGER, item INTEGER, PRIMARY KEY (hash, item)) WITHOUT ROWID; BEGIN;"
        )

    def add(self, item: int, prints: Sequence[int]) -> None:
        self._db.executemany("INSERT OR IGNORE INTO prints VALUES (?, ?)", [(hash_, item) for hash_ in prints])

    def sharing(self, prints: Sequence[int]) -> list[tuple[int, int]]:
        """Return the items that share most fingerprints, with how many."""
        marks = ",".join("?" * len(prints))
        query = (
            f"SELECT item, count(*) AS shared FROM prints WHERE hash IN ({marks}) "  # noqa: S608 - marks only
            f"GROUP BY item HAVING shared >= {MIN_SHARED} ORDER BY shared DESC LIMIT {CANDIDATES}"
        )
        return self._db.execute(query, prints).fetchall()

    def settle(self) -> None:
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")


@dataclass(slots=True)
class Tally:
    """Right, wrong and missing answers."""

    right: int = 0
    wrong: int = 0
    missing: int = 0

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missing)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missing)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)


def stories() -> Iterator[str]:
    """Return the bodies of Reuters-21578."""
    return (wire.body for wire in wires())


def disguised(text: str, kept: float, others: Sequence[str], chance: random.Random) -> str:
    """Return the beginning of a text between an introduction and a footer of about 25 and 20 words."""
    words = text.split()
    intro = chance.choice(others).split()[: chance.randint(15, 35)]
    footer = chance.choice(others).split()[-chance.randint(10, 30) :]
    return " ".join([*intro, *words[: round(len(words) * kept)], *footer])


def related(new: str, prints: Sequence[int], texts: Sequence[str], remembered: Remembered) -> list[int]:
    """Return the items that ``new`` is a copy or a longer version of, as the pipeline would find them."""
    told = StoryText(text=new)
    return [
        item
        for item, shared in remembered.sharing(prints)
        if relate(told, StoryText(text=texts[item]), shared).kind is not Kinship.SEPARATE
    ]


def without_native_copies(texts: Sequence[str]) -> list[int]:
    """Return the stories that share less than a quarter of their fingerprints with any other one."""
    having: dict[int, list[int]] = {}
    all_prints = [fingerprint(text) for text in texts]
    for item, prints in enumerate(all_prints):
        for hash_ in prints:
            having.setdefault(hash_, []).append(item)
    alone = []
    for item, prints in enumerate(all_prints):
        shared = Counter(other for hash_ in prints for other in having[hash_] if other != item)
        if prints and max(shared.values(), default=0) < len(prints) / 4:
            alone.append(item)
    return alone


def accuracy(texts: Sequence[str], remembered: Remembered) -> None:
    """Print how well copies are found, by the share of the original that is left."""
    chance = random.Random(21578)
    alone = without_native_copies(texts)
    others = [texts[item] for item in alone if 40 <= len(texts[item].split()) < MIN_WORDS][:300]
    sources = chance.sample([item for item in alone if len(texts[item].split()) >= MIN_WORDS], 2 * COPIES)
    for item, text in enumerate(texts):
        if text not in others:
            remembered.add(item, fingerprint(text))
    copied, untouched = sources[:COPIES], sources[COPIES:]
    for kept in KEPT:
        tally = Tally()
        for item in copied:
            copy = disguised(texts[item], kept, others, chance)
            found = related(copy, fingerprint(copy), texts, remembered)
            tally.right += item in found
            tally.missing += item not in found
            tally.wrong += sum(other != item for other in found)
        for item in untouched:
            found = related(texts[item], fingerprint(texts[item]), texts, remembered)
            tally.wrong += sum(other != item for other in found)
        print(f"  {kept:4.0%} kept: F1 {tally.f1:.3f}  precision {tally.precision:.3f}  recall {tally.recall:.3f}")


def cost(texts: Sequence[str], folder: Path, how_many: int) -> None:
    """Print the time per item with ``how_many`` items in the index on disk: hashes, look-up, comparison, storing."""
    chance = random.Random(8)
    remembered = Remembered(folder / "many.db")
    sizes = [len(fingerprint(text)) for text in texts[:2000]]
    for item in range(how_many):
        remembered.add(-item, [chance.getrandbits(63) for _ in range(chance.choice(sizes))])
    remembered.settle()
    taken = []
    for item, text in enumerate(texts[:4000]):
        began = time.process_time()
        prints = fingerprint(text)
        related(text, prints, texts, remembered)
        remembered.add(item, prints)
        taken.append(time.process_time() - began)
        if item % 200 == 199:
            remembered.settle()
    taken.sort()
    mean, late = sum(taken) / len(taken) * 1000, taken[len(taken) * 99 // 100] * 1000
    print(f"  {how_many:,} remembered: {mean:.2f} processor ms an item, 99 in 100 under {late:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description="measure how copies are found")
    parser.add_argument("--remembered", type=int, default=100_000, help="items in the index while timing")
    chosen = parser.parse_args()
    texts = list(stories())
    if not texts:
        sys.exit(f"no Reuters-21578 under {REUTERS}: set WATCHER_SHARED to the folder that holds data/")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{len(texts):,} stories, {COPIES} copies and {COPIES} untouched ones asked about")
        accuracy(texts, Remembered(folder / "reuters.db"))
        cost(texts, folder, chosen.remembered)


if __name__ == "__main__":
    main()

"""What ranking costs with 1,000 claims: an item that is near to none of them, one that is, and the ranker itself."""

from __future__ import annotations

import random
import re
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle

from recall_data import SEED, Claim, News, texts
from recall_systems import learnt, syllabus_of

from watcher.judging.idf import Idf
from watcher.ranking.logistic import Linear
from watcher.ranking.ranked_text import RankedText, words
from watcher.ranking.ranker import Ranker, Trained
from watcher.ranking.subject import Subject, Subjects
from watcher.ranking.syllabus import Syllabus
from watcher.ranking.training import idf_of

CLAIMS = 1000
ITEMS = 200
_RARE = 0.005
"""Of the news: words that no more of it has are those of a claim's own subject."""
_WORD = re.compile(r"[^\W\d_]{3,}")


def print_cost(claims: Sequence[Claim], news: News) -> None:
    """Print CPU time and memory; what the synthetic claims learnt is lent by those of the set."""
    warm_up = texts(news.warm_up)
    idf = idf_of(warm_up)
    _, lessons = learnt({claim.id: syllabus_of(claim) for claim in claims}, warm_up)
    lent = [lesson.trained for lesson in lessons.values()]
    syllabuses = [syllabus_of(claim) for claim in _renamed(claims, warm_up, idf)]
    began = time.process_time()
    ranker = _ranker(syllabuses, lent, idf)
    print(f"\n{len(syllabuses):,} synthetic claims: ready in {time.process_time() - began:.1f} s of CPU time", end="")
    tracemalloc.start()
    ranker = _ranker(syllabuses, lent, idf)
    print(f", {tracemalloc.get_traced_memory()[0] / 2**20:.0f} MB")
    tracemalloc.stop()
    _print_times(ranker, texts(news.scored[-ITEMS:]))


def _print_times(ranker: Ranker[int], items: Sequence[RankedText]) -> None:
    index = Subjects.indexed({key: trained.subject for key, trained in ranker.rules.items()})
    began = time.process_time()
    for item in items:
        index.scores(item)
    looked_up = time.process_time() - began
    began = time.process_time()
    near = sum(len(ranker.rank(item)) for item in items)
    compared = max(0.0, time.process_time() - began - looked_up)
    print(f"an item, all claims that it is not near to: {looked_up / len(items) * 1000:.2f} ms")
    print(
        f"a claim that it is near to: {compared / max(1, near) * 1000:.2f} ms; {near / len(items):.1f} claims an item"
    )


def _ranker(syllabuses: Sequence[Syllabus], lent: Sequence[Trained], idf: Idf) -> Ranker[int]:
    rules = {}
    for key, (syllabus, learnt_before) in enumerate(zip(syllabuses, cycle(lent), strict=False)):
        likeness = Linear(dict(learnt_before.likeness.weights), learnt_before.likeness.bias)
        subject = Subject.of(syllabus.about, idf)
        rules[key] = replace(
            learnt_before,
            subject=subject,
            likeness=likeness,
            likeness_share=syllabus.likeness_share,
            lists=syllabus.lists,
        )
    return Ranker.of(rules, idf)


def _renamed(claims: Sequence[Claim], warm_up: Sequence[RankedText], idf: Idf) -> list[Claim]:
    """Return copies of the claims, their rare words replaced by words of the news that are as rare: other subjects."""
    chance = random.Random(SEED)
    rare = sorted({word for text in warm_up for word in _WORD.findall(text.whole) if _is_rare(word, idf)})
    return [
        _copy(claim, at, _Names(rare, chance, idf)) for claim, at in zip(cycle(claims), range(CLAIMS), strict=False)
    ]


def _copy(claim: Claim, number: int, names: _Names) -> Claim:
    return Claim(
        id=f"copy-{number}",
        reviewed=names(claim.reviewed),
        rating=claim.rating,
        lists={side: tuple(map(names, listed)) for side, listed in claim.lists.items()},
        positive=tuple(map(names, claim.positive)),
        negative=tuple(map(names, claim.negative)),
    )


class _Names:
    """Replaces rare words, the same one by the same one."""

    def __init__(self, rare: Sequence[str], chance: random.Random, idf: Idf) -> None:
        self._new = defaultdict[str, str](lambda: chance.choice(rare))
        self._idf = idf

    def __call__(self, text: str) -> str:
        return _WORD.sub(lambda word: self._new[word[0]] if _is_rare(word[0], self._idf) else word[0], text)


def _is_rare(word: str, idf: Idf) -> bool:
    return all(idf.df.get(stem, 0) <= _RARE * idf.documents for stem in words(word))

"""How good the judgement is: `python bench/quality.py [--fixture] [--json]`.

Prints average precision, and precision and recall at five alerts per claim (the budget is shared by all claims, best
scores first), for impact and for the baselines; then how well denial is recognised, and the time that a judgement
takes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from quality_data import ASSERTS, DENIES, REPORTS, Told, Watch, emergent, fixture, wanted

from watcher.judging import Case, Idf, Judge, denial_signature, fingerprint, is_near_miss, terms
from watcher.model import Bearing, Claim
from watcher.text.lead import lead

ALERTS_A_CLAIM = 5
NAIVE = frozenset({"no", "not", "never", "false", "hoax", "fake", "denies", "debunked"})

Score = Callable[[str, str, Told], float]
"""The score of an item for a claim with a rating."""


@dataclass(frozen=True, slots=True)
class Found:
    """How well a score ranks the items that matter."""

    average_precision: float
    precision: float
    recall: float


def claim(claim_id: str, text: str, rating: str = "unverified") -> Claim:
    return Claim(id=claim_id, claim_reviewed=text, rating=rating, rules=())


def case(item: Told) -> Case:
    return Case(title=item.title, lead=lead("", item.text), text=item.text)


def rank(watch: Watch, score: Score, verdict: str | None) -> Found:
    """Rank every item for every claim."""
    cases = list(watch.cases(verdict))
    ranked = [
        (value, item.claim == claim_id and item.stance in wanted(rating))
        for claim_id, rating in cases
        for item in watch.items
        if (value := score(claim_id, rating, item))
    ]
    told = Counter((item.claim, item.stance) for item in watch.items)
    total = sum(told[claim_id, stance] for claim_id, rating in cases for stance in wanted(rating))
    return measure(ranked, total, ALERTS_A_CLAIM * len(cases))


def measure(ranked: Sequence[tuple[float, bool]], total: int, budget: int) -> Found:
    """Measure a ranking with ``total`` items that matter; ties count as if shuffled, a score of 0 as not found."""
    seen = hits = 0
    average = within = 0.0
    for _, tied in groupby(sorted(ranked, key=lambda pair: -pair[0]), key=lambda pair: pair[0]):
        goods = [good for _, good in tied]
        good, size = sum(goods), len(goods)
        average += sum((hits + k) / (seen + k * size / good) for k in range(1, good + 1))
        within += good * min(1.0, max(0, budget - seen) / size)
        seen, hits = seen + size, hits + good
    return Found(average / total, within / budget, within / total)


class Scores:
    """Return impact and the baselines; all use the same words and the same counts."""

    def __init__(self, watch: Watch, idf: Idf) -> None:
        self._idf = idf
        self._judge = Judge([claim(*pair) for pair in watch.claims.items()], idf)
        self._words = {claim_id: set(terms(text)) for claim_id, text in watch.claims.items()}
        self._counts = {item: Counter(terms(f"{item.title}. {item.text}")) for item in watch.items}
        self._usual = sum(counts.total() for counts in self._counts.values()) / len(watch.items)
        self._cases = {item: case(item) for item in watch.items}
        self._topics = {item: self._judge.topics(title=item.title, text=item.text) for item in watch.items}

    def impact(self, claim_id: str, rating: str, item: Told) -> float:
        topic = self._topics[item].get(claim_id)
        return self._judge.impact(claim_id, self._cases[item], topic=topic, rating=rating).score if topic else 0.0

    def topic(self, claim_id: str, _rating: str, item: Told) -> float:
        return self._topics[item].get(claim_id, 0.0)

    def all_words(self, claim_id: str, _rating: str, item: Told) -> float:
        return float(self._words[claim_id] <= self._counts[item].keys())

    def three_rarest(self, claim_id: str, _rating: str, item: Told) -> float:
        rarest = sorted(self._words[claim_id], key=self._idf.weight)[-3:]
        return float(set(rarest) <= self._counts[item].keys())

    def overlap(self, claim_id: str, _rating: str, item: Told) -> float:
        words = self._words[claim_id]
        return len(words & self._counts[item].keys()) / max(1, len(words))

    def bm25(self, claim_id: str, _rating: str, item: Told) -> float:
        counts = self._counts[item]
        slowness = 1.2 * (0.25 + 0.75 * counts.total() / self._usual)
        found = self._words[claim_id] & counts.keys()
        return sum(self._idf.weight(w) * counts[w] * 2.2 / (counts[w] + slowness) for w in found)

    def named(self) -> dict[str, Score]:
        return {
            "all words": self.all_words,
            "three rarest": self.three_rarest,
            "overlap": self.overlap,
            "BM25": self.bm25,
            "topic alone": self.topic,
            "impact": self.impact,
        }


def direction(watch: Watch, idf: Idf) -> dict[str, float]:
    """Return how well asserting, denying and only reporting are distinguished, for items whose claim is known."""
    judge = Judge([claim(*pair) for pair in watch.claims.items()], idf)
    pairs, naive = [], []
    for item in watch.items:
        if item.stance in {ASSERTS, DENIES, REPORTS}:
            told = judge.impact(item.claim, case(item), topic=1.0, rating="unverified", hit=Bearing.AGAINST).direction
            pairs.append((told, item.stance))
            words = set(item.title.lower().replace("n't", " not").split())
            naive.append((DENIES if words & NAIVE else ASSERTS, item.stance))
    return {
        "denial F1": _f1(pairs),
        "denial F1, eight words": _f1(naive),
        "three-way accuracy": sum(told == stance for told, stance in pairs) / len(pairs),
    }


def _f1(pairs: Iterable[tuple[str, str]]) -> float:
    counts = Counter((told == DENIES, stance == DENIES) for told, stance in pairs)
    return 2 * counts[True, True] / (2 * counts[True, True] + counts[True, False] + counts[False, True])


def cost(idf: Idf, items: Sequence[Told], how_many_claims: int = 1000) -> float:
    """Return CPU milliseconds for the whole judgement of an article of about 500 words with 1,000 claims.

    That is the best of four batches, so that other work on the machine counts little.
    """
    other = emergent("train")
    pool = list(fixture().claims.values()) + [item.title for item in (other or fixture()).items]
    judge = Judge([claim(str(n), pool[n % len(pool)]) for n in range(how_many_claims)], idf)
    articles = [
        Told(item.title, " ".join(near.text for near in items[n : n + 7]), "", "") for n, item in enumerate(items)
    ]
    return min(_pass(judge, articles[n::4]) for n in range(4)) * 1000


def _pass(judge: Judge, articles: Sequence[Told]) -> float:
    began = time.process_time()
    for article in articles:
        told = case(article)
        fingerprint(article.text)
        denial_signature(told.title, told.lead)
        for claim_id, topic in judge.topics(title=article.title, text=article.text).items():
            if is_near_miss(topic):
                judge.impact(claim_id, told, topic=topic, rating="No evidence")
    return (time.process_time() - began) / len(articles)


def report(watch: Watch, idf: Idf) -> dict[str, dict[str, float]]:
    """Return everything that is measured, by name."""
    measured: dict[str, dict[str, float]] = {}
    for aim, verdict in (("opposes the verdict", None), ("verdict unverified", "unverified")):
        for name, score in Scores(watch, idf).named().items():
            found = rank(watch, score, verdict)
            measured[f"{aim}: {name}"] = {
                "AP": found.average_precision,
                "P@5": found.precision,
                "R@5": found.recall,
            }
    measured["direction"] = direction(watch, idf)
    return measured


def show(watch: Watch, measured: dict[str, dict[str, float]]) -> None:
    print(f"\n{watch.name}: {len(watch.claims)} claims, {len(watch.items)} items")
    for name, figures in measured.items():
        print(f"  {name:36}" + "  ".join(f"{figure} {value:.3f}" for figure, value in figures.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description="measure the judgement of impact")
    parser.add_argument("--fixture", action="store_true", help="only the fixture that ships")
    parser.add_argument("--json", action="store_true", help="figures for programs")
    chosen = parser.parse_args()
    watches = [fixture()] if chosen.fixture else [w for w in (fixture(), emergent("train"), emergent("test")) if w]
    figures = {}
    for watch in watches:
        idf = Idf.shipped() + Idf.counted(f"{item.title}. {item.text}" for item in watch.items)
        figures[watch.name] = report(watch, idf)
        if not chosen.json:
            show(watch, figures[watch.name])
    items = list(islice(fixture().items, 0, None, 2))
    milliseconds = cost(Idf.shipped(), items)
    if chosen.json:
        print(json.dumps({"figures": figures, "ms an item": milliseconds}))
    else:
        print(f"\nwhole judgement, 1,000 claims: {milliseconds:.2f} ms an item")


if __name__ == "__main__":
    main()

"""What the recall bench compares: the product's ranking, and simpler ways to find the same items."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import nlargest
from math import sqrt
from operator import mul

from recall_data import Claim, Item
from recall_measures import UNRELATED, ByClaim, Placed, judged

from watcher.judging.idf import Idf
from watcher.matching import Document, Matcher, Standing, parse, parse_list
from watcher.ranking.ranked_text import RankedText, words
from watcher.ranking.ranker import Ranker
from watcher.ranking.syllabus import Example, Syllabus
from watcher.ranking.tiers import Tier
from watcher.ranking.training import Lesson, idf_of, train
from watcher.rulebook import load
from watcher.semantic.embedder import SemanticEmbedder, Vector

System = Callable[[RankedText], Mapping[str, Placed]]
"""What it says of an item and each claim; `UNRELATED` of those that are missing."""
_Scores = Callable[[RankedText], Mapping[str, float]]

_TOLD_AT_ONCE = 0.002
"""Of ordinary news: what a baseline tells at once, as the product may."""
_K1, _B = 1.2, 0.75
_OPENING_CHARS = 120
"""Of what is compared in meaning: a text of 300 takes 30 ms on a busy machine."""


def syllabus_of(claim: Claim, *, positive: int | None = None, answers: Sequence[Example] = ()) -> Syllabus:
    """Return what a claim's rule is taught with: a file of the editor's part, with fewer examples, or answers too.

    ``positive``: so many positive examples, and twice as many negative ones.
    """
    book = load({f"claims/{claim.id}.yaml": json.dumps(_file_of(claim, positive))}, {})
    (syllabus,) = book.syllabuses.values()
    return replace(syllabus, examples=(*syllabus.examples, *answers))


def _file_of(claim: Claim, positive: int | None) -> dict[str, object]:
    return {
        "watch": 1,
        "id": claim.id,
        "claim": {"claimReviewed": claim.reviewed, "rating": claim.rating},
        "about": claim.lists,
        "rules": {
            "told": {
                "like": claim.positive[:positive],
                "unlike": claim.negative if positive is None else claim.negative[: 2 * positive],
            }
        },
    }


def learnt(
    syllabuses: Mapping[str, Syllabus], warm_up: Sequence[RankedText], embedder: SemanticEmbedder | None = None
) -> tuple[System, Mapping[str, Lesson]]:
    """Return the product's ranking, taught with these, and what it learnt; ``embedder``: that of the extra."""
    idf = idf_of(warm_up)
    lessons = train(syllabuses, warm_up, idf, embedder)
    ranker = Ranker.of({key: lesson.trained for key, lesson in lessons.items()}, idf, embedder)

    def system(item: RankedText) -> Mapping[str, Placed]:
        return {ranking.rule: Placed(ranking.score, ranking.tier) for ranking in ranker.rank(item)}

    return system, lessons


def streamed(
    systems: Mapping[str, System],
    claims: Sequence[Claim],
    items: Sequence[Item],
    *,
    scored: Mapping[str, frozenset[str]] | None = None,
) -> dict[str, ByClaim]:
    """Return what each system says of the items, one item after the other: its words are read once for all systems.

    ``scored``: of each claim's own items, the ids of those that count; all if it is not given.
    """
    said: dict[str, list[Mapping[str, Placed]]] = {name: [] for name in systems}
    for at, item in enumerate(items):
        for name, system in systems.items():
            said[name].append(system(item.text))
        if at % 2000 == 0:
            print(f"{at:,} of {len(items):,} items", file=sys.stderr, flush=True)
    return {
        name: {claim.id: judged(claim.id, _of(claim, items, said[name], scored)) for claim in claims} for name in said
    }


def _of(
    claim: Claim,
    items: Sequence[Item],
    said: Sequence[Mapping[str, Placed]],
    scored: Mapping[str, frozenset[str]] | None,
) -> Iterator[tuple[Item, Placed]]:
    for item, placed in zip(items, said, strict=True):
        if scored is None or item.claim != claim.id or item.id in scored[claim.id]:
            yield item, placed.get(claim.id, UNRELATED)


def baselines(
    claims: Sequence[Claim], warm_up: Sequence[RankedText], embedder: SemanticEmbedder | None
) -> dict[str, System]:
    """Return simpler systems, by name. All that they find is a line, and the best 2 in 1,000 are told at once."""
    idf = idf_of(warm_up)
    found = {
        "both lists in one item": _gate(claims, "@where and @what"),
        "both lists in one sentence": _gate(claims, "@where near/s @what"),
        "words of claim and lists": _calibrated(_cosine(claims, idf), warm_up),
        "BM25 of the claim": _calibrated(_bm25(claims, idf, warm_up), warm_up),
    }
    if embedder:
        found["similarity to the claim"] = _calibrated(_similarity(claims, embedder), warm_up)
    return found


def _gate(claims: Sequence[Claim], condition: str) -> System:
    """Return a system that finds what a rule of two lists finds: all of it alike, and told at once."""
    rules = []
    for claim in claims:
        lists = {name: parse_list(name, entries) for name, entries in claim.lists.items()}
        rules.append(Standing(claim.id, parse(condition, lists)))
    matcher = Matcher(rules)

    def system(item: RankedText) -> Mapping[str, Placed]:
        document = Document.of(title=item.title, text=item.text, author=item.source)
        return {str(claim): Placed(1.0, Tier.NOW) for claim in matcher.hits(document)}

    return system


def _calibrated(scores: _Scores, warm_up: Sequence[RankedText]) -> System:
    ordinary = [scores(item) for item in warm_up]
    above = int(_TOLD_AT_ONCE * len(warm_up)) + 1
    claims = {claim for each in ordinary for claim in each}
    now_at = {claim: nlargest(above, (each.get(claim, 0.0) for each in ordinary))[-1] for claim in claims}

    def placed(claim: str, score: float) -> Placed:
        if score <= 0:
            return UNRELATED
        return Placed(score, Tier.NOW if score > now_at[claim] else Tier.LINE)

    return lambda item: {claim: placed(claim, score) for claim, score in scores(item).items()}


def _cosine(claims: Sequence[Claim], idf: Idf) -> _Scores:
    wanted = {
        claim.id: _vector(" ".join([claim.reviewed, *claim.lists["where"], *claim.lists["what"]]), idf)
        for claim in claims
    }

    def scores(item: RankedText) -> Mapping[str, float]:
        vector = _vector(f"{item.whole} {item.source}", idf)
        return {
            claim: sum(weight * vector.get(word, 0.0) for word, weight in known.items())
            for claim, known in wanted.items()
        }

    return scores


def _vector(text: str, idf: Idf) -> dict[str, float]:
    values = {word: (1 + count) ** 0.5 * idf.weight(word) for word, count in Counter(words(text)).items()}
    length = sqrt(sum(value * value for value in values.values())) or 1.0
    return {word: value / length for word, value in values.items()}


def _bm25(claims: Sequence[Claim], idf: Idf, warm_up: Sequence[RankedText]) -> _Scores:
    wanted = {claim.id: set(words(claim.reviewed)) for claim in claims}
    usual = sum(len(words(item.whole)) for item in warm_up) / (len(warm_up) or 1) or 1.0

    def scores(item: RankedText) -> Mapping[str, float]:
        counts = Counter(words(item.whole))
        slowness = _K1 * (1 - _B + _B * counts.total() / usual)
        return {
            claim: sum(idf.weight(word) * (_K1 + 1) * counts[word] / (counts[word] + slowness) for word in known)
            for claim, known in wanted.items()
        }

    return scores


def _similarity(claims: Sequence[Claim], embedder: SemanticEmbedder) -> _Scores:
    """Return how near an item's title and opening are in meaning to each claim."""
    wanted = {claim.id: _embedded(claim.reviewed, embedder) for claim in claims}

    def scores(item: RankedText) -> Mapping[str, float]:
        vector = _embedded(item.whole[:_OPENING_CHARS], embedder)
        return {claim: sum(map(mul, vector, known)) for claim, known in wanted.items()}

    return scores


def _embedded(text: str, embedder: SemanticEmbedder) -> Vector:
    vectors = embedder.embed([text])
    if vectors is None:
        sys.exit("the semantic model does not work")
    return vectors[0]

"""What teaching brings: fewer and more examples, and answers of a desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import chain

from intervals import Share
from recall_data import DECISIVE, SEED, Claim, Item, Label, News, texts
from recall_measures import Judged, shares
from recall_systems import learnt, streamed, syllabus_of
from recall_tables import pooled, print_beside

from watcher.ranking.syllabus import Example

POSITIVE = (3, 6, 12)
ANSWERS = 50
FOLDS = 3
NEWS = 2000
"""Items of the news that are scored: five rankings pass over them."""


def print_curve(claims: Sequence[Claim], items: Sequence[Item], news: News) -> None:
    """Print the pooled shares with so many examples, and with answers on top of all of the editor's."""
    most = min(len(claim.positive) for claim in claims)
    rows = {
        f"{count} positive, {2 * count} negative": _with(count, claims, items, news)
        for count in POSITIVE
        if count <= most
    }
    rows[f"all of the editor's, and {ANSWERS} answers"] = _with_answers(claims, items, news)
    print_beside(rows, "what teaching brings")
    for missing in (count for count in POSITIVE if count > most):
        print(f"not measured: {missing} positive examples, a claim of this set has {most}")


def _with(positive: int, claims: Sequence[Claim], items: Sequence[Item], news: News) -> Mapping[str, Share]:
    syllabuses = {claim.id: syllabus_of(claim, positive=positive) for claim in claims}
    ranking, _ = learnt(syllabuses, texts(news.warm_up))
    return pooled(streamed({"": ranking}, claims, [*items, *news.scored[:NEWS]])[""])


def _with_answers(claims: Sequence[Claim], items: Sequence[Item], news: News) -> Mapping[str, Share]:
    """Score each item once, by what was learnt from answers about others; a desk answers what is no denial."""
    pairs: list[Judged] = []
    for fold in range(FOLDS):
        scored = {claim.id: folded(claim, items, fold) for claim in claims}
        syllabuses = {
            claim.id: syllabus_of(claim, answers=answers_of(claim, items, without=scored[claim.id])) for claim in claims
        }
        ranking, _ = learnt(syllabuses, texts(news.warm_up))
        stream = [*items, *news.scored[:NEWS]]
        by_claim = streamed({"": ranking}, claims, stream, scored=scored)[""]
        pairs += chain.from_iterable(by_claim.values())
    return shares(pairs)


def folded(claim: Claim, items: Sequence[Item], fold: int) -> frozenset[str]:
    """Return the ids of a claim's items that are scored in a fold: each is in one."""
    return frozenset(item.id for item in _drawn(claim, items)[fold::FOLDS])


def answers_of(claim: Claim, items: Sequence[Item], *, without: frozenset[str]) -> list[Example]:
    """Return what a desk answered about `ANSWERS` of a claim's items that are not scored: useful if decisive."""
    shown = [item for item in _drawn(claim, items) if item.id not in without and item.label is not Label.DENIAL]
    return [Example(item.text, positive=item.label in DECISIVE, origin=item.id) for item in shown[:ANSWERS]]


def _drawn(claim: Claim, items: Sequence[Item]) -> list[Item]:
    own = [item for item in items if item.claim == claim.id]
    return sorted(own, key=lambda item: blake2b(f"{SEED} {item.id}".encode(), digest_size=8).digest())

"""The judging of findings, with one set of claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from storage import items
from storage.database import Database
from watcher.judging import Case, Idf, Judge, Novelty, is_near_miss
from watcher.model import Bearing, Claim, Entry, Impact, Source
from watcher.text.lead import lead

LEARNING_ITEMS = 5000
"""Number of newest items whose words are counted: with more, the weights hardly change."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Judges items against claims, with word weights learnt from the stored items."""

    judge: Judge

    @staticmethod
    def learnt(database: Database, claims: Iterable[Claim]) -> Judgement:
        """Return a judgement with word weights from the newest items and the shipped table."""
        with database.read() as connection:
            texts = list(islice(items.newest_texts(connection, limit=LEARNING_ITEMS), LEARNING_ITEMS))
        return Judgement(Judge(claims, Idf.shipped() + Idf.counted(texts)))

    def impact(
        self,
        claim: Claim,
        rules: Iterable[str],
        entry: Entry,
        source: Source,
        novelty: Novelty,
        rank: float | None = None,
    ) -> Impact:
        """Return how much an item that these rules of the claim hit bears on its verdict.

        ``rank``: the highest score by those of them that rank; None if none does.
        """
        bearings = {claim.rule(rule_id).bearing for rule_id in rules}
        hit = next((one for one in (Bearing.AGAINST, Bearing.FOR, Bearing.CONTEXT) if one in bearings), None)
        case = _case(entry, source, novelty)
        topic = self.judge.topics(title=case.title, text=case.text).get(claim.id, 0.0)
        return self.judge.impact(claim.id, case, topic=topic, rating=claim.rating, hit=hit, rank=rank)

    def near(self, entry: Entry, source: Source) -> dict[str, float]:
        """Return the claims an item is close to, with their topic scores."""
        case = _case(entry, source, Novelty.NEW)
        topics = self.judge.topics(title=case.title, text=case.text)
        return {
            claim_id: topic for claim_id, topic in topics.items() if is_near_miss(topic, summary_only=case.summary_only)
        }


def body(entry: Entry) -> str:
    """Return all text of an entry below its title, nothing twice."""
    return entry.text if entry.summary in entry.text else f"{entry.summary}\n\n{entry.text}".strip()


def _case(entry: Entry, source: Source, novelty: Novelty) -> Case:
    return Case(
        title=entry.title,
        lead=lead(entry.summary, entry.text),
        text=body(entry),
        official=source.official,
        novelty=novelty,
        summary_only=not entry.text,
    )

"""How distinctive a word is, learnt from the items of the sources.

A word's weight falls with the share of items it occurs in. Learning it from the stream itself costs one point of
average precision against a large reference collection; having no weights at all costs three and a half. For the first
days there is a shipped table of common English news words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from math import log

from watcher.judging.topic_words import terms


@dataclass(frozen=True, slots=True)
class Idf:
    """Counts of documents, and of the documents that have a stem. The counts of two collections can be added up."""

    documents: int = 0
    df: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def counted(texts: Iterable[str]) -> Idf:
        """Return the counts of a batch of texts, to be added to the counts so far."""
        df: Counter[str] = Counter()
        documents = 0
        for text in texts:
            documents += 1
            df.update(set(terms(text)))
        return Idf(documents, df)

    @staticmethod
    @cache
    def shipped() -> Idf:
        """Return the table that comes with watcher: it weighs as much as 1,000 items."""
        lines = files(__package__).joinpath("common_words.tsv").read_text("utf-8").splitlines()
        rows = (line.split("\t") for line in lines if not line.startswith("#"))
        return Idf(1000, {stem: int(per_mille) for stem, per_mille in rows})

    def __add__(self, other: Idf) -> Idf:
        df = Counter(self.df)
        df.update(other.df)
        return Idf(self.documents + other.documents, df)

    def weight(self, stem: str) -> float:
        """Return the inverse document frequency of BM25; the same for every word while nothing was counted."""
        return self._weight(self.df.get(stem, 0))

    @property
    def rarest(self) -> float:
        """Return the weight of a word that was never seen, which is the highest."""
        return self._weight(0)

    def _weight(self, having: int) -> float:
        return log(1 + (self.documents - having + 0.5) / (having + 0.5)) if self.documents else 1.0

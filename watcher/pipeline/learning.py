"""Rules learn from their examples, from answers and from what was stored; what they learnt is stored as well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from storage import answers, items, trainings
from storage.database import Database
from storage.items import StoredItem
from storage.trainings import StoredTraining, StreamWords
from watcher.judging import Idf
from watcher.model import GOOD_MATCH, AlertState, Clock
from watcher.pipeline import entries
from watcher.pipeline.rules_in_force import Rules, text_of
from watcher.ranking import lesson
from watcher.ranking.meaning import Embedder
from watcher.ranking.ranked_text import RankedText
from watcher.ranking.ranker import Ranker
from watcher.ranking.syllabus import Example, Syllabus
from watcher.ranking.training import Lesson, count_words, train
from watcher.rulebook import Rulebook
from watcher.rulebook.claims import RuleKey

ORDINARY_ITEMS = 5_000
"""Newest items that rules learn from: with more, thresholds and weights hardly change."""
LEARN_EVERY = timedelta(days=7)
"""How often rules learn from the stream again, which changes slowly."""
_GREW_BY = 2
"""Times as many items as rules learnt from, after which they learn again: in its first days a stream teaches much."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What rules learnt, and the words that they learnt it with: one does not rank without the other."""

    lessons: Mapping[RuleKey, Lesson]
    digests: Mapping[RuleKey, bytes]
    """Of all that each was taught with, but for the ordinary items."""
    words: StreamWords
    embedder: Embedder | None

    @property
    def ranker(self) -> Ranker[RuleKey]:
        """Return the rules, ready to rank."""
        trained = {key: learnt.trained for key, learnt in self.lessons.items()}
        return Ranker.of(trained, _idf(self.words), self.embedder)


@dataclass(frozen=True, slots=True)
class Teacher:
    """Teaches the rules that rank by examples."""

    database: Database
    clock: Clock
    embedder: Embedder | None = None

    def taught(self, book: Rulebook) -> Taught:
        """Return what the rules of a book know: what is stored of those that are taught as before; others learn now.

        Stores nothing.
        """
        with self.database.read() as connection:
            words, stored = trainings.words(connection), trainings.stored(connection)
        if words is None:
            return self._learnt(book)
        syllabuses = self.syllabuses(book)
        digests = self._digests(syllabuses)
        known = {
            key: lesson.read(stored[key].content, syllabus)
            for key, syllabus in syllabuses.items()
            if key in stored and stored[key].digest == digests[key]
        }
        new = {key: syllabus for key, syllabus in syllabuses.items() if key not in known}
        learnt = train(new, self._ordinary(book), _idf(words), self.embedder) if new else {}
        return Taught(known | learnt, digests, words, self.embedder)

    def syllabuses(self, book: Rulebook) -> dict[RuleKey, Syllabus]:
        """Return what the rules of a book are taught with: the examples of their file, and the answered alerts.

        An answer that is taken back is no example any more, and neither is an item that was forgotten.
        """
        answered = defaultdict[RuleKey, list[Example]](list)
        for key, example in self._answered(book) if book.syllabuses else ():
            answered[key].append(example)
        # those of the file last: of too many examples the first are left out
        return {
            key: replace(syllabus, examples=(*answered[key], *syllabus.examples))
            for key, syllabus in book.syllabuses.items()
        }

    def _answered(self, book: Rulebook) -> Iterator[tuple[RuleKey, Example]]:
        """Yield the item of each alert that was judged, as an example of the rules that it was about."""
        with self.database.read() as connection:
            judged = answers.judged(connection, (*GOOD_MATCH, AlertState.BAD_MATCH))
            rows = [items.get(connection, alert.item_id) for alert in judged]
        for alert, row in zip(judged, rows, strict=True):
            text = _text(row, book)
            if text.whole:
                for rule_id in alert.rules:
                    positive = alert.state in GOOD_MATCH
                    yield RuleKey(alert.claim_id, rule_id), Example(text, positive, f"alert {alert.id}")

    def rules(self, book: Rulebook) -> Rules:
        """Return the rules of a book with what they know, as `taught` has it."""
        return Rules(book, self.taught(book).ranker)

    def keep(self, taught: Taught) -> None:
        """Store what rules learnt; what was learnt with other words of the stream is dropped."""
        learnt: dict[tuple[str, str], StoredTraining] = {
            key: StoredTraining(digest=taught.digests[key], content=lesson.written(each))
            for key, each in taught.lessons.items()
        }
        with self.database.write() as connection:
            if trainings.words(connection) != taught.words:
                trainings.put_words(connection, taught.words)
            trainings.put(connection, learnt)

    def learn_again(self, book: Rulebook) -> Taught | None:
        """Return what the rules learn from new answers, and when it is time from the stream as it is now.

        None if there is nothing to learn.
        """
        if not book.syllabuses:
            return None
        with self.database.read() as connection:
            words, seen = trainings.words(connection), items.count(connection)
            stored = {RuleKey(*key): each.digest for key, each in trainings.stored(connection).items()}
        if words is None or _is_due(words, seen, self.clock()):
            return self._learnt(book)
        wanted = self._digests(self.syllabuses(book))
        return None if wanted.items() <= stored.items() else self.taught(book)

    def _learnt(self, book: Rulebook) -> Taught:
        ordinary = self._ordinary(book) if book.syllabuses else []
        counted = count_words(ordinary)
        words = StreamWords(learnt_at=self.clock(), items=counted.documents, counts=dict(counted.df))
        syllabuses = self.syllabuses(book)
        lessons = train(syllabuses, ordinary, _idf(words), self.embedder)
        return Taught(lessons, self._digests(syllabuses), words, self.embedder)

    def _ordinary(self, book: Rulebook) -> list[RankedText]:
        with self.database.read() as connection:
            newest = items.newest_without_alert(connection, limit=ORDINARY_ITEMS)
        return [_text(row, book) for row in newest]

    def _digests(self, syllabuses: Mapping[RuleKey, Syllabus]) -> dict[RuleKey, bytes]:
        model = type(self.embedder).__name__ if self.embedder else ""
        return {key: lesson.digest(syllabus, model) for key, syllabus in syllabuses.items()}


def learnt_alone(book: Rulebook) -> dict[RuleKey, Lesson]:
    """Return what the rules of a book learn from their examples where nothing is stored yet."""
    return train(book.syllabuses, [], Idf.shipped())


def from_examples_alone(book: Rulebook) -> Rules:
    """Return the rules of a book as they are taught where nothing is stored yet."""
    trained = {key: learnt.trained for key, learnt in learnt_alone(book).items()}
    return Rules(book, Ranker.of(trained, Idf.shipped()))


def _text(row: StoredItem, book: Rulebook) -> RankedText:
    return text_of(entries.entry(row), book.source_of(row.source))


def _idf(words: StreamWords) -> Idf:
    return Idf.shipped() + Idf(words.items, words.counts)


def _is_due(words: StreamWords, stored: int, now: datetime) -> bool:
    grew = words.items < ORDINARY_ITEMS and stored >= max(1, _GREW_BY * words.items)
    return grew or now - words.learnt_at >= LEARN_EVERY

"""Ask the second reader, within its budget, and remember what it answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date, tzinfo

import structlog

from storage import notes, opinions
from storage.database import Connection, Database
from storage.errors import StorageError
from storage.opinions import StoredOpinion
from watcher.model import Clock, FetchError
from watcher.second_reader.answer import UNCLEAR, Confidence, Opinion, Says
from watcher.second_reader.breaker import Breaker
from watcher.second_reader.budget import QuestionBudget
from watcher.second_reader.endpoint import Endpoint
from watcher.second_reader.prompt import AskedItem, digest, shown_text

log = structlog.get_logger()


@dataclass(slots=True)
class SecondReader:
    """Has opinions on stored items. Safe to use from many threads, none of which waits for a question of another."""

    endpoint: Endpoint
    database: Database
    clock: Clock
    zone: tzinfo
    """In which a day begins."""
    questions_a_day: int
    _breaker: Breaker = field(default_factory=Breaker)
    _settling: threading.Lock = field(default_factory=threading.Lock)
    """Held while an outcome is settled; never while a question is under way."""

    def opinion_on(self, question: str, item: AskedItem) -> Opinion:
        """Return its opinion on whether an item answers a rule's question with yes: that of before, if it has one.

        Raise nothing, and take no longer than `endpoint.DEADLINE` and two short transactions; call it in none. The
        opinion is unclear wherever none can be had: the endpoint fails or is left alone, the day's questions are
        spent, the disk is full.
        """
        try:
            return self._opinion(question, item)
        except StorageError as error:
            log.warning("no opinion of the second reader", item=item.id, problem=str(error))
            return UNCLEAR

    def _opinion(self, question: str, item: AskedItem) -> Opinion:
        shown = shown_text(item)
        key = digest(self.endpoint.model, question, shown)
        if (known := self._known(key)) is not None:
            return known
        if self._breaker.is_open(self.clock()) or not self._takes_question():
            return UNCLEAR
        try:
            found = self.endpoint.ask(question, shown)
        except FetchError as error:
            self._settle_failure(error)
            return UNCLEAR
        self._settle(key, item.id, found)
        return found

    def _known(self, key: bytes) -> Opinion | None:
        with self.database.read() as connection:
            stored = opinions.find(connection, key)
        if stored is None:
            return None
        return Opinion(answer=Says(stored.answer), quote=stored.quote, confidence=Confidence(stored.confidence))

    def _takes_question(self) -> bool:
        """Take a question off the day's budget, before it is asked: a crash must not make room for more."""
        today = self.clock().astimezone(self.zone).date()
        with self.database.write() as connection:
            budget = self._budget(connection, today)
            if not budget.left(today):
                return False
            budget = budget.after_question(today)
            notes.set_questions_asked(connection, budget.day, budget.asked)
        return True

    def _budget(self, connection: Connection, today: date) -> QuestionBudget:
        day, asked = notes.questions_asked(connection) or (today, 0)
        return QuestionBudget(a_day=self.questions_a_day, day=day, asked=asked)

    def _settle_failure(self, error: FetchError) -> None:
        with self._settling:
            self._breaker = self._breaker.after_failure(str(error), self.clock(), retry_after=error.retry_after)
        log.info("second reader", problem=str(error), rests_until=self._breaker.rests_until)

    def _settle(self, key: bytes, item_id: int, found: Opinion) -> None:
        with self._settling, self.database.write() as connection:
            self._breaker = Breaker()
            if not notes.is_forgotten(connection, item_id):  # meanwhile, and the quote would stay
                stored = StoredOpinion(answer=found.answer, quote=found.quote, confidence=found.confidence)
                opinions.keep(connection, key, item_id, stored, now=self.clock())

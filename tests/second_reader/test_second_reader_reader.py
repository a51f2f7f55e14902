"""Opinions on stored items: asked once, within the day's budget, and never at the cost of who wants one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import StandingClock
from second_reader.conftest import StubReader, verdict
from sqlalchemy import func, insert, select
from werkzeug import Response

from storage import housekeeping, notes, opinions, tables
from storage.database import Database
from storage.errors import StorageFull
from watcher.second_reader.answer import UNCLEAR, Says
from watcher.second_reader.breaker import MAX_BEARABLE_FAILURES, PAUSE
from watcher.second_reader.endpoint import Endpoint
from watcher.second_reader.prompt import AskedItem
from watcher.second_reader.reader import SecondReader

QUESTION = "Did officers leave for ICE?"
ITEM = AskedItem(id=1, title="Officers leave", text="Two officers joined ICE. Nobody else left.")
OTHER = AskedItem(id=1, title="Officers leave", text="Two officers joined ICE. It is confirmed.")

MakeReader = Callable[..., SecondReader]


@pytest.fixture
def make_reader(database: Database, clock: StandingClock, endpoint: Callable[..., Endpoint]) -> MakeReader:
    """A second reader beside a database with one item; another one is what a restart makes."""
    paper = tables.SourceRow(id=1, name="paper", kind="feed", url="", host="", next_poll_at=clock())
    item = tables.ItemRow(id=1, source_id=1, first_seen_at=clock())
    with database.write() as connection:
        connection.execute(insert(tables.source).values(paper.model_dump()))
        connection.execute(insert(tables.item).values(item.model_dump()))

    def make(questions_a_day: int = 100, zone: str = "UTC", **options: float) -> SecondReader:
        return SecondReader(
            endpoint=endpoint(**options),
            database=database,
            clock=clock,
            zone=ZoneInfo(zone),
            questions_a_day=questions_a_day,
        )

    return make


def stored(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(tables.opinion)).scalar_one()


# ------------------------------------------------------------------------------------------------ asked once


def test_what_was_answered_is_remembered_also_after_a_restart(make_reader: MakeReader, stub: StubReader) -> None:
    first = make_reader().opinion_on(QUESTION, ITEM)
    assert first.answer is Says.YES
    stub.replies(verdict("no"))
    assert make_reader().opinion_on(QUESTION, ITEM) == first
    assert len(stub.questions) == 1


def test_another_question_and_another_text_are_asked_about(make_reader: MakeReader, stub: StubReader) -> None:
    reader = make_reader()
    for question, item in ((QUESTION, ITEM), (QUESTION, OTHER), ("Who says so?", ITEM)):
        reader.opinion_on(question, item)
    assert len(stub.questions) == 3


def test_a_reply_that_cannot_be_used_is_not_asked_for_again(make_reader: MakeReader, stub: StubReader) -> None:
    stub.replies("certainly")
    reader = make_reader()
    assert [reader.opinion_on(QUESTION, ITEM).answer for _ in range(5)] == [Says.UNCLEAR] * 5
    assert len(stub.questions) == 1


def test_a_forgotten_item_leaves_no_quote(make_reader: MakeReader, database: Database) -> None:
    make_reader().opinion_on(QUESTION, ITEM)
    assert stored(database) == 1
    with database.write() as connection:
        housekeeping.remove_texts(connection, [ITEM.id])
    assert stored(database) == 0


def test_an_item_that_is_forgotten_while_it_is_asked_about_leaves_no_quote(
    make_reader: MakeReader, stub: StubReader, database: Database, clock: StandingClock
) -> None:
    def forget() -> Response:
        with database.write() as connection:
            notes.mark_forgotten(connection, ITEM.id, now=clock())
        return Response('{"choices": [{"message": {"content": "{}"}}]}')

    stub.responds(forget)
    make_reader().opinion_on(QUESTION, ITEM)
    assert stored(database) == 0


# ------------------------------------------------------------------------------------------------ its budget


def test_a_day_has_so_many_questions_also_across_restarts_and_with_failures(
    make_reader: MakeReader, stub: StubReader, clock: StandingClock
) -> None:
    stub.responds(lambda: Response(status=500))
    for number in range(5):
        item = AskedItem(id=1, title=f"Item {number}", text="")
        assert make_reader(questions_a_day=3).opinion_on(QUESTION, item) == UNCLEAR
    assert len(stub.questions) == 3
    clock.advance(days=1)
    make_reader(questions_a_day=3).opinion_on(QUESTION, ITEM)
    assert len(stub.questions) == 4


def test_the_day_is_that_of_the_operator(make_reader: MakeReader, stub: StubReader, clock: StandingClock) -> None:
    chicago = make_reader(questions_a_day=1, zone="America/Chicago")
    chicago.opinion_on(QUESTION, ITEM)
    clock.advance(hours=13)  # past midnight in UTC
    chicago.opinion_on(QUESTION, OTHER)
    assert len(stub.questions) == 1
    clock.advance(hours=6)
    chicago.opinion_on(QUESTION, OTHER)
    assert len(stub.questions) == 2


def test_what_is_remembered_costs_nothing(make_reader: MakeReader) -> None:
    reader = make_reader(questions_a_day=1)
    assert [reader.opinion_on(QUESTION, ITEM).answer for _ in range(3)] == [Says.YES] * 3


# ------------------------------------------------------------------------------------------------ its failures


def test_after_failures_in_a_row_it_is_left_alone_for_a_while(
    make_reader: MakeReader, stub: StubReader, clock: StandingClock
) -> None:
    stub.responds(lambda: Response("not a completion"))
    reader = make_reader()
    for number in range(10):
        assert reader.opinion_on(QUESTION, AskedItem(id=1, title=f"Item {number}", text="")) == UNCLEAR
    assert len(stub.questions) == MAX_BEARABLE_FAILURES + 1
    clock.advance(seconds=PAUSE.total_seconds())
    stub.replies(verdict())
    assert reader.opinion_on(QUESTION, ITEM).answer is Says.YES


def test_a_failure_is_not_remembered_as_an_answer(make_reader: MakeReader, stub: StubReader) -> None:
    stub.responds(lambda: Response(status=500))
    reader = make_reader()
    assert reader.opinion_on(QUESTION, ITEM) == UNCLEAR
    stub.replies(verdict())
    assert reader.opinion_on(QUESTION, ITEM).answer is Says.YES


def test_an_answer_closes_the_breaker(make_reader: MakeReader, stub: StubReader) -> None:
    reader = make_reader()
    for number in range(6):
        stub.responds(lambda: Response(status=500))
        reader.opinion_on(QUESTION, AskedItem(id=1, title=f"Item {number}", text=""))
        stub.replies(verdict())
        reader.opinion_on(QUESTION, AskedItem(id=1, title=f"Other {number}", text=ITEM.text))
    assert len(stub.questions) == 12


def test_a_database_that_cannot_be_written_is_no_opinion_and_no_error(
    make_reader: MakeReader, stub: StubReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFull("the disk is full")

    monkeypatch.setattr(notes, "set_questions_asked", full)
    assert make_reader().opinion_on(QUESTION, ITEM) == UNCLEAR
    assert stub.questions == [], "what cannot be counted is not asked"


def test_a_replaced_answer_leaves_one(database: Database, make_reader: MakeReader, clock: StandingClock) -> None:
    make_reader()
    kept = [opinions.StoredOpinion(answer=answer, quote="", confidence="low") for answer in ("yes", "no")]
    with database.write() as connection:
        for each in kept:
            opinions.keep(connection, b"key", ITEM.id, each, now=clock() + timedelta(hours=1))
        assert opinions.find(connection, b"key") == kept[-1]
        assert opinions.find(connection, b"other") is None

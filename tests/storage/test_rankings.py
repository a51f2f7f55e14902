"""How items rank, and what rules learnt, as storage keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage import alerts, housekeeping, items, rankings, sources, trainings
from storage.database import Connection, Database
from storage.rankings import NewRanking
from storage.sources import Wanted
from storage.trainings import StoredTraining, StreamWords

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def stored_item(connection: Connection, number: int) -> int:
    wanted = Wanted(name="paper", kind="feed", url="", host="", enabled=True)
    sources.sync(connection, [wanted], now=NOW)
    source_id = sources.all_sources(connection)[0].id
    said = items.NewRevision(
        hash=bytes(16),
        title=f"Item {number}",
        link="",
        author="",
        outlet="",
        published_at=None,
        tags=(),
        summary="",
        body="",
    )
    return items.add(connection, source_id, [bytes([number])], said, now=NOW, already_there=False)[0]


def ranked(score: float, tier: str = "line") -> NewRanking:
    return NewRanking(
        claim_id="ferry", rule_id="died", score=score, floor=0.3, tier=tier, passage="It sank.", resembles="It sank off"
    )


def alerted(connection: Connection, item_id: int) -> None:
    content: alerts.NewAlert = {
        "claim_id": "ferry",
        "story_id": item_id,
        "item_id": item_id,
        "created_at": NOW,
        "attention": "now",
        "priority": "normal",
        "impact": 50,
        "direction": "asserts",
        "reasons": [],
        "rules": ["died"],
        "official": False,
        "event": "new",
        "updated_at": NOW,
        "withdrawn_at": None,
    }
    alerts.add(connection, content)


def test_an_item_has_the_ranking_of_its_newest_text_only(database: Database) -> None:
    with database.write() as connection:
        item_id = stored_item(connection, 1)
        rankings.put(connection, item_id, [ranked(0.4)], now=NOW)
        rankings.put(connection, item_id, [ranked(0.6)], now=NOW + timedelta(hours=1))
        found = rankings.between(connection, "ferry", NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert [(each.score, each.at) for each in found] == [(0.6, NOW + timedelta(hours=1))]


def test_what_waits_for_a_line_is_of_the_tier_and_of_a_story_nobody_was_told_of(database: Database) -> None:
    with database.write() as connection:
        told, waits, below, old = (stored_item(connection, number) for number in (1, 2, 3, 4))
        for item_id, score, tier, at in (
            (told, 0.9, "line", NOW),
            (waits, 0.5, "line", NOW),
            (below, 0.1, "below", NOW),
            (old, 0.8, "line", NOW - timedelta(days=9)),
        ):
            rankings.put(connection, item_id, [ranked(score, tier)], now=at)
        alerted(connection, told)
        found = rankings.waiting(connection, "ferry", ["line"], since=NOW - timedelta(days=7))
        every = rankings.between(connection, "ferry", NOW - timedelta(days=10), NOW)
    assert [(each.item_id, each.source) for each in found] == [(waits, "paper")]
    assert [(each.item_id, each.alert_id is not None) for each in every] == [
        (told, True),
        (old, False),
        (waits, False),
        (below, False),
    ]


def test_the_ranking_of_an_item_goes_with_its_texts_for_it_quotes_them(database: Database) -> None:
    with database.write() as connection:
        item_id = stored_item(connection, 1)
        rankings.put(connection, item_id, [ranked(0.4)], now=NOW)
        housekeeping.remove_texts(connection, [item_id])
        assert rankings.between(connection, "ferry", NOW - timedelta(days=1), NOW) == []


def test_rules_learn_from_items_of_no_alert_newest_first(database: Database) -> None:
    with database.write() as connection:
        ids = [stored_item(connection, number) for number in (1, 2, 3, 4)]
        alerted(connection, ids[2])
        found = items.newest_without_alert(connection, limit=2)
    assert [each.id for each in found] == [ids[3], ids[1]]


def test_what_a_rule_learnt_is_replaced_when_it_learns_again(database: Database) -> None:
    first, again = StoredTraining(digest=b"1", content="{}"), StoredTraining(digest=b"2", content='{"floor": 1}')
    other = {("ferry", "sunk"): first}
    with database.write() as connection:
        trainings.put(connection, {("ferry", "died"): first} | other)
        trainings.put(connection, {("ferry", "died"): again})
        assert trainings.stored(connection) == {("ferry", "died"): again} | other


def test_the_words_of_the_stream_are_those_of_the_last_time(database: Database) -> None:
    words = StreamWords(learnt_at=NOW, items=3, counts={"ferri": 2, "sank": 1})
    with database.write() as connection:
        assert trainings.words(connection) is None
        trainings.put_words(connection, StreamWords(learnt_at=NOW, items=1, counts={"old": 1}))
        trainings.put_words(connection, words)
        assert trainings.words(connection) == words

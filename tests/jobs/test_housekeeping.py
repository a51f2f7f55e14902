"""Forgetting an item, forgetting what is old, and catching up after an old database was put back."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import StandingClock
from sqlalchemy import func, select
from world import World, story, transfer

from storage import backup, evidence, housekeeping, items, notes, outbox, pages, tables
from storage.database import Database, sqlite_url
from storage.restore import restore
from watcher.jobs import reminders
from watcher.jobs.housekeeping import REMOVED, catch_up, forget, tidy
from watcher.model import ConfigError, DeliveryError, FetchError, Reason

YEAR = timedelta(days=365)
SECRET = transfer(7, title="Officer Jane Roe left for ICE", summary="Officer Roe of ICE said so.", author="John Doe")


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    made = World(database, clock)
    made.show("city", story(3))
    made.show("paper", story(1))
    made.step()
    for channel in made.channels.values():
        channel.sent.clear()
    return made


def count(database: Database, table: str) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(getattr(tables, table))).scalar_one()


def item_id(world: World, title: str) -> int:
    with world.database.read() as connection:
        found: int = connection.execute(
            select(tables.revision.c.item_id).where(tables.revision.c.title == title)
        ).scalar_one()
        return found


def everything_said(database: Database) -> str:
    """All that rows have of what others wrote."""
    with database.read() as connection:
        revisions = connection.execute(select(tables.revision)).all()
        messages = connection.execute(select(tables.message)).all()
        return f"{revisions} {messages}"


# ---------------------------------------------------------------------------------------------- forget


def test_a_forgotten_item_is_in_no_revision_and_no_message(world: World) -> None:
    world.show("paper", story(1), SECRET)
    world.step(minutes=12)
    world.show("paper", story(1), replace(SECRET, summary="Officer Roe of ICE took it back."))
    world.step(minutes=12)
    assert world.kinds() == ["alert"]
    assert "Roe" in everything_said(world.database)
    outcome = forget(world.database, world.clock, item=str(item_id(world, story(1).title) + 1))
    assert (outcome.items, outcome.revisions, outcome.messages) == (1, 2, 1)
    said = everything_said(world.database)
    assert "Roe" not in said
    assert "Doe" not in said
    assert story(1).title in said


def test_the_evidence_of_a_forgotten_item_goes_unless_another_alert_rests_on_it(world: World) -> None:
    world.show("paper", story(1), SECRET, transfer(40, link="https://paper.example.org/40", guid="40"))
    world.step(minutes=12)
    mine, other = sorted(alert.id for alert in world.alerts())
    with world.database.write() as connection:
        for alert_id, body in ((mine, b"the page of Roe"), (mine, b"the feed"), (other, b"the feed")):
            new = evidence.NewEvidence(
                what="feed", url="https://paper.example.org/feed", status=200, headers=(), body=body,
                fetched_at=world.clock(), text="Roe",
            )  # fmt: skip
            evidence.keep(connection, alert_id, new)
    assert forget(world.database, world.clock, item=SECRET.link).evidence_kept == 1
    with world.database.read() as connection:
        assert evidence.of_alert(connection, mine) == []
        assert [each.body for each in evidence.whole(connection, other)] == [b"the feed"]
    assert count(world.database, "evidence") == 1


def test_a_page_that_was_to_be_read_again_is_not(world: World) -> None:
    world.show("paper", story(1), SECRET)
    world.step(minutes=12)
    with world.database.write() as connection:
        item = housekeeping.items_at(connection, SECRET.link)[0]
        due = world.clock() + timedelta(hours=1)
        pages.plan(connection, item, host="paper.example.org", now=world.clock(), due_at=due, read_at=None)
        connection.execute(tables.revision.update().values(page="Roe again"))
    forget(world.database, world.clock, item=SECRET.link)
    with world.database.read() as connection:
        assert pages.waiting(connection) == 0
        assert [each.page for each in housekeeping.revisions(connection, item)] == [None]


def test_it_is_not_in_the_files_of_the_database_either(tmp_path: Path, clock: StandingClock) -> None:
    database = Database(sqlite_url(tmp_path / "w.sqlite"))
    database.migrate()
    made = World(database, clock)
    made.show("paper", replace(SECRET, summary="Officer Roe of ICE. " + "Long story. " * 1000))
    made.step()
    made.show("paper", story(1), story(2))
    made.step(minutes=12)
    assert b"Jane Roe" in on_disk(tmp_path)
    assert forget(database, clock, item=SECRET.link).erased
    assert b"Jane Roe" not in on_disk(tmp_path)
    database.close()


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("w.sqlite*") if not path.name.endswith("-shm"))


@pytest.mark.scenario("I12")
def test_a_forgotten_item_does_not_come_back(world: World) -> None:
    world.show("paper", story(1), SECRET)
    world.step(minutes=12)
    forget(world.database, world.clock, item=SECRET.link)
    world.show("paper", SECRET, story(1), story(2))
    world.step(minutes=12)
    world.show("paper", story(2))
    world.step(minutes=12)
    world.show("paper", replace(SECRET, published=world.clock()), story(2))
    world.step(minutes=12)
    assert world.kinds() == ["alert"]
    assert "Roe" not in everything_said(world.database)
    with world.database.read() as connection:
        assert notes.is_forgotten(connection, world.alerts()[0].item_id)


def test_a_forgotten_item_does_not_come_back_when_it_is_edited(world: World) -> None:
    world.show("paper", story(1), SECRET)
    world.step(minutes=12)
    forget(world.database, world.clock, item=SECRET.link)
    world.show("paper", story(1), replace(SECRET, title="Officer Jane Roe of ICE resigns", summary="Roe is back."))
    world.step(minutes=12)
    assert world.kinds() == ["alert"]
    assert "Roe" not in everything_said(world.database)


def test_what_was_not_sent_yet_goes_out_without_what_was_forgotten(world: World) -> None:
    world.channels["desk"].faults = [DeliveryError(Reason.CONNECTION, "down")]
    world.show("paper", story(1), SECRET)
    world.step(minutes=12)
    forget(world.database, world.clock, item=SECRET.link)
    world.step(minutes=5)
    (told,) = world.sent
    assert REMOVED in told.message.text
    assert REMOVED in told.message.html
    assert "Roe" not in str(told.message)
    assert told.message.data["data"]["item"]["url"] == SECRET.link


def test_a_digest_that_waits_leaves_the_item_out_and_one_that_was_written_keeps_the_others(world: World) -> None:
    other = story(8, title="Officers at ICE rink: a vacancy", link="https://paper.example.org/8")
    files = world.files["claims/ice.yaml"].replace("transfer:", "transfer-again:")
    world.show("paper", story(1), SECRET, other)
    world.step(minutes=12)
    world.files["claims/ice.yaml"] = files
    world.go_live(world.load())  # a new rule, which both items hit: a digest of what was already there
    world.step(seconds=1)
    digest = next(envelope for envelope in world.sent if str(envelope.message.kind) == "digest")
    assert "Roe" in digest.message.text
    assert len(digest.message.data["data"]["entries"]) == 2
    forget(world.database, world.clock, item=SECRET.link)
    with world.database.read() as connection:
        row = next(row for row in outbox.listed(connection) if row.kind == "digest" and row.key == digest.key)
    assert "Roe" not in f"{row.text} {row.html} {row.data}"
    assert other.title in row.text
    assert other.link in row.html
    assert row.html.count("<p>") == row.html.count("</p>")
    assert [entry["item"]["title"] for entry in row.data["data"]["entries"]] == [other.title]


def test_what_waits_for_the_daily_digest_is_not_in_it(world: World) -> None:
    for number, title in ((8, "A vacancy for Jane Roe"), (9, "Another vacancy")):
        world.show("paper", story(1), story(number, title=title))
        world.step(minutes=12)
    forget(world.database, world.clock, item=story(8).link)
    world.clock.advance(days=1)
    assert world.digests.daily(world.pipeline.live) == 1
    world.step(seconds=1)
    (digest,) = world.sent
    assert "Another vacancy" in digest.message.text
    assert len(digest.message.data["data"]["entries"]) == 1


def test_what_nobody_knows_cannot_be_forgotten(world: World) -> None:
    for unknown in ("999", "https://paper.example.org/nowhere"):
        with pytest.raises(ConfigError, match="no item is known"):
            forget(world.database, world.clock, item=unknown)


def test_alerts_of_a_forgotten_item_can_still_be_looked_at(world: World) -> None:
    world.show("paper", story(1), SECRET)
    world.step(minutes=12)
    forget(world.database, world.clock, item=SECRET.link)
    (alert,) = world.alerts()
    with world.database.read() as connection:
        assert items.get(connection, alert.item_id).title == ""
    world.files["claims/ice.yaml"] = world.files["claims/ice.yaml"].replace("transfer:", "transfer-again:")
    world.go_live(world.load())
    world.step(seconds=1)
    assert world.kinds() == ["alert"]


def test_nobody_can_be_reminded_of_what_was_forgotten_in_its_words(world: World) -> None:
    world.files["claims/ice.yaml"] = world.files["claims/ice.yaml"] + "alert: {remind_after: 4h}\n"
    world.go_live(world.load())
    world.show("paper", story(1), SECRET)
    world.step(minutes=12)
    forget(world.database, world.clock, item=SECRET.link)
    world.clock.advance(hours=5)
    assert reminders.remind(world.database, world.clock, world.recipients, world.pipeline.live.rulebook) == 1
    world.step(seconds=1)
    assert world.kinds() == ["alert", "update"]
    assert "Roe" not in str(world.sent[-1].message)


# ---------------------------------------------------------------------------------------------- keep for so long


def test_old_texts_go_but_not_those_an_alert_refers_to_or_their_source_still_shows(world: World) -> None:
    world.show("paper", story(1), transfer(40), story(2, summary="gone from the feed"))
    world.step(minutes=12)
    world.show("paper", story(5, fingerprint=b"5" * 16))
    world.step(minutes=12)
    world.clock.advance(days=366)
    assert tidy(world.database, world.clock, None) == (0, 0)
    removed, _ = tidy(world.database, world.clock, YEAR)
    said = everything_said(world.database)
    assert removed == 3
    assert story(2).title not in said
    assert "40 officers" in said, "an alert refers to it"
    assert story(5).title in said, "its source still shows it"
    assert tidy(world.database, world.clock, YEAR) == (0, 0)


@pytest.mark.scenario("I12")
def test_what_comes_back_after_its_text_was_removed_is_no_news(world: World) -> None:
    """Scenario of a notice that is removed and listed again after 400 days, clean-up in between."""
    harmless = story(2, title="Officers of the ICE storm watch", summary="An ice storm is near.")
    world.show("paper", story(1), harmless)
    world.step(minutes=12)
    world.show("paper", story(1))
    world.step(minutes=12)
    sent = len(world.sent)
    world.clock.advance(days=400)
    tidy(world.database, world.clock, YEAR)
    world.show("paper", harmless, story(1))
    world.step(minutes=12)
    assert len(world.sent) == sent


def test_old_messages_go_when_they_are_sent_and_answered(world: World) -> None:
    world.show("paper", story(1), transfer(40))
    world.step(minutes=12)
    messages = count(world.database, "message")
    world.clock.advance(days=400)
    tidy(world.database, world.clock, YEAR)
    assert count(world.database, "message") == 1, "the alert still waits for an answer"
    with world.database.write() as connection:
        connection.execute(tables.alert.update().values(state="no-change"))
    tidy(world.database, world.clock, YEAR)
    assert (messages, count(world.database, "message"), count(world.database, "delivery")) == (2, 0, 0)


def test_a_message_that_was_never_sent_is_kept(world: World) -> None:
    world.channels["desk"].faults = [DeliveryError(Reason.REFUSED, "no", permanent=True)]
    world.show("paper", story(1), transfer(40))
    world.step(minutes=12)
    world.clock.advance(days=400)
    with world.database.write() as connection:
        connection.execute(tables.alert.update().values(state="no-change"))
    tidy(world.database, world.clock, YEAR)
    assert count(world.database, "delivery") == 1


def test_nobody_waits_long_for_housekeeping(tmp_path: Path, clock: StandingClock) -> None:
    database = Database(sqlite_url(tmp_path / "w.sqlite"))
    database.migrate()
    made = World(database, clock)
    source = made.source("paper").id
    with database.write() as connection:
        for number in range(3000):
            said = items.NewRevision(
                hash=b"x", title=f"t{number}", link="", author="", outlet="", published_at=None, tags=(),
                summary="s", body="text " * 500,
            )  # fmt: skip
            items.add(connection, source, [number.to_bytes(16)], said, now=clock(), already_there=False)
    clock.advance(days=400)
    waits, ended = [], threading.Event()

    def write() -> None:
        while not ended.is_set():
            began = time.monotonic()
            with database.write():
                waits.append(time.monotonic() - began)
            ended.wait(0.005)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert tidy(database, clock, YEAR) == (3000, 0)
    finally:
        ended.set()
        writer.join()
    assert len(waits) > 5
    assert max(waits) < 2
    assert count(database, "item_key") == 3000
    database.close()


# ---------------------------------------------------------------------------------------------- catching up


@pytest.fixture
def old(tmp_path: Path, clock: StandingClock) -> World:
    """A service of some days, with a backup of its second day in ``copy.sqlite``."""
    database = Database(sqlite_url(tmp_path / "w.sqlite"))
    database.migrate()
    made = World(database, clock)
    made.show("city", story(3))
    made.show("paper", story(1), transfer(40))
    made.step()
    made.show("paper", story(1), transfer(40), transfer(41))
    made.step(hours=24)
    backup.copy(tmp_path / "w.sqlite", tmp_path / "copy.sqlite")
    assert made.kinds() == ["digest", "alert"]
    return made


def put_back(world: World, folder: Path) -> World:
    """The backup in the place of the database, and a service that was started on it."""
    world.database.close()
    restore(folder / "copy.sqlite", folder / "w.sqlite", now=world.clock())
    database = Database(sqlite_url(folder / "w.sqlite"))
    database.migrate()
    return World(database, world.clock, fetcher=world.fetcher)


@pytest.mark.scenario("S11")
def test_after_a_restore_what_happened_since_is_one_digest_and_alerts_go_on(tmp_path: Path, old: World) -> None:
    shown = [story(1), transfer(40), transfer(41), *(transfer(number) for number in range(60, 75))]
    old.show("paper", *shown)
    old.show("city", story(3), transfer(90))
    old.step(hours=48)
    old.show("city", story(3), transfer(90), transfer(91))
    again = put_back(old, tmp_path)
    again.step(hours=24)
    again.step(minutes=12)
    assert again.kinds() == ["digest"]
    (digest,) = again.sent
    assert len(digest.message.data["data"]["entries"]) == 17, "what the backup knows is not in it"
    again.show("paper", *shown, transfer(99))
    again.step(minutes=12)
    assert again.kinds() == ["digest", "alert"]
    again.database.close()


@pytest.mark.scenario("S11")
def test_after_a_restore_with_nothing_new_nothing_is_said(tmp_path: Path, old: World) -> None:
    again = put_back(old, tmp_path)
    again.step(hours=1)
    assert again.kinds() == []
    again.show("paper", story(1), transfer(40), transfer(41), transfer(42))
    again.step(minutes=12)
    assert again.kinds() == ["alert"], "the visit that found nothing new was the one to catch up with"
    again.database.close()


@pytest.mark.scenario("S11")
def test_a_source_that_is_down_at_a_restore_catches_up_when_it_is_back(tmp_path: Path, old: World) -> None:
    again = put_back(old, tmp_path)
    again.fetcher.faults["paper"] = FetchError(Reason.CONNECTION, "down")
    again.show("city", story(3), transfer(90))
    again.step(hours=1)
    assert again.kinds() == ["digest"], "nobody waits for it"
    again.fetcher.faults.clear()
    again.show("paper", story(1), transfer(40), transfer(41), *(transfer(number) for number in range(60, 75)))
    again.step(hours=24)
    again.step(minutes=12)
    assert again.kinds() == ["digest", "digest"]
    again.database.close()


@pytest.mark.scenario("S11")
def test_the_digest_of_a_restore_waits_until_every_source_was_visited(tmp_path: Path, old: World) -> None:
    again = put_back(old, tmp_path)
    again.show("city", story(3), transfer(90))
    again.show("paper", story(1), transfer(40), transfer(41), transfer(42))
    again.fetcher.faults["paper"] = FetchError(Reason.INTERRUPTED, "cut short")
    again.step(hours=1)
    assert again.kinds() == []
    again.fetcher.faults.clear()
    again.step(minutes=2)
    assert again.kinds() == ["digest"]
    assert len(again.sent[0].message.data["data"]["entries"]) == 2
    again.database.close()


@pytest.mark.scenario("S9")
def test_what_was_to_be_sent_at_the_backup_goes_out_again_under_its_own_key(tmp_path: Path, old: World) -> None:
    old.channels["desk"].faults = [DeliveryError(Reason.CONNECTION, "down")]
    old.show("paper", story(1), transfer(40), transfer(41), transfer(42))
    old.step(minutes=12)
    backup.copy(tmp_path / "w.sqlite", tmp_path / "copy.sqlite")
    old.step(minutes=12)
    key = old.sent[-1].key
    again = put_back(old, tmp_path)
    again.step(minutes=12)
    assert [envelope.key for envelope in again.sent] == [key]
    again.database.close()


@pytest.mark.scenario("S11")
def test_catching_up_can_be_asked_for_after_a_restore_by_other_means(world: World) -> None:
    catch_up(world.database, world.clock)
    world.show("paper", story(1), *(transfer(number) for number in range(60, 65)))
    world.step(minutes=12)
    world.step(minutes=12)
    assert world.kinds() == ["digest"]

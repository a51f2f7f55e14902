"""One story told by many: one alert, grown only by what adds to it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from conftest import StandingClock
from world import World, story

from storage import items, leases, sources
from storage.database import Database
from storage.leases import SOURCES, Lease
from watcher.model import Entry
from watcher.pipeline import stories
from watcher.pipeline.pipeline import LEASE

WIRE = (
    "Two officers of the Minneapolis police department resigned this month and were sworn in by ICE on Friday, "
    "personnel records obtained under the data practices act show. The records name both officers and give their last "
    "day of service. A spokesperson for the city confirmed the dates and declined to say more about either of them. "
    "The agency did not answer questions that were sent to its regional office on Friday afternoon."
)
MORE = (
    "One of them, a sergeant of nineteen years, had led the third precinct's night watch since the spring. Neighbours "
    "described farewell drinks at a bar on Lake Street, where a dozen colleagues signed a card. The union said that it "
    "had negotiated no severance for anybody who leaves for a federal job, and that four further members had asked it "
    "about pensions. The council's committee on public safety will take the matter up at its meeting next week, its "
    "chair said, and has asked the chief for a list of all departures since the first of December of last year."
)


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    watched = World(database, clock)
    watched.files["sources.yaml"] += '  - {id: wire, kind: fake, url: "https://wire.example.org/feed", tags: [press]}\n'
    watched.go_live(watched.load())
    watched.step()
    watched.channels["desk"].sent.clear()
    return watched


def told(number: int, text: str = WIRE, **changes: object) -> Entry:
    said = {"title": "Officers left for ICE, records show", "summary": "", "text": text}
    return story(number, **said | changes)


@pytest.mark.scenario("I13")
def test_a_copy_in_a_second_outlet_makes_no_second_alert(world: World) -> None:
    world.show("wire", told(1))
    world.step(minutes=16)
    world.show("paper", told(2, title="City police join ICE", text=f"By our own staff. {WIRE} Read more on our site."))
    world.step(minutes=16)
    assert world.kinds() == ["alert"]
    assert len(world.alerts()) == 1


def test_a_copy_of_what_a_story_says_since_it_was_edited_makes_no_second_alert(world: World) -> None:
    world.show("wire", told(1, title="The chief answers", text="The chief spoke about overtime."))
    world.step(minutes=16)
    world.show("wire", told(1, title="The chief answers"))
    world.step(minutes=16)
    world.show("paper", told(2))
    world.step(minutes=16)
    assert world.kinds() == ["alert"]


def test_an_update_names_the_other_outlets_and_their_likely_origin(world: World) -> None:
    world.show("wire", told(1, author="The Associated Press"))
    world.step(minutes=16)
    world.show("paper", told(2, text=f"{WIRE} Vacancies remain."))
    world.step(minutes=16)
    assert world.kinds() == ["alert", "update"]
    text = world.sent[1].message.text
    assert "newly hit: vacancies" in text
    assert "Also published by 1 other outlet: wire" in text
    assert "likely one origin: AP" in text


def test_a_copy_with_a_denial_is_a_story_of_its_own(world: World) -> None:
    world.show("wire", told(1))
    world.step(minutes=16)
    world.show("paper", told(2, title="No, officers did not leave for ICE: the story is false"))
    world.step(minutes=16)
    assert world.kinds() == ["alert", "alert"]


def test_a_longer_version_is_an_update_with_what_is_fresh(world: World) -> None:
    world.show("wire", told(1))
    world.step(minutes=16)
    world.show("paper", told(2, text=f"{WIRE} {MORE}"))
    world.step(minutes=16)
    assert world.kinds() == ["alert", "update"]
    assert "a sergeant of nineteen years" in world.sent[1].message.text
    assert len({envelope.thread for envelope in world.sent}) == 1


def test_one_outlet_that_takes_its_story_back_is_said_and_the_alert_stands_while_others_tell_it(world: World) -> None:
    world.show("wire", told(1))
    world.show("paper", told(2))
    world.step(minutes=16)
    world.show("paper", told(2, title="Nothing of the kind", text="We took this story back."))
    world.step(minutes=16)
    assert world.kinds() == ["alert", "update"]
    assert "other outlets of the story still do" in world.sent[1].message.text
    world.show("wire", told(1, title="Nothing of the kind", text="We took this story back."))
    world.step(minutes=16)
    assert world.kinds() == ["alert", "update", "withdrawn"]


@pytest.mark.scenario("S12", "I13")
@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_workers_that_store_one_story_at_once_make_one_alert(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    place, placed, other_is_done = stories.place, threading.Event(), threading.Event()

    def slowly(*arguments: Any) -> stories.StoryMatch:
        found = place(*arguments)
        if not placed.is_set():
            placed.set()
            other_is_done.wait(1)  # which it cannot be, if it has to wait
        return found

    monkeypatch.setattr(stories, "place", slowly)
    world.show("wire", told(1))
    world.show("paper", told(2))
    world.clock.advance(minutes=16)
    with world.database.write() as connection:
        leased = leases.lease(connection, SOURCES, now=world.clock(), until=world.clock() + LEASE, limit=3)
    polls = {name_of(world, lease): lease for lease in leased}
    worker = threading.Thread(target=world.pipeline.poll, args=[polls["wire"]])
    worker.start()
    assert placed.wait(10)
    world.pipeline.poll(polls["paper"])
    other_is_done.set()
    worker.join()
    assert len(world.alerts()) == 1


def name_of(world: World, lease: Lease) -> str:
    with world.database.read() as connection:
        return str(sources.get(connection, lease.id).name)


@pytest.mark.scenario("I13")
def test_an_official_record_is_never_folded_into_the_press(world: World) -> None:
    world.show("wire", told(1))
    world.step(minutes=16)
    world.show("city", told(2))
    world.step(minutes=16)
    assert world.kinds() == ["alert", "alert"]
    assert "(official)" in world.sent[1].message.text


def test_an_alert_says_how_much_it_bears_on_the_verdict_and_why(world: World) -> None:
    world.show("wire", told(1))
    world.step(minutes=16)
    (alert,) = world.alerts()
    assert alert.impact > 50
    assert 'published verdict "No evidence"' in world.sent[0].message.text
    assert world.sent[0].message.data["data"]["impact"]["score"] == alert.impact


def test_a_near_miss_is_kept_and_told_to_nobody(world: World) -> None:
    world.show("wire", story(1, title="Minneapolis police quit to join private firms"))
    world.step(minutes=16)
    assert world.kinds() == []
    with world.database.read() as connection:
        (near,) = items.near_misses(connection, claim_id="officers-to-ice", limit=5)
    assert near.topic > 0.5


def test_a_hit_that_hardly_bears_on_the_verdict_waits_for_the_digest(world: World) -> None:
    context = world.files["claims/ice.yaml"].replace("    bearing: against-verdict\n", "")
    world.files["claims/ice.yaml"] = context.replace("priority: urgent", "priority: normal")
    world.go_live(world.load())
    world.show("wire", story(1, title="Unconfirmed: an officer may have met ICE", summary="It was rumoured on Monday."))
    world.step(minutes=16)
    assert world.kinds() == []
    assert [alert.attention for alert in world.alerts()] == ["digest"]


def test_a_footer_that_all_pages_of_a_host_have_makes_no_story(world: World) -> None:
    footer = "Support local journalism with a gift of any size today and read every story of ours without limits."
    for number in range(1, 7):
        own_words = " ".join(f"word{number}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
        text = f"Officers of precinct {number} met ICE. {own_words} {footer}"
        world.show("wire", told(number, title=f"Officers and ICE meet again, part {number}", text=text))
        world.step(minutes=16)
    assert len(world.alerts()) == 6

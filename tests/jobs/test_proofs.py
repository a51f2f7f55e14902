"""Once a week a canary travels from a source through every claim's rule and the outbox to the claim's channels."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conftest import StandingClock
from world import CLAIM, SOURCES, FakeChannel, World, story, transfer

from storage.database import Database
from watcher import canary
from watcher.model import DeliveryError, FetchError, Memory, Reason, Source
from watcher.pipeline import entries
from watcher.reports import rules, status

OTHER = CLAIM.replace("id: officers-to-ice", "id: vacancies") + "alert: {to: [hook]}\n"


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    """Two claims, of which one has a channel of its own."""
    files = {"sources.yaml": SOURCES, "claims/ice.yaml": CLAIM + "alert: {to: [desk]}\n", "claims/other.yaml": OTHER}
    world = World(database, clock, files=files, channels={"desk": FakeChannel("desk"), "hook": FakeChannel("hook")})
    world.show("city", story(1))
    world.show("paper", story(2))
    world.step()
    for channel in world.channels.values():
        channel.sent.clear()
    return world


def a_week(world: World) -> None:
    for _ in range(8):
        world.step(days=1)


def proof(world: World, channel: str, number: int = 0) -> dict[str, Any]:
    proofs = [each for each in world.channels[channel].sent if each.message.kind == "proof"]
    return dict(proofs[number].message.data["data"])


def test_every_claim_gets_its_proof_of_life_once_a_week_on_its_own_channels(world: World) -> None:
    for _ in range(3):
        a_week(world)
    for channel, claim_id in (("desk", "officers-to-ice"), ("hook", "vacancies")):
        sent = world.channels[channel].sent
        assert [str(each.message.kind) for each in sent] == ["proof"] * 3
        assert proof(world, channel)["claim"]["id"] == claim_id
        assert len({each.thread for each in sent}) == 1


def test_a_proof_says_what_was_read_seen_nearly_hit_and_suppressed(world: World) -> None:
    world.show("paper", story(2), transfer(50), story(51, title="Officers slip in an ICE storm"))
    a_week(world)
    said = proof(world, "desk")
    assert (said["sources"], said["unread"], said["items"]) == (2, [], 2)
    assert (said["hits"], said["suppressed"]) == (1, 1)
    assert said["canary"].startswith("2026-01-2")
    text = next(each.message.text for each in world.channels["desk"].sent if each.message.kind == "proof")
    assert "Sources: 2 of 2 sources read" in text
    assert "Hits: 1, and 1 suppressed by unless" in text
    assert "Near misses: 0: watcher near-misses officers-to-ice" in text


def test_a_proof_names_the_sources_that_were_not_read(world: World) -> None:
    world.fetcher.faults["city"] = FetchError(Reason.BLOCKED, "403 Forbidden")
    for _ in range(2):
        a_week(world)
    assert proof(world, "desk", 1)["sources"] == 1
    assert proof(world, "desk", 1)["unread"] == ["city: blocked: 403 Forbidden"]


def test_the_next_proof_says_whether_the_last_one_arrived(world: World) -> None:
    a_week(world)
    world.channels["hook"].faults = [DeliveryError(Reason.REFUSED, "410", permanent=True)] * 1
    a_week(world)
    a_week(world)
    assert proof(world, "desk")["last"] == []
    assert proof(world, "desk", 1)["last"][0].startswith("arrived at desk desk@example.org, 2026-01-2")
    assert proof(world, "hook", 1)["last"] == ["did not arrive at hook hook@example.org: dead"]


def test_status_says_where_the_last_proof_stands(world: World) -> None:
    a_week(world)
    with world.database.read() as connection:
        last = status.overview(connection, now=world.clock()).proofs_of_life
    assert [(claim, each.state) for claim, went in last.items() for each in went] == [
        ("officers-to-ice", "sent"),
        ("vacancies", "sent"),
    ]


def test_the_canary_comes_through_the_rules_that_are_live(world: World) -> None:
    """Without its rule in the matcher there is no proof, whatever else works."""
    book = world.pipeline.live.rulebook
    document = entries.document(world_canary(world), canary.SOURCE)
    assert {hit.claim_id for hit in book.match(canary.SOURCE, document)} == {"officers-to-ice", "vacancies"}


def test_nobody_elses_item_is_taken_for_the_canary_and_no_rule_but_its_own_is_shown_it(world: World) -> None:
    book = world.pipeline.live.rulebook
    document = entries.document(world_canary(world), canary.SOURCE)
    assert book.match(book.source("paper"), document) == ()
    assert book.match(Source(id=canary.ID, kind="", url=""), document) == (), "as replay knows a stored one"
    alike = entries.document(transfer(50, title=f"Officers left for ICE, says {canary.WORDS}"), canary.SOURCE)
    assert {hit.rule_id for hit in book.match(canary.SOURCE, alike)} == {canary.ID}


def test_the_canary_is_counted_nowhere_as_a_source_a_rule_or_an_alert(world: World) -> None:
    a_week(world)
    book = world.pipeline.live.rulebook
    assert len(book.rules) == 4
    assert [source.id for source in book.sources] == ["city", "paper"]
    assert world.alerts() == []
    with world.database.read() as connection:
        assert status.overview(connection, now=world.clock()).sources == 2
        assert [each.name for each in status.source_list(connection, now=world.clock())] == ["city", "paper"]
        listed = rules.rule_list(connection, book, now=world.clock())
    assert {rule["rule"] for rule in listed} == {"transfer", "vacancies"}


def test_a_claim_that_comes_later_gets_its_proof_too_and_no_old_canary(world: World) -> None:
    a_week(world)
    world.files["claims/third.yaml"] = CLAIM.replace("id: officers-to-ice", "id: third") + "alert: {to: [desk]}\n"
    world.go_live(world.load())
    for _ in range(3):
        world.step(hours=1)
    world.channels["desk"].sent.clear()
    a_week(world)
    proofs = [each for each in world.channels["desk"].sent if each.message.kind == "proof"]
    assert {each.message.data["data"]["claim"]["id"] for each in proofs} == {"officers-to-ice", "third"}
    assert all(each.created_at - world.clock() <= timedelta(0) for each in proofs)


def world_canary(world: World) -> Any:
    return world.pipeline.fetchers["canary"].fetch(canary.SOURCE, Memory()).entries[0]

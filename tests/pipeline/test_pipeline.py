"""From what sources show to what channels are handed, over days of standing time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import StandingClock
from world import CLAIM, FakeChannel, World, story, transfer

from storage import items, outbox, sources
from storage.database import Database
from watcher.model import DeliveryError, FetchError, Memory, Reading, Reason, Source


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    return World(database, clock)


@pytest.fixture
def watched(world: World) -> World:
    """Both sources read once; the first digest is out and forgotten."""
    world.show("city", story(1))
    world.show("paper", story(2))
    world.step()
    world.channels["desk"].sent.clear()
    return world


@pytest.mark.scenario("I1")
def test_what_was_there_before_becomes_one_digest_and_no_alert(world: World) -> None:
    world.show("city", story(1), transfer(50))
    world.show("paper", transfer(51))
    world.step()
    assert world.kinds() == ["digest"]
    assert "read 2 sources, 3 items; these rules would have alerted 2 times" in world.sent[0].message.text
    assert world.alerts() == []


def test_the_first_message_comes_even_when_nothing_was_there(world: World) -> None:
    world.step()
    assert world.kinds() == ["digest"]
    assert "would have alerted 0 times" in world.sent[0].message.text


def test_a_new_matching_item_alerts_once(watched: World) -> None:
    watched.show("paper", story(2), transfer(50))
    watched.step(minutes=12)
    assert watched.kinds() == ["alert"]
    assert watched.sent[0].message.subject.startswith("[urgent] Minneapolis police officers quit to join ICE: transfer")
    watched.step(minutes=12)
    watched.step(days=1)
    assert watched.kinds() == ["alert"]


def test_a_new_item_that_matches_nothing_is_kept_and_not_told(watched: World) -> None:
    watched.show("paper", story(2), story(3))
    watched.step(minutes=12)
    assert watched.kinds() == []
    with watched.database.read() as connection:
        assert items.count(connection) == 3


def test_a_suppressed_hit_is_kept_and_not_told(watched: World) -> None:
    watched.show("paper", story(3, title="Officers slip in an ICE storm"))
    watched.step(minutes=12)
    assert watched.kinds() == []
    with watched.database.read() as connection:
        (kept,) = items.matches_of(connection, 3)
    assert kept.suppressed_by == "weather"


def test_an_edit_that_starts_to_match_alerts(watched: World) -> None:
    watched.show("paper", story(2, summary="Two officers were hired by ICE."))
    watched.step(minutes=12)
    assert watched.kinds() == ["alert"]
    assert watched.alerts()[0].event == "edited"


def test_an_edit_of_an_alerted_item_that_still_matches_says_nothing(watched: World) -> None:
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    watched.show("paper", transfer(50, summary="Corrected spelling."))
    watched.step(minutes=12)
    assert watched.kinds() == ["alert"]


def test_an_edit_that_no_longer_matches_withdraws_the_alert_once(watched: World) -> None:
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    watched.show("paper", transfer(50, title="50 officers left for another job"))
    watched.step(minutes=12)
    assert watched.kinds() == ["alert", "withdrawn"]
    watched.show("paper", transfer(50, title="50 officers left for a better job"))
    watched.step(minutes=12)
    assert watched.kinds() == ["alert", "withdrawn"]


def test_an_alert_that_matches_again_is_an_update_of_the_same_thread(watched: World) -> None:
    for title in ("50 officers left for ICE", "50 officers left for a job", "50 officers left for ICE, it says"):
        watched.show("paper", transfer(50, title=title))
        watched.step(minutes=12)
    assert watched.kinds() == ["alert", "withdrawn", "update"]
    assert len({envelope.thread for envelope in watched.sent}) == 1
    assert len(watched.alerts()) == 1


def test_a_newly_hit_rule_is_an_update(watched: World) -> None:
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    watched.show("paper", transfer(50, summary="Vacancies remain."))
    watched.step(minutes=12)
    assert watched.kinds() == ["alert", "update"]
    assert "newly hit: vacancies" in watched.sent[1].message.text
    assert watched.alerts()[0].priority == "urgent", "a second, quieter rule takes nothing from the first"


def test_a_digest_priority_waits_for_the_morning_and_comes_once(watched: World) -> None:
    watched.digests.daily(watched.pipeline.live)
    watched.show("paper", story(3, title="Vacancies at the city"))
    watched.step(minutes=12)
    assert watched.kinds() == []
    watched.clock.advance(hours=20)
    assert watched.digests.daily(watched.pipeline.live) == 1
    assert watched.digests.daily(watched.pipeline.live) == 0
    watched.step()
    assert watched.kinds() == ["digest"]


def test_a_failed_poll_forgets_nothing_and_alerts_nothing(watched: World) -> None:
    watched.fetcher.faults["paper"] = FetchError(Reason.HTTP_STATUS, "502 Bad Gateway")
    watched.step(minutes=12)
    row = watched.source("paper")
    assert (row.failures, row.reason, row.etag) == (1, "http status", b'"1"')
    del watched.fetcher.faults["paper"]
    watched.step(hours=1)
    assert watched.kinds() == []
    assert watched.source("paper").failures == 0


@pytest.mark.scenario("P6")
def test_an_empty_document_forgets_nothing(watched: World) -> None:
    watched.show("paper")
    watched.step(minutes=12)
    watched.show("paper", story(2))
    watched.step(minutes=12)
    with watched.database.read() as connection:
        assert items.count(connection) == 2


def test_back_off_doubles_and_ends_at_a_day(watched: World) -> None:
    watched.fetcher.faults["paper"] = FetchError(Reason.CONNECTION, "refused")
    waits = []
    for _ in range(12):
        watched.step(days=2)
        row = watched.source("paper")
        assert row.last_poll_at is not None
        waits.append(row.next_poll_at - row.last_poll_at)
    assert waits[0] < timedelta(minutes=23)
    assert waits == sorted(waits)
    assert timedelta(days=1) <= waits[-1] <= timedelta(days=1.1)


def test_a_retry_after_is_waited_for(watched: World) -> None:
    fault = FetchError(Reason.THROTTLED, "429 Too Many Requests", retry_after=timedelta(hours=5))
    watched.fetcher.faults["paper"] = fault
    watched.step(minutes=12)
    visits = len(watched.fetcher.visits)
    watched.fetcher.faults.clear()
    watched.step(hours=4)
    assert [name for name, _ in watched.fetcher.visits[visits:]] == ["city"]
    watched.step(hours=2)
    assert "paper" in [name for name, _ in watched.fetcher.visits[visits:]]


def test_a_source_that_is_gone_is_polled_no_more(watched: World) -> None:
    watched.fetcher.faults["paper"] = FetchError(Reason.GONE, "410 Gone")
    watched.step(minutes=12)
    visits = len(watched.fetcher.visits)
    watched.step(days=3)
    assert {name for name, _ in watched.fetcher.visits[visits:]} == {"city"}


def test_once_a_week_a_source_is_asked_in_full(watched: World) -> None:
    watched.step(minutes=12)
    assert watched.fetcher.visits[-1][1].etag == b'"1"'
    watched.step(days=8)
    assert watched.fetcher.visits[-1][1].etag is None


@pytest.mark.scenario("D1")
def test_a_refused_delivery_is_tried_again_with_the_same_key(watched: World) -> None:
    desk = watched.channels["desk"]
    desk.faults = [DeliveryError(Reason.REFUSED, "451 later")]
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    assert desk.sent == []
    with watched.database.read() as connection:
        (waiting,) = outbox.listed(connection, states=("pending",))
    watched.step(minutes=2)
    assert [(envelope.key, envelope.attempt) for envelope in desk.sent] == [(waiting.key, 2)]


@pytest.mark.scenario("D2")
def test_a_delivery_that_can_never_succeed_is_dead_told_to_others_and_can_be_retried(
    database: Database, clock: StandingClock
) -> None:
    world = World(database, clock, channels={"desk": FakeChannel("desk"), "hook": FakeChannel("hook")})
    world.step()
    desk, hook = world.channels["desk"], world.channels["hook"]
    desk.sent.clear()
    hook.sent.clear()
    desk.faults = [DeliveryError(Reason.REFUSED, "550 no such user", permanent=True)]
    world.show("paper", transfer(50))
    world.step(minutes=12)
    world.health.check(world.pipeline.live.rulebook)
    world.step()
    assert [str(envelope.message.kind) for envelope in hook.sent] == ["alert", "health"]
    assert "550 no such user" in hook.sent[1].message.text
    assert desk.sent == []
    with database.write() as connection:
        assert outbox.retry(connection, now=clock()) == 1
    world.step()
    assert [str(envelope.message.kind) for envelope in desk.sent] == ["alert"]


@pytest.mark.scenario("D2")
def test_a_delivery_whose_schedule_ends_is_dead(watched: World) -> None:
    watched.channels["desk"].faults = [DeliveryError(Reason.TIMEOUT, "no answer")] * 9
    watched.show("paper", transfer(50))
    for _ in range(5):
        watched.step(hours=1)
    with watched.database.read() as connection:
        (dead,) = outbox.listed(connection, states=("dead",))
    assert dead.attempts == 1 + len(FakeChannel.schedule)


@pytest.mark.scenario("D11")
def test_a_fault_in_a_channel_or_fetcher_is_settled_like_any_failure(watched: World) -> None:
    watched.channels["desk"].faults = [ValueError("a bug")]  # type: ignore[list-item]
    watched.fetcher.faults["city"] = KeyError("another")  # type: ignore[assignment]
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    assert watched.source("city").reason == "internal error"
    with watched.database.read() as connection:
        (waiting,) = outbox.listed(connection, states=("pending",))
    assert (waiting.attempts, waiting.reason) == (1, "internal error")
    watched.step(minutes=2)
    assert watched.kinds() == ["alert"]


@pytest.mark.scenario("D10")
def test_one_destination_that_is_down_holds_up_no_other(database: Database, clock: StandingClock) -> None:
    world = World(database, clock, channels={"desk": FakeChannel("desk"), "hook": FakeChannel("hook")})
    world.channels["desk"].faults = [DeliveryError(Reason.CONNECTION, "refused")] * 99
    world.step()
    world.show("paper", transfer(50), transfer(51))
    world.step(minutes=12)
    world.step()
    assert [str(envelope.message.kind) for envelope in world.channels["hook"].sent] == ["digest", "alert", "alert"]


def test_a_failing_source_is_told_once_with_the_claims_it_blinds_and_once_when_it_is_over(watched: World) -> None:
    watched.fetcher.faults["city"] = FetchError(Reason.BLOCKED, "403 Forbidden")
    for _ in range(5):
        watched.step(days=1)
        watched.health.check(watched.pipeline.live.rulebook)
    watched.step()
    assert watched.kinds() == ["health"]
    assert "403 Forbidden" in watched.sent[0].message.text
    assert "officers-to-ice" in watched.sent[0].message.text
    watched.fetcher.faults.clear()
    for _ in range(3):
        watched.step(days=1)
        watched.health.check(watched.pipeline.live.rulebook)
    watched.step()
    assert watched.kinds() == ["health", "health"]


@pytest.mark.scenario("R7")
def test_a_new_rule_tells_in_one_digest_what_it_finds_in_what_is_stored(watched: World) -> None:
    watched.show("paper", story(2), story(3, title="Sergeant hired"))
    watched.step(minutes=12)
    watched.files["claims/ice.yaml"] = CLAIM.replace("unless:", "  hired:\n    when: 'sergeant*'\nunless:")
    watched.go_live(watched.load())
    watched.step()
    watched.step()
    assert watched.kinds() == ["digest"]
    assert "Sergeant" in watched.sent[0].message.text
    watched.go_live(watched.load())
    watched.step()
    assert watched.kinds() == ["digest"]


@pytest.mark.scenario("R7")
def test_a_renamed_rule_and_claim_keep_their_history(watched: World) -> None:
    watched.show("paper", transfer(50))
    watched.step(minutes=12)
    renamed = CLAIM.replace("id: officers-to-ice", "id: officers\nwas: [officers-to-ice]")
    watched.files["claims/ice.yaml"] = renamed.replace("  transfer:\n", "  left:\n    was: [transfer]\n")
    watched.go_live(watched.load())
    watched.step(minutes=12)
    assert watched.kinds() == ["alert"]
    assert watched.alerts()[0].claim_id == "officers"


def test_a_renamed_source_keeps_what_it_has_seen(watched: World) -> None:
    watched.files["sources.yaml"] = watched.files["sources.yaml"].replace("id: paper,", "id: daily, was: [paper],")
    watched.go_live(watched.load())
    watched.show("daily", story(2))
    watched.step(minutes=12)
    with watched.database.read() as connection:
        assert items.count(connection) == 2
        assert [row.name for row in sources.polled(connection)] == ["city", "daily"]


def test_what_a_late_poll_read_is_not_stored_twice(watched: World) -> None:
    watched.show("paper", story(2), transfer(50))
    fetch = watched.fetcher.fetch

    def slowly(source: Source, memory: Memory) -> Reading:
        reading = fetch(source, memory)
        watched.clock.advance(minutes=5)
        watched.fetcher.fetch = fetch  # type: ignore[method-assign]
        watched.pipeline.tick()  # somebody else takes the row, reads it and settles it
        return replace(reading)

    watched.fetcher.fetch = slowly  # type: ignore[method-assign]
    with pytest.raises(Exception, match="source"):
        watched.step(minutes=12)
    watched.step()
    assert watched.kinds() == ["alert"]

"""Being blind is an event: told once, to those it concerns, and once when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import StandingClock
from world import CLAIM, SOURCES, FakeChannel, World, story, transfer

from storage.database import Database
from storage.outbox import RefusedDelivery
from watcher.jobs.health import destination_news
from watcher.model import DeliveryError, FetchError, Reason
from watcher.reports import status
from watcher.source_condition import State

MANY = """\
watch: 1
sources:
""" + "".join(f'  - {{id: s{n}, kind: fake, url: "https://s{n}.example.org/feed", every: 10m}}\n' for n in range(6))


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    """Two channels: the claim's own, and the operators' (who hear of everything, as the claim's desk does not)."""
    claim = CLAIM + "alert: {to: [desk]}\n"
    files = {"sources.yaml": SOURCES, "claims/ice.yaml": claim}
    world = World(database, clock, files=files, channels={"desk": FakeChannel("desk"), "ops": FakeChannel("ops")})
    world.health.operators = lambda: [("ops", "ops@example.org")]
    return settled(world)


def settled(world: World) -> World:
    """Everything read once; what was said until then is forgotten."""
    for number, source in enumerate(world.pipeline.live.rulebook.sources):
        world.show(source.id, story(number))
    world.step()
    for channel in world.channels.values():
        channel.sent.clear()
    return world


def pass_time(world: World, times: int = 1, **step: float) -> None:
    for _ in range(times):
        world.step(**step)
        world.health.check(world.pipeline.live.rulebook)
        world.pipeline.tick()


def told(world: World, channel: str) -> list[str]:
    said = [envelope.message.data for envelope in world.channels[channel].sent]
    return [each["data"]["event"] for each in said if each["type"] == "health"]


def state(world: World, name: str) -> Any:
    with world.database.read() as connection:
        found = status.overview(connection, now=world.clock())
    return next(each.state for each in found.conditions if each.name == name)


@pytest.mark.scenario("P5", "P6", "P10")
@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.BLOCKED, State.BLOCKED),
        (Reason.EMPTY, State.EMPTY),
        (Reason.SELECTOR, State.SELECTOR),
        (Reason.NOT_A_FEED, State.NOT_A_FEED),
    ],
)
def test_a_page_that_is_none_is_told_at_its_second_poll(world: World, reason: Reason, expected: State) -> None:
    world.fetcher.faults["city"] = FetchError(reason, "a form to sign in")
    pass_time(world, minutes=12)
    assert told(world, "ops") == []
    pass_time(world, minutes=25)
    assert state(world, "city") is expected
    assert told(world, "ops") == ["source.failing"]


def test_operator_and_owner_hear_once_that_a_claim_is_blind_and_once_that_it_sees(world: World) -> None:
    world.fetcher.faults["city"] = FetchError(Reason.SELECTOR, "'.notice' finds nothing")
    pass_time(world, 6, days=1)
    assert told(world, "ops") == ["source.failing"]
    assert told(world, "desk") == ["claim.blind"]
    assert "officers-to-ice" in world.channels["ops"].sent[0].message.text, "it says which claims are blind"
    assert "city: selector finds nothing: '.notice' finds nothing" in world.channels["desk"].sent[0].message.text
    world.fetcher.faults.clear()
    pass_time(world, 6, days=1)
    assert told(world, "ops") == ["source.failing", "source.recovered"]
    assert told(world, "desk") == ["claim.blind", "claim.sees"]


def test_a_source_that_no_claim_needs_blinds_none(world: World) -> None:
    world.fetcher.faults["paper"] = FetchError(Reason.BLOCKED, "403 Forbidden")
    pass_time(world, 4, days=1)
    assert told(world, "ops") == ["source.failing"]
    assert told(world, "desk") == []


def test_a_claim_that_needs_what_is_not_polled_is_blind_and_everyone_hears_it(world: World) -> None:
    world.files["sources.yaml"] = world.files["sources.yaml"].replace(
        "tags: [official], every: 10m", "tags: [official], every: 10m, enabled: false, disabled_because: no address"
    )
    world.files["claims/ice.yaml"] += "needs: [city]\n"
    world.go_live(world.load())
    pass_time(world, 3, minutes=12)
    assert told(world, "ops") == told(world, "desk") == ["claim.blind"]
    assert "city: is not polled" in world.channels["desk"].sent[0].message.text


def test_what_was_told_is_not_told_again_after_a_restart(world: World) -> None:
    world.fetcher.faults["city"] = FetchError(Reason.BLOCKED, "403 Forbidden")
    pass_time(world, 3, days=1)
    again = World(world.database, world.clock, files=world.files, channels=world.channels, fetcher=world.fetcher)
    again.health.operators = world.health.operators
    pass_time(again, 3, days=1)
    assert told(again, "ops") == ["source.failing"]
    assert told(again, "desk") == ["claim.blind"]


# ------------------------------------------------------------------------------------------------ silence


def test_a_source_that_answers_and_says_nothing_for_too_long_is_silent(world: World) -> None:
    for day in range(10):
        world.show("city", *(story(100 + number, published=None) for number in range(day + 1)))
        pass_time(world, days=1)
    assert told(world, "ops") == []
    pass_time(world, 3, days=1)
    assert state(world, "city") is State.OK, "a long weekend"
    pass_time(world, 2, days=1)
    assert state(world, "city") is State.SILENT
    assert told(world, "ops") == ["source.failing"]
    assert told(world, "desk") == ["claim.blind"]
    world.show("city", transfer(200))
    pass_time(world, 2, days=1)
    assert told(world, "ops") == ["source.failing", "source.recovered"]


def test_old_dates_on_new_items_are_a_sign_of_life_all_the_same(database: Database, clock: StandingClock) -> None:
    world, today = World(database, clock), clock()
    old = [story(number, published=today - timedelta(days=number)) for number in range(90, 110)]
    world.show("city", *old)
    pass_time(world, minutes=1)
    found = [story(number, published=today - timedelta(days=number)) for number in range(60, 85)]
    world.show("city", *found, *old)
    pass_time(world, 2, minutes=12)
    assert state(world, "city") is State.OK
    pass_time(world, 12, days=1)
    assert state(world, "city") is State.SILENT, "counted from the day they were seen"


def test_a_source_that_was_silent_before_it_was_watched_is_found_to_be(
    database: Database, clock: StandingClock
) -> None:
    world = World(database, clock)
    world.show("city", *(story(number, published=clock() - timedelta(days=90 + number)) for number in range(20)))
    pass_time(world, minutes=1)
    pass_time(world, minutes=12)
    assert state(world, "city") is State.SILENT


# ------------------------------------------------------------------------------------------------ the network


@pytest.fixture
def many(database: Database, clock: StandingClock) -> World:
    return settled(World(database, clock, files={"sources.yaml": MANY, "claims/ice.yaml": CLAIM}))


@pytest.mark.scenario("X6")
def test_when_most_sources_fail_together_the_network_is_said_once_and_nobody_is_counted(many: World) -> None:
    for number in range(5):
        many.fetcher.faults[f"s{number}"] = FetchError(Reason.CONNECTION, "no route to host")
    pass_time(many, 40, minutes=12)
    assert told(many, "desk") == ["network.down"]
    assert "officers-to-ice" in many.sent[0].message.text
    assert all(many.source(f"s{number}").failures <= 2 for number in range(6))
    many.fetcher.faults.clear()
    pass_time(many, 4, minutes=12)
    assert told(many, "desk") == ["network.down", "network.up"]


@pytest.mark.scenario("X6")
def test_an_outage_costs_no_source_its_rhythm(many: World) -> None:
    for number in range(6):
        many.fetcher.faults[f"s{number}"] = FetchError(Reason.ADDRESS_UNKNOWN, "no such host")
    pass_time(many, 30, minutes=12)
    waits = [many.source(f"s{number}").next_poll_at - many.clock() for number in range(6)]
    assert max(waits) <= timedelta(minutes=12)


def test_a_source_that_died_in_the_middle_of_an_outage_is_told_afterwards(many: World) -> None:
    for number in range(6):
        many.fetcher.faults[f"s{number}"] = FetchError(Reason.CONNECTION, "no route to host")
    pass_time(many, 10, minutes=12)
    for number in range(5):
        del many.fetcher.faults[f"s{number}"]
    pass_time(many, 6, hours=1)
    assert told(many, "desk") == ["network.down", "network.up", "source.failing"]
    assert "s5" in many.sent[-1].message.subject


# ------------------------------------------------------------------------------------------------ destinations


LOGIN_REFUSED = DeliveryError(Reason.AUTHENTICATION, "the server refused the user name or password: 535 5.7.8")
NOBODY_THERE = DeliveryError(Reason.CONNECTION, "refused")


@pytest.mark.scenario("D8", "D15")
@pytest.mark.parametrize("reason", [Reason.AUTHENTICATION, Reason.TLS])
def test_what_only_a_person_can_mend_is_told_elsewhere_at_once_and_again_when_it_is_over(
    world: World, reason: Reason
) -> None:
    world.channels["desk"].faults = [DeliveryError(reason, "535 5.7.8")]
    world.show("paper", story(1), transfer(50))
    pass_time(world, minutes=12)
    pass_time(world)
    assert told(world, "ops") == ["destination.failing"]
    said = world.channels["ops"].sent[-1].message.text
    assert "desk@example.org" in said
    assert f"by desk, 1 attempt: {reason.value}: 535 5.7.8" in said
    pass_time(world, minutes=2)
    pass_time(world, 3, minutes=2)
    assert told(world, "ops") == ["destination.failing", "destination.recovered"]
    assert told(world, "desk") == []


@pytest.mark.scenario("D1", "D9")
def test_a_destination_that_fails_for_a_moment_is_told_to_nobody_and_one_that_goes_on_failing_is_told_once(
    world: World,
) -> None:
    desk = world.channels["desk"]
    desk.schedule = (timedelta(minutes=1),) * 20
    desk.faults = [NOBODY_THERE] * 2
    world.show("paper", transfer(50))
    pass_time(world, minutes=12)
    pass_time(world, 4, minutes=2)
    assert told(world, "ops") == []
    desk.faults = [NOBODY_THERE] * 8
    world.show("paper", transfer(51))
    pass_time(world, minutes=12)
    pass_time(world, 6, minutes=2)
    assert told(world, "ops") == ["destination.failing"]
    pass_time(world, 4, minutes=2)
    assert told(world, "ops") == ["destination.failing", "destination.recovered"]
    assert told(world, "desk") == []


@pytest.mark.scenario("D9")
def test_a_failing_destination_is_not_told_again_after_a_restart(world: World) -> None:
    world.channels["desk"].faults = [LOGIN_REFUSED] * 2
    world.show("paper", transfer(50))
    pass_time(world, minutes=12)
    again = World(world.database, world.clock, files=world.files, channels=world.channels, fetcher=world.fetcher)
    again.health.operators = world.health.operators
    pass_time(again, minutes=2)
    assert told(again, "ops") == ["destination.failing"]


@pytest.mark.scenario("D8")
def test_the_only_destination_is_not_told_of_its_own_failure(world: World) -> None:
    world.health.operators = lambda: [("desk", "desk@example.org")]
    world.channels["desk"].faults = [LOGIN_REFUSED]
    world.show("paper", transfer(50))
    pass_time(world, minutes=12)
    pass_time(world, 3, minutes=2)
    assert [str(envelope.message.kind) for envelope in world.channels["desk"].sent] == ["alert"]


DESK, PHONE = ("mail", "desk@example.org"), ("hook", "https://phone.example.org")
NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)


def refusal(attempts: int, reason: Reason = Reason.TIMEOUT) -> RefusedDelivery:
    return RefusedDelivery(
        lane="mail desk@example.org", channel="mail", destination="desk@example.org",
        attempts=attempts, reason=reason, detail="", created_at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "tells"),
    [(refusal(2), False), (refusal(3), True), (refusal(1, Reason.AUTHENTICATION), True)],
)
def test_a_destination_fails_after_three_attempts_or_at_once_where_waiting_mends_nothing(
    row: RefusedDelivery, tells: bool
) -> None:
    news = destination_news({}, {DESK: row}, {})
    assert list(news.failing) == ([row] if tells else [])
    assert news.told_after(NOON) == ({DESK: NOON} if tells else {})
    assert not destination_news({DESK: NOON}, {DESK: row}, {}), "people know"


def test_a_destination_is_mended_once_something_arrived_after_people_were_told_and_nothing_waits() -> None:
    told, later = {DESK: NOON, PHONE: NOON}, NOON + timedelta(hours=1)
    assert destination_news(told, {}, {DESK: later, PHONE: NOON - timedelta(hours=1)}).mended == [DESK]
    assert destination_news(told, {DESK: refusal(9)}, {DESK: later, PHONE: None}).mended == []
    assert destination_news(told, {}, {DESK: later}).told_after(later) == {PHONE: NOON}

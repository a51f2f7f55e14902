"""Servers that hang or are down for days, seen from the outbox."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import StandingClock
from running import CLAIM
from world import FakeChannel, World

from storage import outbox
from storage.database import Database
from watcher import app
from watcher.channels.channel import RETRY_FOR_FIVE_DAYS
from watcher.model import DeliveryError, Envelope, Reason
from watcher.pipeline.pools import Pool
from watcher.settings import DeliverSettings, FetchSettings, RulesSettings, Settings

NEVER_DELAYED = 5.0
"""Seconds."""


class Hanging(FakeChannel):
    """A mail server that answers nobody, for as long as it is told to."""

    def __init__(self, *destinations: str) -> None:
        super().__init__("mail", *destinations)
        self.end = threading.Event()

    def send(self, envelope: Envelope) -> None:
        self.end.wait(60)


class Down(FakeChannel):
    """Takes nothing before a moment."""

    schedule = RETRY_FOR_FIVE_DAYS

    def __init__(self, clock: StandingClock, days: float) -> None:
        super().__init__("mail")
        self._clock = clock
        self.mended = clock() + timedelta(days=days)
        self.attempts: Counter[str] = Counter()

    def send(self, envelope: Envelope) -> None:
        self.attempts[envelope.key] += 1
        if self._clock() < self.mended:
            raise DeliveryError(Reason.CONNECTION, "nobody there")
        super().send(envelope)


def write(world: World, messages: int) -> None:
    new = outbox.NewMessage(kind="alert", subject="s", text="t", html="h", data={"data": {}})
    with world.database.write() as connection:
        for _ in range(messages):
            outbox.add(connection, new, world.operators(), now=world.clock())


@pytest.fixture
def hung(database: Database, clock: StandingClock) -> Iterator[World]:
    """More recipients of a server that hangs than there are threads, and a receiver of webhooks that works."""
    mail = Hanging(*(f"{number}@example.org" for number in range(20)))
    world = World(database, clock, channels={"mail": mail, "webhook": FakeChannel("webhook")})
    world.pipeline.deliveries = Pool("deliver", 8)
    yield world
    mail.end.set()
    while world.pipeline.deliveries.in_hand():
        time.sleep(0.01)
    world.pipeline.deliveries.close()


@pytest.mark.scenario("D10")
def test_a_server_that_hangs_delays_no_other_channel_however_many_recipients_it_has(hung: World) -> None:
    hook = hung.channels["webhook"]
    write(hung, 10)
    for number in range(1, 11):
        began = time.monotonic()
        hung.pipeline.tick()
        while len(hook.sent) < number and time.monotonic() - began < NEVER_DELAYED:
            time.sleep(0.01)
        assert len(hook.sent) == number
        while any(one.id for one in hung.pipeline.deliveries.in_hand() if _is_for(hung, one.id, "webhook")):
            time.sleep(0.01)


def _is_for(world: World, delivery: int, channel: str) -> bool:
    with world.database.read() as connection:
        return bool(outbox.get(connection, delivery).channel == channel)


@pytest.mark.scenario("D10")
def test_every_channel_has_a_thread_of_its_own_however_few_are_asked_for(tmp_path: Path, clock: StandingClock) -> None:
    (tmp_path / "claims").mkdir()
    (tmp_path / "sources.yaml").write_text("sources: [{id: paper, kind: feed, url: 'http://127.0.0.1:9/feed'}]\n")
    (tmp_path / "claims/ice.yaml").write_text(CLAIM)
    settings = Settings(
        state=tmp_path / "state",
        rules=RulesSettings(directory=tmp_path),
        fetch=FetchSettings(workers=1),
        deliver=DeliverSettings(threads=1),
        channels={name: {"kind": "terminal"} for name in "abc"},
    )
    with app.opened(settings, clock=clock) as service:
        assert service.pipeline.deliveries.room() == 3


@pytest.mark.scenario("D9")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("messages", [8, pytest.param(300, marks=pytest.mark.slow)])
def test_a_server_that_is_down_for_four_days_costs_no_message(
    database: Database, clock: StandingClock, messages: int
) -> None:
    mail = Down(clock, days=4)
    world = World(database, clock, channels={"mail": mail})
    write(world, messages)
    while clock() < mail.mended + timedelta(hours=5):
        before = sum(mail.attempts.values())
        world.pipeline.tick()
        assert sum(mail.attempts.values()) - before <= 1, "one at a time to one destination"
        if sum(mail.attempts.values()) == before:
            clock.advance(minutes=20)
    assert Counter(envelope.key for envelope in mail.sent) == Counter(mail.attempts.keys())
    assert len(mail.sent) == messages
    assert max(mail.attempts.values()) < 40, "patiently"

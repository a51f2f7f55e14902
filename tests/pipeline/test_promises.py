"""The promises under whatever happens: every item that matches is told once to everybody, and nothing else is.

Chance decides what sources show, when the process dies, when rules change and what receivers answer.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest
from conftest import StandingClock
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import text
from world import CLAIM, SOURCES, FakeChannel, FakeFetcher, World, story

from storage import leases, outbox
from storage.database import Connection, Database, sqlite_url
from watcher.model import DeliveryError, Entry, Envelope, FetchError, Memory, Reading, Reason, Source

TITLES = {"transfer": "{} officers left for ICE", "hired": "Sergeant {} is hired", "other": "Council meets again: {}"}
ONE_MORE_RULE = CLAIM.replace("unless:", "  hired:\n    when: 'sergeant*'\n    priority: urgent\nunless:")
PORTION = 4
"""Small, so that readings of a few items are stored in several transactions."""
DESTINATIONS = ("desk", "chief", "hook")


class Killed(BaseException):
    """The process ends here."""


class Receiver(FakeChannel):
    """Takes a message and may have the sender die before it hears so."""

    dies = False

    def send(self, envelope: Envelope) -> None:
        super().send(envelope)
        if self.dies:
            self.dies = False
            raise Killed


class Promises(RuleBasedStateMachine):
    """A newsroom in which anything may happen at any time; `teardown` judges when all is well again."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="promises-")
        path = Path(self.folder.name) / "w.sqlite"
        shutil.copy(migrated(), path)
        self.database = Database(sqlite_url(path))
        self.write = self.database.write
        self.clock = StandingClock()
        sources = SOURCES.replace("every:", "text_from: feed, every:")
        self.files = {"sources.yaml": sources, "claims/ice.yaml": CLAIM}
        self.fetcher = FakeFetcher()
        self.channels: dict[str, FakeChannel] = {
            "mail": Receiver("mail", "desk", "chief"), "hook": Receiver("hook", "hook")
        }  # fmt: skip
        self.shown: dict[str, list[Entry]] = {"city": [], "paper": []}
        self.published: list[Entry] = []
        self.edited: set[str] = set()
        self.repeats_allowed = 0
        self.start()

    def start(self) -> None:
        with self.database.write() as connection:
            leases.void_all(connection, now=self.clock())
        self.world = World(self.database, self.clock, self.files, self.fetcher, channels=self.channels)
        self.world.pipeline.findings_per_transaction = PORTION

    # -------------------------------------------------------------------------------- what happens

    @rule(
        source=st.sampled_from(["city", "paper"]), kinds=st.lists(st.sampled_from([*TITLES]), min_size=1, max_size=14)
    )
    def publish(self, source: str, kinds: list[str]) -> None:
        for kind in kinds:
            number = len(self.published)
            entry = story(number, title=TITLES[kind].format(number), summary="")
            self.published.append(entry)
            self.shown[source].insert(0, entry)
        self.world.show(source, *self.shown[source])

    @rule(
        source=st.sampled_from(["city", "paper"]), kind=st.sampled_from(["transfer", "hired"]), seed=st.integers(0, 9)
    )
    def edit(self, source: str, kind: str, seed: int) -> None:
        """Something that was of no interest says what matches."""
        entries = self.shown[source]
        dull = [place for place, entry in enumerate(entries) if "Council" in entry.title]
        if dull:
            place = dull[seed % len(dull)]
            entries[place] = replace(entries[place], title=TITLES[kind].format(entries[place].guid))
            self.edited.add(entries[place].link)
            self.world.show(source, *entries)

    @rule(source=st.sampled_from(["city", "paper"]), seed=st.integers(0, 9))
    def reorder(self, source: str, seed: int) -> None:
        Random(seed).shuffle(self.shown[source])
        self.world.show(source, *self.shown[source])

    @rule(minutes=st.integers(1, 40))
    def pass_time(self, minutes: int) -> None:
        self.survive(minutes=minutes)

    @rule(number=st.integers(1, 12), late=st.booleans(), minutes=st.integers(10, 40))
    def die_at_a_transaction(self, number: int, late: bool, minutes: int) -> None:
        with self.dying(number, late=late):
            self.survive(minutes=minutes)

    @rule(number=st.integers(1, 4), late=st.booleans())
    def die_while_rules_change(self, number: int, late: bool) -> None:
        self.files["claims/ice.yaml"] = ONE_MORE_RULE
        with self.dying(number, late=late):
            self.reload()

    @rule(channel=st.sampled_from(["mail", "hook"]))
    def die_before_an_answer(self, channel: str) -> None:
        self.channels[channel].dies = True  # type: ignore[attr-defined]  # a Receiver

    @rule()
    def change_rules(self) -> None:
        self.files["claims/ice.yaml"] = ONE_MORE_RULE
        self.reload()

    @rule(source=st.sampled_from(["city", "paper"]))
    def change_rules_while_a_source_is_read(self, source: str) -> None:
        fetch = self.fetcher.fetch

        def interrupted(asked: Source, memory: Memory) -> Reading:
            reading = fetch(asked, memory)
            if asked.id == source:
                self.fetcher.fetch = fetch  # type: ignore[method-assign]
                self.files["claims/ice.yaml"] = ONE_MORE_RULE
                self.world.go_live(self.world.load())
            return reading

        self.fetcher.fetch = interrupted  # type: ignore[assignment,method-assign]  # called by position
        self.survive(minutes=12)
        self.fetcher.fetch = fetch  # type: ignore[method-assign]

    @rule(source=st.sampled_from(["city", "paper"]), works=st.booleans())
    def fail(self, source: str, works: bool) -> None:
        self.fetcher.faults.pop(source, None)
        if not works:
            self.fetcher.faults[source] = FetchError(Reason.HTTP_STATUS, "answered 500")

    @rule(channel=st.sampled_from(["mail", "hook"]), times=st.integers(1, 4), unacknowledged=st.booleans())
    def refuse(self, channel: str, times: int, unacknowledged: bool) -> None:
        error = DeliveryError(Reason.TIMEOUT, "no answer", unacknowledged=unacknowledged)
        self.channels[channel].faults = [error] * times

    # -------------------------------------------------------------------------------- how it is done

    def survive(self, **later: float) -> None:
        """One step; a process that dies in it is started again."""
        try:
            self.world.step(**later)
        except leases.StaleLease:
            pass  # the thread of a real pool says so, and the row comes again
        except Killed:
            self.repeats_allowed += 1
            self.database.write = self.write  # type: ignore[method-assign]
            self.start()

    def reload(self) -> None:
        try:
            self.world.go_live(self.world.load())
        except Killed:
            self.database.write = self.write  # type: ignore[method-assign]
            self.start()

    @contextmanager
    def dying(self, number: int, *, late: bool) -> Iterator[None]:
        """At the so-manyth transaction from here on the process dies: before it, or right after its commit."""
        left = number

        @contextmanager
        def write() -> Iterator[Connection]:
            nonlocal left
            left -= 1
            if left == 0 and not late:
                raise Killed
            with self.write() as connection:
                yield connection
            if left == 0:
                raise Killed

        self.database.write = write  # type: ignore[method-assign]
        yield
        self.database.write = self.write  # type: ignore[method-assign]

    # -------------------------------------------------------------------------------- the judge

    def teardown(self) -> None:
        try:
            self.mend_everything()
            self.judge()
        finally:
            self.database.close()
            self.folder.cleanup()

    def mend_everything(self) -> None:
        self.fetcher.faults.clear()
        for channel in self.channels.values():
            channel.faults.clear()
        self.files["claims/ice.yaml"] = ONE_MORE_RULE
        self.reload()
        for _ in range(8):
            self.survive(hours=2)
            self.survive(seconds=2)  # no digest is sent while a source is read that may add to it
            with self.database.write() as connection:
                outbox.retry(connection, now=self.clock())
        while self.waiting():
            self.survive(seconds=1)

    def waiting(self) -> bool:
        with self.database.read() as connection:
            return outbox.counts(connection).keys() > {"sent"}

    def in_digests(self) -> defaultdict[str, set[str]]:
        """The links of the items that a digest is about, by the key of its delivery; a long one does not show all."""
        lines = text(
            "SELECT delivery.key, revision.link FROM delivery"
            " JOIN digest_line USING (message_id) JOIN revision USING (item_id)"
        )
        found = defaultdict(set)
        with self.database.read() as connection:
            for key, link in connection.execute(lines):
                found[key].add(link)
        return found

    def judge(self) -> None:
        told, in_digest = defaultdict(set), self.in_digests()
        for envelope in self.world.sent:
            for link in in_digest[envelope.key] | alerted(envelope):
                told[link, envelope.destination].add(envelope.key)
        calls = {entry.link for entry in self.published if "Council" not in entry.title} | self.edited
        assert {link for link, _ in told} == calls
        assert {key: len(keys) for key, keys in told.items() if len(keys) != 1} == {}
        assert len(told) == len(calls) * len(DESTINATIONS)
        shown = Counter((envelope.key, envelope.destination) for envelope in self.world.sent)
        assert sum(count - 1 for count in shown.values()) <= self.repeats_allowed


def alerted(envelope: Envelope) -> set[str]:
    """The link of the item that a message alerts of."""
    data = envelope.message.data
    return {data["data"]["item"]["url"]} if data["type"] == "alert.created" else set()


@cache
def migrated() -> Path:
    """A database that is new; to copy one takes less time than to make one."""
    path = Path(tempfile.mkdtemp(prefix="migrated-")) / "w.sqlite"
    database = Database(sqlite_url(path))
    database.migrate()
    database.close()
    return path


@pytest.mark.scenario("X1", "R7", "D5", "I10")
@pytest.mark.timeout(0)
@pytest.mark.parametrize("examples", [20, pytest.param(1000, marks=pytest.mark.slow)])
def test_whatever_happens_every_match_is_told_once_to_everybody(examples: int) -> None:
    quietly = settings(
        max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Promises, settings=quietly)

"""The service with one protection taken out: ``python -m faults.mutants NAME run``. The ledger must notice each."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from storage import database, leases, outbox
from storage.database import Connection
from storage.leases import Lease
from storage.outbox import Delivery
from storage.sources import SourceState
from storage.tables import delivery, item, item_key, source
from watcher import cli
from watcher.model import Envelope
from watcher.pipeline import outcomes, pipeline
from watcher.pipeline.live import Live
from watcher.pipeline.pipeline import Pipeline
from watcher.pipeline.storing import begin

PAUSE = 2.0
"""Seconds that a slow disk takes to store what a poll brought: time enough to be killed."""
FORGETFUL_AFTER = timedelta(seconds=3)


def mutate(place: object, name: str, by: Callable[..., Any]) -> None:
    """Put something else in the place of a protection."""
    setattr(place, name, by)


def slow_commit() -> None:
    """No fault: the disk is slow. What the mutant of it does wrong, this does right."""
    keep = Pipeline._keep

    def slow(self: Pipeline, *arguments: Any) -> None:
        time.sleep(PAUSE)
        keep(self, *arguments)

    mutate(Pipeline, "_keep", slow)


def validators_before_commit() -> None:
    """The source is not asked again for what was never stored."""
    slow_commit()
    keep = Pipeline._keep

    def hasty(self: Pipeline, lease: Lease, live: Live, row: SourceState, *read: Any) -> None:
        values = read[-1]
        early = {name: values.get(name) for name in ("etag", "last_modified", "body_hash")}
        with self.database.write() as connection:
            connection.execute(update(source).where(source.c.id == row.id).values(early))
        keep(self, lease, live, row, *read)

    mutate(Pipeline, "_keep", hasty)


def outbox_in_memory() -> None:
    """A start knows nothing of what the last life had still to send."""
    void_all = leases.void_all

    def forget(connection: Connection, *, now: datetime) -> int:
        connection.execute(delete(delivery).where(delivery.c.state.in_(("pending", "unknown"))))
        return void_all(connection, now=now)

    mutate(leases, "void_all", forget)


def settled_before_send() -> None:
    """Written down as sent first, then sent."""

    def deliver(self: Pipeline, lease: Lease) -> None:
        with self.database.read() as connection:
            row = outbox.get(connection, lease.id)
        with self.database.write() as connection:
            outbox.settle_delivery(connection, lease, outcomes.after_sending(1, self.clock()))
        self.channels[row.channel].send(pipeline._envelope(row, 1))

    mutate(Pipeline, "deliver", deliver)


def synchronous_normal() -> None:
    """A commit is not flushed: between two checkpoints the disk has heard of none."""
    prepare = database._prepare_writer

    def lightly(connection: Any, record: object) -> None:
        prepare(connection, record)
        connection.executescript("PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0")

    mutate(database, "_prepare_writer", lightly)


def seen_keys_expire() -> None:
    """What was seen is forgotten after a while."""
    tick = Pipeline.tick

    def forgetful(self: Pipeline) -> None:
        old = select(item.c.id).where(item.c.first_seen_at < self.clock() - FORGETFUL_AFTER)
        with self.database.write() as connection:
            connection.execute(delete(item_key).where(item_key.c.item_id.in_(old)))
        tick(self)

    mutate(Pipeline, "tick", forgetful)


def random_message_id() -> None:
    """Every attempt has a key of its own."""
    envelope = pipeline._envelope

    def renamed(row: Delivery, attempt: int) -> Envelope:
        return replace(envelope(row, attempt), key=f"msg_{uuid.uuid4().hex}")

    mutate(pipeline, "_envelope", renamed)


def no_baseline() -> None:
    """What the first poll of a source finds is taken for new."""

    def as_if_read_before(connection: Connection, row: Any, *rest: Any) -> Any:
        seen_before: Any = {**row, "baselined_at": datetime.now(UTC)}
        return begin(connection, seen_before, *rest)

    mutate(pipeline, "begin", as_if_read_before)


MUTANTS: dict[str, Callable[[], None]] = {
    "slow-commit": slow_commit,
    "validators-before-commit": validators_before_commit,
    "outbox-in-memory": outbox_in_memory,
    "settled-before-send": settled_before_send,
    "synchronous-normal": synchronous_normal,
    "seen-keys-expire": seen_keys_expire,
    "random-message-id": random_message_id,
    "no-baseline": no_baseline,
}


def main() -> None:
    """Become the mutant, then do what ``watcher`` does."""
    name = sys.argv.pop(1)
    MUTANTS[name]()
    cli.main()


if __name__ == "__main__":
    main()

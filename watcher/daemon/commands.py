"""What can be asked of watcher, over the socket or by a command itself: grouped by what each one needs.

Every command can be called from any thread. Its result is a value that `watcher.daemon.control` writes as JSON.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import watcher
from storage import outbox, sources
from storage.database import Database
from watcher import app, messages, state
from watcher.app import App
from watcher.channels import Channel, SendTestResult
from watcher.clock import utc_now
from watcher.daemon.live_status import LiveStatus
from watcher.jobs import housekeeping, reminders
from watcher.messages import HealthEvent, HealthView
from watcher.model import Clock, ConfigError, DeliveryError, Envelope
from watcher.reading.sandbox import strength
from watcher.rulebook import Problem
from watcher.settings import Settings

Call = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesRead:
    """What became of the rule files when they were read last."""

    live: bool
    digest: str
    """Of the rules that are live now, be they these or the last good ones."""
    problems: Sequence[Problem]
    suspicion: str
    """Why they wait for a person's word, where they do."""


def live(service: App) -> LiveStatus:
    """Return what only the running service knows."""
    loaded = service.loaded
    return LiveStatus(
        version=watcher.__version__,
        rules=service.rulebook.digest,
        matcher=service.rulebook.matcher.core,
        workers=strength(),
        known_faults=service.known_faults(),
        refused=[str(problem) for problem in loaded.problems] or loaded.suspicion,
        short_of_room=service.database.is_short_of_room(),
        polls_in_hand=len(service.pipeline.polls.in_hand()),
        deliveries_in_hand=len(service.pipeline.deliveries.in_hand()),
    )


def reload(service: App, *, confirmed: bool = False) -> RulesRead:
    """Read the rule files again; return whether they are live now, and if not, why."""
    service.reload(confirmed=confirmed)
    return last_reading(service)


def last_reading(service: App) -> RulesRead:
    """Return whether the rule files are live as they were read last, and if not, why."""
    loaded = service.loaded
    return RulesRead(
        live=loaded.book is not None,
        digest=(loaded.book or service.rulebook).digest,
        problems=loaded.problems,
        suspicion=loaded.suspicion,
    )


def retry(database: Database, clock: Clock, *, delivery_id: int | None = None) -> int:
    """Queue dead deliveries again, or one of them; return how many."""
    with database.write() as connection:
        return outbox.retry(connection, now=clock(), delivery_id=delivery_id)


def poll_now(database: Database, clock: Clock, *, names: Sequence[str] = ()) -> int:
    """Make sources due at once, by default all of them; return how many."""
    with database.write() as connection:
        return sources.poll_now(connection, now=clock(), names=names)


def send_test(channels: Mapping[str, Channel], clock: Clock, *, name: str) -> list[SendTestResult]:
    """Send a test message through one channel, past the outbox; return what became of it at each destination."""
    if name not in channels:
        raise ConfigError(f"there is no channel {name!r}; there are: {', '.join(sorted(channels))}")
    channel, now = channels[name], clock()
    message = messages.health(HealthView(event=HealthEvent.SEND_TEST, at=now, about=name))
    results = []
    for destination in channel.destinations():
        key, detail = f"test_{name}_{int(now.timestamp())}", ""
        try:
            channel.send(Envelope(key=key, destination=destination, created_at=now, message=message))
        except DeliveryError as error:
            detail = str(error)
        results.append(SendTestResult(channel=name, destination=destination, ok=not detail, detail=detail))
    return results


ON_DATABASE: Mapping[str, Call] = {
    "retry": retry,
    "poll_now": poll_now,
    "answer": reminders.take,
    "forget": housekeeping.forget,
    "catch_up": housekeeping.catch_up,
}
"""Called with the database and the clock."""
ON_CHANNELS: Mapping[str, Call] = {"send_test": send_test}
"""Called with the channels and the clock."""
ON_SERVICE: Mapping[str, Call] = {"live": live, "reload": reload}
"""Called with the running service."""
ON_START: Mapping[str, Call] = {"reload": last_reading}
"""Called with a service that has just started, and with that has read the rule files."""


def of(service: App) -> dict[str, Call]:
    """Return every command, ready to be called."""
    return {
        **{name: partial(command, service.database, service.clock) for name, command in ON_DATABASE.items()},
        **{name: partial(command, service.channels, service.clock) for name, command in ON_CHANNELS.items()},
        **{name: partial(command, service) for name, command in ON_SERVICE.items()},
    }


def alone(settings: Settings, command: str, **arguments: Any) -> Any:
    """Run a command where no service runs, under its lock and from no more than needed; return the result.

    Raises ConfigError when it needs a database and there is none.
    """
    if command in ON_DATABASE:
        state.require_database(settings)  # before the lock, which makes the folder
        with state.locked(settings), state.existing_database(settings) as database:
            return ON_DATABASE[command](database, utc_now, **arguments)
    if command in ON_CHANNELS:
        with state.locked(settings), closing(app.delivering_web(settings, utc_now)) as web:
            channels = app.build_channels(settings, web, utc_now, sys.stdout)
            return ON_CHANNELS[command](channels, utc_now, **arguments)
    with app.opened(settings, **arguments) as service:
        return ON_START[command](service)

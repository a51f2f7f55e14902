"""A service that is blind says so: sources that fail, deliveries that are dead, rules that are refused.

Decided from rows, so that a restart forgets nothing and tells nothing twice: each thing is told once, and told
again when it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storage import outbox, sources
from storage.database import Connection, Database, Row
from watcher import messages
from watcher.messages import HealthEvent, HealthView
from watcher.model import Clock, MessageKind, Rendered
from watcher.rulebook import Rulebook
from watcher.steps.alerting import send

FAILING_AFTER = 3
"""Settled failures in a row: two may be a hiccup of the network."""

Operators = Callable[[], Sequence[tuple[str, str]]]
"""Gives the (channel, destination) pairs that hear about the service itself."""


@dataclass(slots=True)
class Health:
    """Looks for what a person must hear about the service, and writes it to the outbox."""

    database: Database
    clock: Clock
    operators: Operators

    def check(self, book: Rulebook) -> None:
        """Tell what has come up, and what is over, since the last check."""
        with self.database.read() as connection:
            rows = sources.everyone(connection)
            dead = outbox.dead_untold(connection)
        failing = [row for row in rows if row["told_failing_at"] is None and is_failing(row)]
        mended = [row for row in rows if row["told_failing_at"] is not None and row["failures"] == 0]
        if not (failing or mended or dead):
            return
        with self.database.write() as connection:
            if failing:
                self._tell(connection, self._failing(book, failing, [row for row in rows if is_failing(row)]))
                sources.mark_told(connection, [row["id"] for row in failing], self.clock())
            if mended:
                self._tell(connection, self._mended(mended))
                sources.mark_told(connection, [row["id"] for row in mended], None)
            if dead:
                self._tell_dead(connection, dead)

    def tell(self, view: HealthView) -> None:
        """Say one thing to the operators now."""
        with self.database.write() as connection:
            self._tell(connection, messages.health(view))

    def _tell(self, connection: Connection, message: Rendered, without: frozenset[str] = frozenset()) -> None:
        everyone = self.operators()
        # what is dead on the way to one destination is told to the others; to itself only if there are none
        others = [to for to in everyone if " ".join(to) not in without]
        send(connection, message, others or everyone, now=self.clock())

    def _failing(self, book: Rulebook, failing: Sequence[Row], all_failing: Sequence[Row]) -> Rendered:
        names = {row["name"] for row in all_failing}
        view = HealthView(
            event=HealthEvent.SOURCE_FAILING,
            at=self.clock(),
            about=_listed(failing),
            since=min(row["failing_since"] or self.clock() for row in failing),
            details=tuple(f"{row['name']}: {row['state']}: {row['detail']}" for row in failing),
            blind_claims=blind_claims(book, names),
            command="watcher sources",
        )
        return messages.health(view)

    def _mended(self, mended: Sequence[Row]) -> Rendered:
        view = HealthView(event=HealthEvent.SOURCE_RECOVERED, at=self.clock(), about=_listed(mended))
        return messages.health(view)

    def _tell_dead(self, connection: Connection, dead: Sequence[Row]) -> None:
        outbox.mark_told(connection, [row["id"] for row in dead], now=self.clock())
        dead = [row for row in dead if row["kind"] != MessageKind.HEALTH]  # else one dead end would breed the next
        if not dead:
            return
        details = [
            f"{row['id']} to {row['destination']} by {row['channel']}: {row['reason']}: {row['detail']}" for row in dead
        ]
        view = HealthView(
            event=HealthEvent.DELIVERY_DEAD,
            at=self.clock(),
            about=", ".join(dict.fromkeys(row["destination"] for row in dead)),
            details=tuple(details),
            command="watcher outbox retry",
        )
        self._tell(connection, messages.health(view), without=frozenset(row["lane"] for row in dead))


def is_failing(row: Row) -> bool:
    """Whether a source's row says that nothing can be known from it at present."""
    gone = not row["enabled"] and row["state"] == "gone"
    return bool(gone or (row["enabled"] and row["failures"] >= FAILING_AFTER))


def blind_claims(book: Rulebook, failing: set[str]) -> tuple[str, ...]:
    """Ids of the claims one of whose needed sources is among the failing."""
    return tuple(claim.id for claim in book.claims if failing & set(claim.needs))


def _listed(rows: Sequence[Row]) -> str:
    return ", ".join(row["name"] for row in rows)

"""A service that is blind says so: sources, claims, the network, deliveries that are dead, rules that are refused.

Decided from rows, so that a restart forgets nothing and tells nothing twice: each thing is told once, and told
again when it is over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import outbox, rulebooks, sources
from storage.database import Connection, Database
from storage.outbox import Delivery, RefusedDelivery
from storage.sources import PollHistory
from watcher import messages
from watcher.messages import HealthEvent, HealthView, counted
from watcher.model import Claim, Clock, MessageKind, Reason, Rendered
from watcher.pipeline.alerting import send
from watcher.pipeline.live import Recipients
from watcher.rulebook import Rulebook
from watcher.source_condition import UNREACHED, Outlook, State, outlook

NETWORK_DOWN = "network down since"
"""The note that people were told of."""
FAILING = "failing destinations"
"""The note of the destinations, by their lanes, that people were told of, and when."""
BEARABLE = 2
"""Failures of a delivery in a row that are nothing to hear of: a restart of the other side, or greylisting."""
MENDABLE = frozenset({Reason.AUTHENTICATION, Reason.TLS, Reason.REDIRECT, Reason.ADDRESS_REFUSED, Reason.BAD_URL})
"""What waiting does not mend: heard of at the first failure."""
MOVED = "moved"
"""The note, one for each source, of the address that people were told of."""

Operators = Callable[[], Sequence[tuple[str, str]]]
"""Gives the (channel, destination) pairs that hear about the service itself."""


@dataclass(slots=True)
class Health:
    """Looks for what a person must hear about the service, and writes it to the outbox."""

    database: Database
    clock: Clock
    operators: Operators
    owners: Recipients
    """Who hears about a claim."""

    def check(self, book: Rulebook) -> None:
        """Tell what has come up, and what is over, since the last check."""
        with self.database.read() as connection:
            rows = sources.polled(connection)
            dead = outbox.dead_untold(connection)
            told_network = rulebooks.read_note(connection, NETWORK_DOWN)
            told_blind = rulebooks.told_blind(connection)
            moved = [row for row in rows if row.address and not _knows_of_move(connection, row)]
            ways = _Ways.seen(connection)
        seen = outlook(rows, self.clock())
        news = _News.between(book, rows, seen, told_blind)
        network = bool(told_network) != bool(seen.network_since)
        if not (news or network or moved or dead or ways):
            return
        with self.database.write() as connection:
            if network:
                self._tell_network(connection, book, seen, told_network)
            self._tell_sources(connection, book, seen, news)
            self._tell_claims(connection, seen, news)
            for row in moved:
                self._tell_moved(connection, row)
            if dead:
                self._tell_dead(connection, dead)
            self._tell_ways(connection, ways)

    def tell(self, view: HealthView) -> None:
        """Say one thing to the operators now."""
        with self.database.write() as connection:
            self._tell(connection, messages.health(view))

    def _tell(self, connection: Connection, message: Rendered, without: frozenset[str] = frozenset()) -> None:
        everyone = self.operators()
        # what is dead on the way to one destination is told to the others; to itself only if there are none
        others = [to for to in everyone if " ".join(to) not in without]
        send(connection, message, others or everyone, now=self.clock())

    def _tell_network(self, connection: Connection, book: Rulebook, seen: Outlook, told: str) -> None:
        now = self.clock()
        unreached = [row for row in sources.polled(connection) if row.failures and row.state in UNREACHED]
        if seen.network_since is None:
            rulebooks.write_note(connection, NETWORK_DOWN, "")
            if names := [row.name for row in unreached]:  # they need not wait for their turn
                sources.poll_now(connection, now=now, names=names)
            view = HealthView(
                event=HealthEvent.NETWORK_UP, at=now, about="the network here", since=datetime.fromisoformat(told)
            )
        else:
            rulebooks.write_note(connection, NETWORK_DOWN, seen.network_since.isoformat())
            view = HealthView(
                event=HealthEvent.NETWORK_DOWN,
                at=now,
                about="the network here",
                since=seen.network_since,
                details=tuple(f"{row.name}: {row.state}: {row.detail}" for row in unreached),
                blind_claims=tuple(claim.id for claim in book.claims),
            )
        self._tell(connection, messages.health(view))

    def _tell_sources(self, connection: Connection, book: Rulebook, seen: Outlook, news: _News) -> None:
        now = self.clock()
        if news.failing:
            view = HealthView(
                event=HealthEvent.SOURCE_FAILING,
                at=now,
                about=_listed(news.failing),
                since=min(row.failing_since or row.expected_by or now for row in news.failing),
                details=tuple(_why(seen, row.name) for row in news.failing),
                blind_claims=blind_claims(book, seen),
                command="watcher sources",
            )
            self._tell(connection, messages.health(view))
            sources.mark_told(connection, [row.id for row in news.failing], now)
        if news.mended:
            view = HealthView(event=HealthEvent.SOURCE_RECOVERED, at=now, about=_listed(news.mended))
            self._tell(connection, messages.health(view))
            sources.mark_told(connection, [row.id for row in news.mended], None)

    def _tell_claims(self, connection: Connection, seen: Outlook, news: _News) -> None:
        """Operators whom a message about the sources has told already which claims are blind hear it once."""
        now, operators = self.clock(), self.operators()
        for claims, event, told in (
            (news.blind, HealthEvent.CLAIM_BLIND, news.failing),
            (news.seeing, HealthEvent.CLAIM_SEES, news.mended),
        ):
            for claim in claims:
                view = HealthView(
                    event=event,
                    at=now,
                    about=f"{claim.claim_reviewed} ({claim.id})",
                    details=tuple(_why(seen, name) for name in _blinding(claim, seen)),
                    blind_claims=(claim.id,) if event is HealthEvent.CLAIM_BLIND else (),
                    command="watcher sources",
                )
                everyone = dict.fromkeys([*operators, *self.owners(claim)])
                if to := [one for one in everyone if not (told and one in operators)]:
                    send(connection, messages.health(view), to, now=now)
                rulebooks.mark_blind(connection, claim.id, now if event is HealthEvent.CLAIM_BLIND else None)

    def _tell_moved(self, connection: Connection, row: PollHistory) -> None:
        rulebooks.write_note(connection, f"{MOVED} {row.name}", row.address)
        view = HealthView(
            event=HealthEvent.SOURCE_MOVED,
            at=self.clock(),
            about=row.name,
            details=(f"from {row.url}", f"to {row.address}", "it is read there; write that into sources.yaml"),
        )
        self._tell(connection, messages.health(view))

    def _tell_dead(self, connection: Connection, dead: Sequence[Delivery]) -> None:
        outbox.mark_told(connection, [row.id for row in dead], now=self.clock())
        dead = [row for row in dead if row.kind != MessageKind.HEALTH]  # else one dead end would breed the next
        if not dead:
            return
        details = [f"{row.id} to {row.destination} by {row.channel}: {row.reason}: {row.detail}" for row in dead]
        view = HealthView(
            event=HealthEvent.DELIVERY_DEAD,
            at=self.clock(),
            about=", ".join(dict.fromkeys(row.destination for row in dead)),
            details=tuple(details),
            command="watcher outbox retry",
        )
        self._tell(connection, messages.health(view), without=frozenset(row.lane for row in dead))

    def _tell_ways(self, connection: Connection, ways: _Ways) -> None:
        """Where there is no other way to say it, it is not said: it would arrive when it is over."""
        if not ways:
            return
        now, told = self.clock(), {lane: since for lane, since in ways.told.items() if lane not in ways.mended}
        told |= {row.lane: now.isoformat() for row in ways.failing}
        rulebooks.write_note(connection, FAILING, json.dumps(told))
        others = [to for to in self.operators() if " ".join(to) not in told]
        for row in ways.failing:
            view = HealthView(
                event=HealthEvent.DESTINATION_FAILING,
                at=now,
                about=row.destination,
                since=row.created_at,
                details=(f"by {row.channel}, {counted(row.attempts, 'attempt')}: {row.reason}: {row.detail}",),
                command="watcher outbox",
            )
            send(connection, messages.health(view), others, now=now)
        for lane in ways.mended:
            view = HealthView(event=HealthEvent.DESTINATION_RECOVERED, at=now, about=lane.partition(" ")[2])
            send(connection, messages.health(view), [to for to in others if " ".join(to) != lane], now=now)


@dataclass(frozen=True, slots=True)
class _Ways:
    """What nobody was told of yet about the destinations, and what was told."""

    failing: Sequence[RefusedDelivery]
    mended: Sequence[str]
    told: dict[str, str]

    @classmethod
    def seen(cls, connection: Connection) -> _Ways:
        """A destination is mended when something has arrived there since, and nothing waits after a failure."""
        told: dict[str, str] = json.loads(rulebooks.read_note(connection, FAILING) or "{}")
        refused = {row.lane: row for row in outbox.refused(connection)}
        arrived = {lane: outbox.last_sent(connection, lane) for lane in told.keys() - refused.keys()}
        return cls(
            failing=[row for lane, row in refused.items() if lane not in told and _is_lasting(row)],
            mended=sorted(lane for lane, at in arrived.items() if at and at >= datetime.fromisoformat(told[lane])),
            told=told,
        )

    def __bool__(self) -> bool:
        return bool(self.failing or self.mended)


def _is_lasting(row: RefusedDelivery) -> bool:
    return row.attempts > BEARABLE or row.reason in MENDABLE


@dataclass(frozen=True, slots=True)
class _News:
    """What nobody was told of yet."""

    failing: Sequence[PollHistory]
    mended: Sequence[PollHistory]
    blind: Sequence[Claim]
    seeing: Sequence[Claim]

    @classmethod
    def between(cls, book: Rulebook, rows: Sequence[PollHistory], seen: Outlook, told_blind: frozenset[str]) -> _News:
        """What differs between how things are and what people were told."""
        states = {name: condition.state for name, condition in seen.conditions.items()}
        untold = [row for row in rows if row.told_failing_at is None]
        told = [row for row in rows if row.told_failing_at is not None]
        blind = {claim.id for claim in book.claims if _blinding(claim, seen)}
        return cls(
            failing=[row for row in untold if states[row.name].blinds],
            mended=[row for row in told if row.failures == 0 and states[row.name] in {State.OK, State.SLOW}],
            blind=[claim for claim in book.claims if claim.id in blind - told_blind],
            seeing=[claim for claim in book.claims if claim.id in told_blind - blind],
        )

    def __bool__(self) -> bool:
        return any((self.failing, self.mended, self.blind, self.seeing))


def blind_claims(book: Rulebook, seen: Outlook) -> tuple[str, ...]:
    """Ids of the claims one of whose needed sources cannot be read, or is not read at all."""
    return tuple(claim.id for claim in book.claims if _blinding(claim, seen))


def _blinding(claim: Claim, seen: Outlook) -> list[str]:
    """The sources that blind a claim."""
    return [name for name in claim.needs if name not in seen.conditions or seen.conditions[name].state.blinds]


def _why(seen: Outlook, name: str) -> str:
    condition = seen.conditions.get(name)
    return f"{name}: is not polled" if condition is None else f"{name}: {condition.state}: {condition.why}"


def _knows_of_move(connection: Connection, row: PollHistory) -> bool:
    return rulebooks.read_note(connection, f"{MOVED} {row.name}") == str(row.address)


def _listed(rows: Sequence[PollHistory]) -> str:
    return ", ".join(row.name for row in rows)

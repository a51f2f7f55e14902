"""Messages about the service itself: failing sources, blind claims, the network, dead deliveries, refused rules.

Decided from rows, so that a restart forgets nothing and repeats nothing: each problem is reported once, and again when
it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import claims, notes, outbox, sources
from storage.database import Connection, Database
from storage.notes import Destination
from storage.outbox import Delivery, RefusedDelivery
from storage.sources import PollHistory
from watcher import messages
from watcher.messages import HealthEvent, HealthView
from watcher.model import Claim, Clock, MessageKind, Reason, Rendered
from watcher.pipeline.alerting import send
from watcher.pipeline.live import Recipients
from watcher.rulebook import Rulebook
from watcher.source_condition import UNREACHED, Outlook, State, outlook
from watcher.text.humanize import pluralize

MAX_BEARABLE_FAILURES = 2
"""Failures of a delivery in a row that are not reported: the other side may restart, or use greylisting."""
MENDABLE = frozenset({Reason.AUTHENTICATION, Reason.TLS, Reason.REDIRECT, Reason.ADDRESS_REFUSED, Reason.BAD_URL})
"""Reasons that waiting does not fix: reported at the first failure."""

Operators = Callable[[], Sequence[Destination]]
"""Returns the recipients of messages about the service itself."""


@dataclass(slots=True)
class Health:
    """Finds what people must hear about the service, and writes it to the outbox."""

    database: Database
    clock: Clock
    operators: Operators
    owners: Recipients
    """The recipients of messages about a claim."""

    def check(self, book: Rulebook) -> None:
        """Report what has come up, and what is over, since the last check."""
        with self.database.read() as connection:
            rows = sources.polled(connection)
            dead = outbox.dead_untold(connection)
            told_network = notes.network_down_since(connection)
            told_blind = claims.told_blind(connection)
            moved = [row for row in rows if row.address not in {"", notes.announced_address(connection, row.name)}]
            destinations = _destination_news(connection)
        seen = outlook(rows, self.clock())
        news = _News.between(book, rows, seen, told_blind)
        network = (told_network is None) != (seen.network_since is None)
        if not (news or network or moved or dead or destinations):
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
            self._tell_destinations(connection, destinations)

    def tell(self, view: HealthView) -> None:
        """Send one message to the operators now."""
        with self.database.write() as connection:
            self._tell(connection, messages.health(view))

    def _tell(self, connection: Connection, message: Rendered, without: frozenset[Destination] = frozenset()) -> None:
        everyone = self.operators()
        # the dead deliveries of one destination are reported to the others; to itself only if there are none
        others = [to for to in everyone if to not in without]
        send(connection, message, others or everyone, now=self.clock())

    def _tell_network(self, connection: Connection, book: Rulebook, seen: Outlook, told: datetime | None) -> None:
        now = self.clock()
        unreached = [row for row in sources.polled(connection) if row.failures and row.reason in UNREACHED]
        if seen.network_since is None:
            notes.set_network_down_since(connection, None)
            if names := [row.name for row in unreached]:  # they can be polled at once
                sources.poll_now(connection, now=now, names=names)
            view = HealthView(event=HealthEvent.NETWORK_UP, at=now, about="the network here", since=told)
        else:
            notes.set_network_down_since(connection, seen.network_since)
            view = HealthView(
                event=HealthEvent.NETWORK_DOWN,
                at=now,
                about="the network here",
                since=seen.network_since,
                details=tuple(f"{row.name}: {row.reason}: {row.detail}" for row in unreached),
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
        """Report claims that became blind or see again, but only once to operators who hear of the sources."""
        now, operators = self.clock(), self.operators()
        for concerned, event, told in (
            (news.blind, HealthEvent.CLAIM_BLIND, news.failing),
            (news.seeing, HealthEvent.CLAIM_SEES, news.mended),
        ):
            for claim in concerned:
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
                claims.mark_blind(connection, claim.id, now if event is HealthEvent.CLAIM_BLIND else None)

    def _tell_moved(self, connection: Connection, row: PollHistory) -> None:
        notes.set_announced_address(connection, row.name, row.address)
        view = HealthView(
            event=HealthEvent.SOURCE_MOVED,
            at=self.clock(),
            about=row.name,
            details=(f"from {row.url}", f"to {row.address}", "it is read there; write that into sources.yaml"),
        )
        self._tell(connection, messages.health(view))

    def _tell_dead(self, connection: Connection, dead: Sequence[Delivery]) -> None:
        outbox.mark_told(connection, [row.id for row in dead], now=self.clock())
        dead = [row for row in dead if row.kind != MessageKind.HEALTH]  # else each dead delivery would cause another
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
        self._tell(connection, messages.health(view), without=frozenset((row.channel, row.destination) for row in dead))

    def _tell_destinations(self, connection: Connection, news: DestinationNews) -> None:
        """Report failing destinations to the others; without others nothing is sent: it would arrive too late."""
        if not news:
            return
        now = self.clock()
        notes.set_failing_destinations(connection, news.told_after(now))
        others = [to for to in self.operators() if to not in news.told_after(now)]
        for row in news.failing:
            view = HealthView(
                event=HealthEvent.DESTINATION_FAILING,
                at=now,
                about=row.destination,
                since=row.created_at,
                details=(f"by {row.channel}, {pluralize(row.attempts, 'attempt')}: {row.reason}: {row.detail}",),
                command="watcher outbox",
            )
            send(connection, messages.health(view), others, now=now)
        for mended in news.mended:
            view = HealthView(event=HealthEvent.DESTINATION_RECOVERED, at=now, about=mended[1])
            send(connection, messages.health(view), [to for to in others if to != mended], now=now)


@dataclass(frozen=True, slots=True)
class DestinationNews:
    """What is to be reported about destinations, and what was reported before."""

    failing: Sequence[RefusedDelivery]
    mended: Sequence[Destination]
    told: Mapping[Destination, datetime]

    def __bool__(self) -> bool:
        return bool(self.failing or self.mended)

    def told_after(self, now: datetime) -> dict[Destination, datetime]:
        """Return the destinations that are known to fail after this report."""
        still = {each: told_at for each, told_at in self.told.items() if each not in self.mended}
        return still | {(row.channel, row.destination): now for row in self.failing}


def destination_news(
    told: Mapping[Destination, datetime],
    refused: Mapping[Destination, RefusedDelivery],
    last_sent: Mapping[Destination, datetime | None],
) -> DestinationNews:
    """Compare the destinations with what was reported.

    ``refused``: deliveries that wait there after a failure. ``last_sent``: when something last arrived there. A
    destination is mended if something has arrived since the report, and nothing waits after a failure.
    """
    lasting = {to: row for to, row in refused.items() if row.attempts > MAX_BEARABLE_FAILURES or row.reason in MENDABLE}
    arrived = {to: at for to, at in last_sent.items() if at is not None and to in told and at >= told[to]}
    return DestinationNews(
        failing=[row for to, row in lasting.items() if to not in told],
        mended=sorted(arrived.keys() - refused.keys()),
        told=told,
    )


def _destination_news(connection: Connection) -> DestinationNews:
    told = notes.failing_destinations(connection)
    refused = {(row.channel, row.destination): row for row in outbox.refused(connection)}
    last_sent = {to: outbox.last_sent(connection, outbox.lane(*to)) for to in told.keys() - refused.keys()}
    return destination_news(told, refused, last_sent)


@dataclass(frozen=True, slots=True)
class _News:
    """What is to be reported about sources."""

    failing: Sequence[PollHistory]
    mended: Sequence[PollHistory]
    blind: Sequence[Claim]
    seeing: Sequence[Claim]

    @classmethod
    def between(cls, book: Rulebook, rows: Sequence[PollHistory], seen: Outlook, told_blind: frozenset[str]) -> _News:
        """Return what has changed since the last report."""
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
    """Return the ids of the claims that need a source which cannot be read, or is not polled at all."""
    return tuple(claim.id for claim in book.claims if _blinding(claim, seen))


def _blinding(claim: Claim, seen: Outlook) -> list[str]:
    """Return the sources that make a claim blind."""
    return [name for name in claim.needs if name not in seen.conditions or seen.conditions[name].state.blinds]


def _why(seen: Outlook, name: str) -> str:
    condition = seen.conditions.get(name)
    return f"{name}: is not polled" if condition is None else f"{name}: {condition.state}: {condition.why}"


def _listed(rows: Sequence[PollHistory]) -> str:
    return ", ".join(row.name for row in rows)

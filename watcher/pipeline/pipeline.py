"""The way through, top to bottom: tick, poll, reread, deliver.

    tick ─┬─> poll      lease source > fetch > parse > what is new, edited > read the page behind it > match > judge
          │             > [ items + revisions + matches + alerts + evidence + messages + outbox + next poll ]
          ├─> reread    lease page > fetch > what it says now > match > judge
          │             > [ revision + matches + alerts + evidence + messages + outbox + next reading ]
          └─> deliver   lease delivery > send > [ settled, or next attempt ]

``[ ]`` is one transaction; of a big reading, one for each batch of it. Rows are the truth, tasks are hints: one that is
lost, doubled or late does no harm, since a worker that finishes late finds that it no longer holds its lease, and
writes nothing. The other modules of this package have the details.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from storage import items, leases, outbox, pages, sources
from storage.database import Connection, Database, StorageError
from storage.items import StoredItem
from storage.leases import DELIVERIES, PAGES, SOURCES, Lease, StaleLease
from storage.outbox import Delivery, DeliveryOutcome
from storage.pages import PageState
from storage.sources import PollOutcome, SourceState
from watcher import schedule, source_condition
from watcher.channels import Channel, Closed
from watcher.fetchers import Fetcher
from watcher.model import (
    Clock,
    DeliveryError,
    Envelope,
    FetchError,
    Memory,
    MessageKind,
    Priority,
    Reading,
    Reason,
    Rendered,
    Source,
    TextFrom,
    WatcherError,
)
from watcher.pipeline import entries, outcomes
from watcher.pipeline.alerting import AlertWriter, Finding
from watcher.pipeline.finding import FindingBuilder
from watcher.pipeline.live import Live
from watcher.pipeline.pages import PageReader, PageResult
from watcher.pipeline.pools import Pool
from watcher.pipeline.storing import begin, store_reread

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
FAULT = "an error in watcher itself; see its log"
DISABLED = "not asked: it wanted no more messages; `watcher outbox retry` asks it again"


@dataclass(slots=True)
class Pipeline:
    """Polls, rereads and delivers, with what is needed for that."""

    database: Database
    clock: Clock
    live: Live
    fetchers: Mapping[str, Fetcher]
    channels: Mapping[str, Channel]
    page_reader: PageReader
    polls: Pool
    pages: Pool
    deliveries: Pool
    zone: ZoneInfo
    """The time zone of the quiet hours."""
    findings_per_transaction: int = 200
    """Of one reading; nobody else can write meanwhile on SQLite."""
    _quiet: deque[tuple[Lease, PollOutcome]] = field(default_factory=deque)
    """Polls that changed nothing, to be settled together at the next tick."""

    def tick(self) -> None:
        """Settle the quiet polls, renew the leases of work in progress, hand out what is due."""
        now, short = self.clock(), self.database.is_short_of_room()  # then only waiting deliveries are begun
        share = max(1, self.deliveries.size // max(1, len(self.channels)))  # of a channel, whose server may hang
        with self.database.write() as connection:
            self._settle_quiet(connection)
            self._renew(connection, now)
            polls = leases.lease(
                connection, SOURCES, now=now, until=now + LEASE, limit=0 if short else self.polls.room()
            )
            pages_due = leases.lease(
                connection, PAGES, now=now, until=now + LEASE, limit=0 if short else self.pages.room()
            )
            sends = leases.lease(
                connection, DELIVERIES, now=now, until=now + LEASE, limit=self.deliveries.room(), share=share
            )
        for lease in polls:
            self.polls.submit(self.poll, lease)
        for lease in pages_due:
            self.pages.submit(self.reread, lease)
        for lease in sends:
            self.deliveries.submit(self.deliver, lease)

    def poll(self, lease: Lease) -> None:
        """Read one source and store everything that follows from it."""
        live = self.live  # once: it may be replaced while the source is read
        with self.database.read() as connection:
            row = sources.get(connection, lease.id)
        source = live.rulebook.source(row.name)
        here = replace(source, url=row.address) if row.address else source  # where it has moved to for good
        began = self.clock()
        try:
            with _understood(lambda: FetchError(Reason.INTERNAL, FAULT)):
                reading = self.fetchers[source.kind].fetch(here, self._memory(row))
                now = self.clock()
                values = outcomes.after_reading(source, row, reading, now, took=now - began)
                if reading.unchanged:
                    self._quiet.append((lease, values))
                else:
                    findings = self._builder(live, source).build(row, reading)
                    self._keep(lease, live, row, reading, findings, values)
        except FetchError as error:
            if error.reason is Reason.INTERRUPTED:
                return  # watcher is stopping: the source did nothing wrong, and the next start visits it again
            self._settle_failure(lease, source, row, error)
            log.warning("poll", source=source.id, reason=error.reason.value, detail=error.detail)
        else:
            log.info("poll", source=source.id, entries=reading.total, changed=not reading.unchanged)

    def reread(self, lease: Lease) -> None:
        """Read the page behind one item, and store everything that follows if it has changed."""
        live = self.live  # once: it may be replaced while the page is read
        with self.database.read() as connection:
            row = pages.get(connection, lease.id)
            item = items.get(connection, row.item_id)
        source = next((one for one in live.rulebook.sources if one.id == item.source and one.enabled), None)
        if source is None or source.text_from is TextFrom.FEED:
            self._settle_page(
                lease, row, PageResult(problem="its source is read no more, or without pages"), again=False
            )
            return
        try:
            with _understood(lambda: FetchError(Reason.INTERNAL, FAULT)):
                attached, before = entries.attached(item), item.page or ""
                page = self.page_reader.visit(item.link, source.text_from, attached, before)
                finding = self._builder(live, source).after_rereading(item, page)
                self._keep_page(lease, live, row, item, page, finding)
        except FetchError as error:
            if error.reason is not Reason.INTERRUPTED:
                self._settle_page(lease, row, PageResult(problem=str(error)), again=True)
        else:
            log.info("page", item=item.id, source=source.id, problem=page.missing)

    def deliver(self, lease: Lease) -> None:
        """Send one message to one destination and store the outcome."""
        with self.database.read() as connection:
            row = outbox.get(connection, lease.id)
            channel = self._way_out(connection, row)
        attempt, began = row.attempts + 1, self.clock()
        if channel.quiet is not None and row.priority != Priority.URGENT:
            quiet_until = schedule.quiet_until(began, channel.quiet, self.zone)
            if quiet_until is not None:
                with self.database.write() as connection:
                    outbox.settle_delivery(connection, lease, outcomes.after_waiting(quiet_until))
                return
        values = self._hand_over(row, channel, attempt) | {"rests_until": began + channel.spacing}
        with self.database.write() as connection:
            outbox.settle_delivery(connection, lease, values)
        bound = log.bind(delivery=lease.id, channel=row.channel, kind=row.kind, attempt=attempt)
        bound.info("delivery", state=values["state"], reason=values["reason"], detail=values["detail"])

    def _way_out(self, connection: Connection, row: Delivery) -> Channel:
        if not row.reason and outbox.is_disabled(connection, row.lane):
            return Closed(row.channel, Reason.GONE, DISABLED)
        unknown = Closed(row.channel, Reason.REFUSED, f"no channel is called {row.channel!r} any more")
        return self.channels.get(row.channel, unknown)

    def _hand_over(self, row: Delivery, channel: Channel, attempt: int) -> DeliveryOutcome:
        try:
            with _understood(lambda: DeliveryError(Reason.INTERNAL, FAULT)):
                channel.send(_envelope(row, attempt))
        except DeliveryError as error:
            return outcomes.after_refusal(row, attempt, error, channel.schedule, self.clock())
        return outcomes.after_sending(attempt, self.clock())

    def go_live(self, live: Live) -> None:
        """Match with these rules from now on, and read again what is being read with the rules before them.

        Otherwise it would be stored after the search of stored items for hits of new rules, which would miss it.
        """
        self.live = live
        with self.database.write() as connection:
            for queue in (SOURCES, PAGES):
                leases.take_back(connection, queue, now=self.clock())

    @property
    def pools(self) -> tuple[Pool, ...]:
        """All pools that work on leased rows."""
        return self.polls, self.pages, self.deliveries

    def renew_leases(self) -> None:
        """Keep the leases of work in progress, and hand out nothing new."""
        with self.database.write() as connection:
            self._renew(connection, self.clock())

    def release(self) -> None:
        """Store what is known when the service ends; what is still being sent becomes *unknown*."""
        with self.database.write() as connection:
            self._settle_quiet(connection)
            outbox.interrupt(connection, self.deliveries.in_hand())

    def _renew(self, connection: Connection, now: datetime) -> None:
        for queue, pool in zip((SOURCES, PAGES, DELIVERIES), self.pools, strict=True):
            ending = pool.renew(now + LEASE / 2, until=now + LEASE)
            leases.renew(connection, queue, ending, until=now + LEASE)

    def _memory(self, row: SourceState) -> Memory:
        """Return what the fetcher stored at the last poll; without validators if a full reading is due."""
        in_full = outcomes.full_read_is_due(row, self.clock())
        return Memory(
            etag=None if in_full else row.etag,
            last_modified=None if in_full else row.last_modified,
            body_hash=row.body_hash,
            fingerprints=frozenset(sources.unpack_fingerprints(row.fingerprints)),
        )

    def _settle_failure(self, lease: Lease, source: Source, row: SourceState, error: FetchError) -> None:
        with self.database.write() as connection:
            now = self.clock()
            network_down = source_condition.network_down_since(sources.polled(connection), now) is not None
            values = outcomes.after_failure(source, row, error, now, network_down=network_down)
            sources.settle_poll(connection, lease, values)

    def _keep(
        self, lease: Lease, live: Live, row: SourceState, reading: Reading, findings: list[Finding], values: PollOutcome
    ) -> None:
        now: datetime = values["last_ok_at"]
        writer = AlertWriter(live, now)
        with self.database.read() as connection:
            keeping = begin(connection, row, reading, findings, writer)
        *early, last = keeping.batches(self.findings_per_transaction)
        for batch in early:
            with self.database.write() as connection:
                leases.hold(connection, SOURCES, lease, until=self.clock() + LEASE)
                keeping.keep(connection, batch)
        with self.database.write() as connection:
            keeping.keep(connection, last)
            values |= outcomes.after_keeping(row, keeping.finish(connection), now)
            sources.settle_poll(connection, lease, outcomes.by_the_clock(values, self.clock()))

    def _keep_page(
        self, lease: Lease, live: Live, row: PageState, item: StoredItem, page: PageResult, finding: Finding | None
    ) -> None:
        now = self.clock()
        writer = AlertWriter(live, now)
        with self.database.write() as connection:
            again = store_reread(connection, item, page, finding, writer)
            pages.settle_page(connection, lease, outcomes.after_page(row, page, now, again=again))

    def _settle_page(self, lease: Lease, row: PageState, page: PageResult, *, again: bool) -> None:
        with self.database.write() as connection:
            pages.settle_page(connection, lease, outcomes.after_page(row, page, self.clock(), again=again))

    def _builder(self, live: Live, source: Source) -> FindingBuilder:
        return FindingBuilder(self.database, live, source, self.page_reader.budget(live.rules))

    def _settle_quiet(self, connection: Connection) -> None:
        while self._quiet:
            lease, values = self._quiet.popleft()
            try:
                sources.settle_poll(connection, lease, outcomes.by_the_clock(values, self.clock()))
            except StaleLease:
                log.warning("a poll came too late", source=lease.id)


@contextmanager
def _understood(fault: Callable[[], WatcherError]) -> Iterator[None]:
    """Settle a fault in watcher like any failure, or the row would be tried again without end."""
    try:
        yield
    except (WatcherError, StorageError, StaleLease):
        raise
    except Exception as error:
        log.exception("a fault in watcher")
        raise fault() from error


def _envelope(row: Delivery, attempt: int) -> Envelope:
    return Envelope(
        key=row.key,
        destination=row.destination,
        created_at=row.created_at,
        message=Rendered(kind=MessageKind(row.kind), subject=row.subject, text=row.text, html=row.html, data=row.data),
        thread=row.thread,
        attempt=attempt,
    )

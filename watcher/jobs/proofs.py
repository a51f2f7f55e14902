"""Proofs of life: the messages about each week's canary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage import digests, items, outbox, proofs, sources
from storage.database import Connection, Database
from storage.outbox import Delivery
from watcher import canary, messages
from watcher.messages import DigestReason, ProofView
from watcher.model import Claim, Clock, DeliveryState
from watcher.pipeline import views
from watcher.pipeline.alerting import send
from watcher.pipeline.live import Recipients
from watcher.rulebook import Rulebook
from watcher.source_condition import outlook
from watcher.text.humanize import when


@dataclass(frozen=True, slots=True)
class Proofs:
    """Writes the proof of life of each claim whose rule the canary hit."""

    database: Database
    clock: Clock
    recipients: Recipients

    def tell(self, book: Rulebook) -> int:
        """Send what the canary brought. Return to how many claims."""
        with self.database.read() as connection:
            hit = [claim for claim in book.claims if digests.waiting(connection, claim.id, DigestReason.PROOF)]
        for claim in hit:
            with self.database.write() as connection:
                self._send(connection, book, claim)
        return len(hit)

    def _send(self, connection: Connection, book: Rulebook, claim: Claim) -> None:
        now = self.clock()
        lines = digests.waiting(connection, claim.id, DigestReason.PROOF)
        seen = items.get(connection, lines[-1].item_id).first_seen_at
        message = messages.proof(_view(connection, book, claim, seen, now))
        message_id = send(connection, message, self.recipients(claim), now=now, thread=canary.thread(claim.id))
        digests.settle(connection, [line.id for line in lines], message_id)


def _view(connection: Connection, book: Rulebook, claim: Claim, canary_at: datetime, now: datetime) -> ProofView:
    rows = sources.polled(connection)
    conditions = outlook(rows, now).conditions
    heard = {source.id for source in book.sources if any(rule.listens_to(source) for rule in claim.rules)}
    listened = [row for row in rows if row.name in heard]
    since = now - canary.SOURCE.every
    unread = [row.name for row in listened if row.last_ok_at is None or row.last_ok_at < since]
    rules, ids = [rule.id for rule in claim.rules], [row.id for row in listened]
    found = proofs.figures(connection, claim.id, rules, ids, since=since)
    return ProofView(
        claim=views.claim(claim),
        at=now,
        since=since,
        canary_at=canary_at,
        sources=len(listened) - len(unread),
        unread=tuple(f"{name}: {conditions[name].state}: {conditions[name].why}" for name in unread),
        items=found.items,
        hits=found.hits,
        suppressed=found.suppressed,
        near_misses=found.near_misses,
        last=tuple(map(_arrived, outbox.last_of_thread(connection, canary.thread(claim.id)))),
    )


def _arrived(row: Delivery) -> str:
    to = f"{row.channel} {row.destination}"
    if row.state == DeliveryState.SENT and row.sent_at is not None:
        return f"arrived at {to}, {when(row.sent_at)}"
    return f"did not arrive at {to}: {row.state}"

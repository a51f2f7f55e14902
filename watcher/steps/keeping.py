"""Writing down what a poll brought, inside one transaction: items, revisions, matches, and what they call for."""

from __future__ import annotations

from collections.abc import Iterable

from storage import items
from storage.database import Connection, Row
from watcher.model import Reading
from watcher.steps import records
from watcher.steps.alerting import Desk, Finding, remember

ALREADY_THERE = "already there"


def keep(connection: Connection, row: Row, reading: Reading, findings: Iterable[Finding], desk: Desk) -> bytes:
    """Store every finding; gives the packed fingerprints of the document, each with the item it is."""
    before = records.fingerprints(row["fingerprints"])
    here = {print_: before[print_] for print_ in reading.skipped if print_ in before}
    for finding in findings:
        here[finding.decision.entry.fingerprint] = _keep_one(connection, row, finding, desk)
    return records.pack_fingerprints(here)


def _keep_one(connection: Connection, row: Row, finding: Finding, desk: Desk) -> int:
    """Store one finding; gives the id of its item."""
    decision, first_poll = finding.decision, row["baselined_at"] is None
    if decision.item_id is None:
        said = records.revision(decision)
        item_id, revision_id = items.add(
            connection, row["id"], decision.keys, said, now=desk.now, already_there=first_poll
        )
        remember(connection, finding, item_id)
    else:
        item_id = decision.item_id
        items.add_keys(connection, row["id"], decision.keys, item_id)
        if decision.event is None:
            return item_id
        revision_id = items.add_revision(connection, item_id, records.revision(decision), now=desk.now)
    event = ALREADY_THERE if first_poll else str(decision.event)
    matches = records.new_matches(finding.matches, event)
    items.add_matches(connection, item_id, revision_id, matches, now=desk.now)
    desk.note_near_misses(connection, finding, item_id)
    if first_poll:
        desk.already_there(connection, finding, item_id)
    else:
        desk.take(connection, finding, item_id)
    return item_id

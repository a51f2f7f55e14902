"""The responses behind an alert: stored when one of its messages is written, and named in it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from storage import evidence
from storage.database import Connection
from watcher.model import Entry, Evidence
from watcher.pipeline.pages import PageResult
from watcher.text.humanize import when


def keep(
    connection: Connection, alert_id: int, seen: Sequence[Evidence], entry: Entry, page: PageResult | None
) -> None:
    """Store responses, each with the text that was read in it."""
    supplied = "\n\n".join(filter(None, (entry.title, entry.summary, entry.text)))
    for answer in _about(seen, entry, page):
        new = evidence.NewEvidence(
            what=answer.what,
            url=answer.url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            fetched_at=answer.fetched_at,
            text=supplied if answer.text is None else answer.text,
        )
        evidence.keep(connection, alert_id, new)


def _about(seen: Sequence[Evidence], entry: Entry, page: PageResult | None) -> Sequence[Evidence]:
    """Of a source that was read in several responses, return those that contain the item, if that is visible."""
    if len(seen) < 2:  # nothing to choose from, and one big document may be behind thousands of alerts
        return seen
    marks = [mark.encode() for mark in (entry.guid, entry.link, urlsplit(entry.link).path[1:], entry.title) if mark]
    behind = () if page is None else page.evidence
    holding = [answer for answer in seen if answer in behind or any(mark in answer.body for mark in marks)]
    return holding if any(answer not in behind for answer in holding) else seen


def lines(connection: Connection, alert_id: int) -> tuple[str, ...]:
    """Return the evidence of an alert in words, a line each, oldest first."""
    return tuple(
        f"{each.what} as fetched {when(each.fetched_at)}, sha256 {each.sha256.hex()}"
        for each in evidence.of_alert(connection, alert_id)
    )

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from watcher.messages import AlertView, ClaimView, HitView, ItemView, OutletView, SentenceChange
from watcher.model import Bearing, EventKind, Impact, Priority, Span

TITLE = "Two Minneapolis officers resigned, joined ICE, records show"
TEXT = "It began quietly. St. Paul said two Minneapolis police officers quit and joined ICE. It rained."


def spans(part: str, text: str, *words: str) -> tuple[Span, ...]:
    """The first place of each of the words in the text."""
    return tuple(Span(part, text.index(word), text.index(word) + len(word)) for word in words)


VIEW = AlertView(
    alert_id="17",
    at=datetime(2026, 1, 20, 14, 12, tzinfo=UTC),
    claim=ClaimView(
        id="mpd-ice",
        claim_reviewed="Minneapolis police officers quit to join ICE",
        rating="No evidence",
        url="https://example.org/fact-checks/mpd-ice",
        date_published="2026-01-15",
        owner="desk-mn",
    ),
    priority=Priority.URGENT,
    event=EventKind.EDITED,
    item=ItemView(
        title=TITLE,
        link="https://news.example/a?b=1&c=2",
        source_id="star-tribune",
        official=True,
        outlet="AP",
        author="Jo Doe",
        published=datetime(2026, 1, 20, 14, 5, tzinfo=UTC),
        first_seen=datetime(2026, 1, 20, 14, 12, tzinfo=UTC),
        parts={"title": TITLE, "text": TEXT},
        summary_only=True,
    ),
    hits=(
        HitView(
            rule_id="documented-transfer",
            asks="Does this name or count officers who left MPD for ICE?",
            bearing=Bearing.AGAINST,
            priority=Priority.URGENT,
            spans=spans("title", TITLE, "Minneapolis officers", "joined", "ICE")
            + spans("text", TEXT, "Minneapolis police", "joined", "ICE"),
            distance=1,
            why="a word of @mpd and @join near/15 @ice",
        ),
    ),
    changed_sentences=(SentenceChange(before="No officer left.", after="Two officers left."),),
    impact=Impact(score=70, reasons=("topic match 1.8 (strong)",)),
    outlets=(OutletView(outlet="KSTP", link="https://kstp.example/x", seen=datetime(2026, 1, 20, 15, tzinfo=UTC)),),
    likely_origin="AP",
    evidence=("page of 12 kB, SHA-256 0123abcd",),
)


@pytest.fixture
def view() -> Callable[..., AlertView]:
    """An alert in which every field is filled; what is given replaces fields, ``item`` and ``hit`` parts of these."""

    def make(*, item: dict[str, Any] | None = None, hit: dict[str, Any] | None = None, **fields: Any) -> AlertView:
        changed = replace(VIEW, item=replace(VIEW.item, **(item or {})), **fields)
        return replace(changed, hits=(replace(changed.hits[0], **(hit or {})), *changed.hits[1:]))

    return make

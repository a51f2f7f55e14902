from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watcher.messages import (
    AlertView,
    ClaimView,
    DigestEntry,
    DigestReason,
    DigestView,
    HealthEvent,
    HealthView,
    HitView,
    ItemView,
    digest,
    health,
)
from watcher.messages.payload import MAX_BYTES, encoded_size
from watcher.model import MessageKind, Priority, Span

NOW = datetime(2026, 1, 20, 14, 12, tzinfo=UTC)


def entry(title: str = "A title", published: datetime | None = NOW, **fields: Any) -> DigestEntry:
    item = ItemView(title=title, link="https://x.example/1", source_id="doj", first_seen=NOW, published=published)
    return replace(DigestEntry(item=item, hits=(HitView(rule_id="r"), HitView(rule_id="s"))), **fields)


def view(*entries: DigestEntry, reason: DigestReason = DigestReason.ALREADY_THERE) -> DigestView:
    claim = ClaimView(id="c", claim_reviewed="The claim", rating="False")
    return DigestView(reason=reason, claim=claim, at=NOW, sources=3, items=212, entries=entries)


def test_already_there_says_what_would_have_alerted_and_lists_it() -> None:
    message = digest(view(entry("First"), entry("Second")))
    assert message.kind is MessageKind.DIGEST
    assert message.subject == "[already there] The claim: 2 items"
    assert message.text.startswith(
        "read 3 sources, 212 items; these rules would have alerted 2 times in the last 30 days\n"
    )
    assert "Claim: The claim (False)\n" in message.text
    assert "1: First\nhttps://x.example/1\ndoj, published 2026-01-20 14:12 UTC\nRules: r, s" in message.text
    assert "2: Second" in message.text


def test_only_items_of_the_last_days_count_and_the_others_are_told_apart() -> None:
    old, undated = entry(published=NOW - timedelta(days=31)), entry(published=None)
    message = digest(view(entry(), old, undated))
    assert (
        "would have alerted 1 time in the last 30 days\nand 2 times on items that are older or bear no date"
        in message.text
    )
    assert "doj, first seen 2026-01-20 14:12 UTC" in message.text
    assert message.data["data"]["recent"] == 1


def test_nothing_already_there_is_said_too() -> None:
    message = digest(view())
    assert "these rules would have alerted 0 times in the last 30 days\n" in message.text
    assert message.data["data"]["entries"] == []


def test_an_entry_shows_the_sentences_that_matched() -> None:
    item = replace(entry().item, parts={"title": "Two officers left. Rain fell."})
    hit = HitView(rule_id="r", spans=(Span("title", 4, 12),))
    assert "**officers**" in digest(view(entry(item=item, hits=(hit,)))).text


def test_a_daily_digest_gives_the_command_for_each_alert() -> None:
    message = digest(view(entry(alert_id="9"), reason=DigestReason.DAILY))
    assert message.subject == "[daily digest] The claim: 1 item"
    assert "watcher alerts answer 9 no-change" in message.text
    assert message.data["data"]["entries"][0]["alert_id"] == "9"


def test_a_digest_of_thousands_names_what_it_leaves_out() -> None:
    message = digest(view(*(entry(f"Title {number}") for number in range(3000))))
    assert "and 2900 more, listed by: watcher alerts" in message.text
    assert message.data["data"]["shortened"] is True
    assert message.data["data"]["recent"] == 3000
    assert encoded_size(message.data) <= MAX_BYTES


def test_notes_stand_at_the_end() -> None:
    message = digest(replace(view(), notes=("kstp could not be read: timeout",)))
    assert message.text.endswith(
        "Note: kstp could not be read: timeout\nAutomated match, unverified; names may be other people's.\n"
    )


@pytest.mark.parametrize("event", HealthEvent)
def test_health_says_what_happened_to_whom_and_what_to_type(event: HealthEvent) -> None:
    message = health(
        HealthView(
            event=event,
            at=NOW,
            about="doj\r\nBcc: x",
            since=NOW,
            details=("http status: 503",),
            blind_claims=("mpd-ice",),
            command="watcher sources doj",
        )
    )
    assert message.kind is MessageKind.HEALTH
    assert message.subject.startswith("[watcher] ")
    assert message.subject.endswith(": doj Bcc: x")
    for words in ("Since: 2026-01-20 14:12 UTC", "http status: 503", "mpd-ice", "Next: watcher sources doj"):
        assert words in message.text
    assert message.data["type"] == "health"
    assert message.data["data"]["event"] == event.value


def test_health_leaves_out_what_it_does_not_know() -> None:
    text = health(HealthView(event=HealthEvent.SEND_TEST, at=NOW, about="desk")).text
    assert text == "This is a test. If you can read it, this channel works.\nAbout: desk\n"


@pytest.mark.parametrize("filler", ["a", "é", "😀", '"', "\\"])
def test_the_longest_alert_fits_a_payload_and_says_that_it_was_cut(view: Callable[..., AlertView], filler: str) -> None:
    from watcher.messages import OutletView, SentenceChange, alert

    long = (filler + " ") * 20_000
    spans = tuple(Span("text", start, start + 200) for start in range(0, 30_000, 700))
    link = "https://x.example/" + "a" * 1980
    hit = HitView(rule_id=long, asks=long, priority=Priority.URGENT, spans=spans, why=long, suppressed_by="")
    message = alert(
        view(
            item={"title": long, "author": long, "outlet": long, "link": link, "parts": {"text": long}},
            hits=(hit,) * 20,
            outlets=(OutletView(outlet=long, link=link),) * 40,
            changed_sentences=(SentenceChange(before=long, after=long),) * 40,
            evidence=(long,) * 40,
            alert_id="17",
        )
    )
    assert encoded_size(message.data) <= MAX_BYTES
    assert message.data["data"]["shortened"] is True
    assert message.data["data"]["item"]["url"] == link
    assert len(message.subject) < 250

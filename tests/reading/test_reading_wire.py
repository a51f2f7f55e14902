from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from watcher.model import Attached, Entry, FetchError, Memory, Reading, Reason
from watcher.reading import plain_text, wire
from watcher.reading.attached import MAX_ATTACHED
from watcher.reading.replies import (
    Refusal,
    Reply,
    encode,
    trusted,
    trusted_article,
    trusted_fact_check,
    trusted_feed_links,
    trusted_part,
    trusted_pdf,
    trusted_proposals,
)
from watcher.reading.results import Article, ClaimReview, FactCheck, FeedLink, OptionsProposal, Part, PdfText

ANSWER = TypeAdapter(Reply[Reading])
ENTRY = Entry(
    guid="g",
    link="https://example.org/1",
    title="t",
    text="one\n\ntwo",
    published=datetime(2026, 1, 20, 10, tzinfo=UTC),
    tags=("a", "b"),
    fingerprint=bytes(range(16)),
)
READING = Reading(
    entries=(ENTRY,),
    skipped=frozenset({bytes(16)}),
    memory=Memory(fingerprints=frozenset({bytes(16), bytes(range(16))})),
    total=2,
    hold=timedelta(minutes=5),
    title="f",
)


def test_a_frame_arrives_whole() -> None:
    ours, theirs = socket.socketpair()
    payload = bytes(range(256)) * 40_000
    with ours, theirs:
        sender = threading.Thread(target=wire.send, args=(theirs, payload))
        sender.start()
        assert wire.receive(ours, deadline=time.monotonic() + 10) == payload
        sender.join()


def test_waiting_for_a_frame_ends_at_the_deadline_though_bytes_drip() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"\0\0\0\x64" + b"x" * 50)
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            wire.receive(ours, deadline=began + 0.1)
        assert time.monotonic() - began < 1


def test_a_frame_that_is_too_long_is_refused_unread() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall((wire.MAX_FRAME_BYTES + 1).to_bytes(4))
        with pytest.raises(ValueError, match="over the"):
            wire.receive(ours)


def test_the_end_of_the_channel_is_told() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        with pytest.raises(EOFError):
            wire.receive(ours)


def test_a_reading_comes_back_as_it_was_sent() -> None:
    assert trusted(ANSWER.validate_json(encode(Reply(read=READING))).result()) == READING


def test_a_refusal_comes_back_as_an_error() -> None:
    answer = ANSWER.validate_json(encode(Reply(refusal=Refusal(reason=Reason.DAMAGED, detail="broken"))))
    with pytest.raises(FetchError, match="damaged: broken"):
        answer.result()


@pytest.mark.parametrize(
    "change",
    [
        {"title": "a\nb"},
        {"title": "x" * (plain_text.LINE_LIMIT + 1)},
        {"author": "\x1b[31m"},
        {"tags": ("a\x00",)},
        {"tags": ("a",) * 101},
        {"text": "\x85"},
        {"summary": "x" * (plain_text.TEXT_LIMIT + 1)},
        {"link": "javascript:alert(1)"},
        {"link": "/relative"},
        {"guid": "x" * (plain_text.KEY_LIMIT + 1)},
        {"published": datetime(2026, 1, 1)},  # noqa: DTZ001 - that is what is wrong with it
        {"fingerprint": b"short"},
    ],
)
def test_an_entry_that_breaks_a_promise_is_not_believed(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^an? "):
        trusted(replace(READING, entries=(replace(ENTRY, **change),)))


@pytest.mark.parametrize(
    "change",
    [
        {"total": 0},
        {"title": "a\nb"},
        {"damaged": "\x00"},
        {"skipped": frozenset({b"x"})},
        {"memory": Memory(fingerprints=frozenset({b""}))},
    ],
)
def test_a_reading_that_breaks_a_promise_is_not_believed(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^an? |^more"):
        trusted(replace(READING, **change))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"read": 5}',
        b'{"read": {"memory": {}, "more": 1}}',
        b'{"read": {"memory": {}, "title": "\\ud800"}}',
        b'{"read": {"memory": {}, "total": "many"}}',
        b'{"read": {"memory": {"fingerprints": ["zz"]}}}',
        b'{"refusal": {"reason": "no such reason", "detail": ""}}',
    ],
)
def test_what_is_no_answer_is_not_understood(payload: bytes) -> None:
    with pytest.raises(ValidationError):
        ANSWER.validate_json(payload)


def test_an_empty_answer_is_none() -> None:
    with pytest.raises(ValueError, match="empty"):
        ANSWER.validate_json(b"{}").result()


def test_only_what_an_answer_is_made_of_is_encoded() -> None:
    with pytest.raises(TypeError, match="cannot be in a reply"):
        encode(Reply(read=replace(READING, title=object())))  # type: ignore[arg-type]  # that is the point
    assert json.loads(encode(Reply(read=READING)))["read"]["entries"][0]["title"] == asdict(ENTRY)["title"]


@pytest.mark.parametrize("further", ["javascript:alert(1)", "file:///etc/passwd", "/2", "https://a.example/\n"])
def test_a_part_that_leads_elsewhere_than_to_the_web_is_not_believed(further: str) -> None:
    reading = Reading(memory=Memory())
    assert trusted_part(Part(reading=reading, next="https://a.example/2")).next == "https://a.example/2"
    with pytest.raises(ValueError, match="to the web"):
        trusted_part(Part(reading=reading, next=further))


@pytest.mark.parametrize(
    "paper",
    [
        PdfText(pages=("one", "two"), total=1),
        PdfText(pages=("one\f",), total=1),
        PdfText(pages=("x" * (plain_text.TEXT_LIMIT + 1),), total=1),
        PdfText(problem="two\nlines"),
    ],
    ids=["pages", "form feed", "length", "problem"],
)
def test_a_paper_that_cannot_be_is_not_believed(paper: PdfText) -> None:
    with pytest.raises(ValueError, match=r"pages|plain"):
        trusted_pdf(paper)


@pytest.mark.parametrize(
    "article",
    [
        Article(text="a\x1cb"),
        Article(text="a\fb"),
        Article(title="two\nlines"),
        Article(attached=(Attached(url="file:///etc/passwd", name="Agenda"),)),
        Article(attached=(Attached(url="https://a.example/1", name="two\nlines"),)),
        Article(attached=(Attached(url="https://a.example/1", name="\x1cAgenda"),)),
        Article(attached=(Attached(url="https://a.example/1", name="Agenda"),) * (MAX_ATTACHED + 1)),
    ],
)
def test_an_article_that_is_not_plain_or_leads_astray_is_not_believed(article: Article) -> None:
    with pytest.raises(ValueError, match=r"plain|web|documents"):
        trusted_article(article)


@pytest.mark.parametrize(
    "found",
    [
        FactCheck(article=Article(text="a\fb")),
        FactCheck(article=Article(), outlet="two\nlines"),
        FactCheck(article=Article(), url="javascript:alert(1)"),
        FactCheck(article=Article(), published="20260120"),
        FactCheck(article=Article(), reviews=(ClaimReview(claim="two\nlines"),)),
        FactCheck(article=Article(), reviews=(ClaimReview(rating="x" * (plain_text.LINE_LIMIT + 1)),)),
        FactCheck(article=Article(), reviews=(ClaimReview(url="file:///etc/passwd"),)),
        FactCheck(article=Article(), reviews=(ClaimReview(text="a\x1cb"),)),
        FactCheck(article=Article(), reviews=(ClaimReview(published="soon"),)),
    ],
)
def test_a_fact_check_that_is_not_plain_or_leads_astray_is_not_believed(found: FactCheck) -> None:
    with pytest.raises(ValueError, match=r"plain|web|day|isoformat"):
        trusted_fact_check(found)


def test_an_entry_whose_papers_lead_astray_is_not_believed() -> None:
    entry = Entry(fingerprint=bytes(16), attached=(Attached(url="file:///etc/passwd", name="Agenda"),))
    with pytest.raises(ValueError, match="web"):
        trusted(Reading(entries=(entry,), memory=Memory(), total=1))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/feed", "https://a.example/a b"])
def test_a_lead_elsewhere_than_to_the_web_is_not_believed(url: str) -> None:
    with pytest.raises(ValueError, match="web"):
        trusted_feed_links([FeedLink(kind="feed", url=url, title="Feed")])


def test_a_proposal_of_several_lines_is_not_believed() -> None:
    with pytest.raises(ValueError, match="plain"):
        trusted_proposals([OptionsProposal(options={"item": "li\nurl: x"}, count=2)])

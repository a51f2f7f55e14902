"""Input made by chance for everything that reads what strangers wrote."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes

from reading.pdfs import pdf
from world import CLAIM, SOURCES, FakeOptions

from watcher.channels.mail import MailOptions, letter
from watcher.matching import QueryError
from watcher.messages import HealthEvent, HealthView, health
from watcher.model import Envelope, FetchError
from watcher.reading import article, json_items, syndication
from watcher.reading import pdf as pdf_text
from watcher.reading.extraction import JsonExpressions
from watcher.rulebook import RulebookError, load

TOO_LONG = 10
"""Seconds for one input."""

URL = "https://example.org/feed"
EXPRESSIONS = JsonExpressions(items="items", key="id", title="name")
MAIL = MailOptions(host="mail.example.org", sender="watcher@example.org", to=("desk@example.org",))
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Id", "MIME-Version", "Content-Type"}


def _feed(data: bytes) -> None:
    syndication.read(data, url=URL, content_type="", known=frozenset())


def _article(data: bytes) -> None:
    article.read(data, url=URL, content_type="text/html")


def _json(data: bytes) -> None:
    json_items.read(data, url=URL, content_type="application/json", known=frozenset(), extract=EXPRESSIONS)


def _pdf(data: bytes) -> None:
    pdf_text.read(data)


def _rules(data: bytes) -> None:
    load({"sources.yaml": SOURCES, "claims/one.yaml": data.decode(errors="replace")}, {"fake": FakeOptions})


def _mail(data: bytes) -> None:
    """No text adds a header, or ends them."""
    text = data.decode("utf-8", "surrogatepass" if data.isascii() else "replace")
    view = HealthView(
        event=HealthEvent.SOURCE_FAILING, at=datetime(2026, 1, 20, tzinfo=UTC), about=text, details=(text,)
    )
    envelope = Envelope(key="msg_1", destination="desk@example.org", created_at=view.at, message=health(view))
    assert set(message_from_bytes(letter(envelope, MAIL)).keys()) == HEADERS


TARGETS: dict[str, Callable[[bytes], None]] = {
    "feed": _feed,
    "html": _article,
    "json": _json,
    "pdf": _pdf,
    "rules": _rules,
    "mail": _mail,
}
SEEDS: dict[str, list[bytes]] = {
    "feed": [
        b"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title><ttl>60</ttl><item><guid>1</guid><title>a"
        b"</title><link>https://example.org/1</link><pubDate>Tue, 20 Jan 2026 12:00:00 GMT</pubDate></item></channel>"
        b"</rss>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><entry><id>1</id><title type='html'>&lt;b>a</title>"
        b"<updated>2026-01-20T12:00:00Z</updated><content type='xhtml'><div>b</div></content></entry></feed>",
        b"<rss version='2.0'><channel><item><title>a</title><authors>b</authors><tags c='d'/></item></channel></rss>",
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": "1", "title": "a"}]}',
    ],
    "html": [
        b"<html><head><title>a</title></head><body><article><h1>a</h1><p>" + b"Officers left. " * 40 + b"</article>"
    ],
    "json": [b'{"items": [{"id": 1, "name": "a", "url": "/1"}, {"id": [1e308], "name": {"b": null}}], "more": NaN}'],
    "pdf": [pdf(["one line", "another"], ["a second page"])],
    "rules": [
        CLAIM.encode(),
        b"watch: 1\nid: a\nclaim: {claimReviewed: b, rating: c}\nrules: {d: {when: '2 of (a, b*)'}}\n",
    ],
    "mail": [b"a title", b"=?utf-8?q?x=0ABcc=3A_evil=40x.y?=", "\u202e\r\nBcc: x@y\x00\u2028é".encode()],
}


def attempt(target: str, data: bytes) -> None:
    """Have one input read. Raises what nobody expects of it."""
    with suppress(FetchError, RulebookError, QueryError):
        TARGETS[target](data)


def mutations(target: str, seed: int, number: int) -> Iterator[bytes]:
    """So many damaged forms of the seeds, always the same for the same ``seed``."""
    generator = random.Random(seed)
    for _ in range(number):
        data = bytearray(generator.choice(SEEDS[target]))
        for _ in range(generator.randint(1, 8)):
            at = generator.randrange(len(data) + 1)
            length = generator.choice((0, 1, 1, 4, 16))
            data[at : at + length] = generator.choice(
                (
                    generator.randbytes(length),
                    bytes(data[at : at + 9]) * 3,
                    b"<",
                    b"]]>",
                    b"\xff\xfe",
                    b"&#0;",
                    b"{",
                    b"'",
                )
            )
        yield bytes(data)

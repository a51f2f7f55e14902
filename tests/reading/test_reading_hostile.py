"""Documents made to harm whoever reads them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from watcher.model import FetchError, Reading, Reason
from watcher.reading import syndication
from watcher.reading.pool import Reader
from watcher.reading.process import Limits

_events: list[tuple[str, Any]] | None = None


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if _events is not None and (
        event in {"open", "os.listdir", "os.system"} or event.startswith(("socket", "subprocess"))
    ):
        _events.append((event, arguments[0]))


sys.addaudithook(_record)


@pytest.fixture
def touched() -> Iterator[list[tuple[str, Any]]]:
    """Every file opened and every socket used."""
    global _events  # noqa: PLW0603 - an audit hook cannot be taken away, only told to look elsewhere
    _events = []
    yield _events
    _events = None


def rss(*items: str, before: str = "") -> bytes:
    wrapped = "".join(f"<item>{item}</item>" for item in items)
    return f"{before}<rss version='2.0'><channel><title>c</title>{wrapped}</channel></rss>".encode()


def doctype(*declarations: str) -> str:
    return "<?xml version='1.0'?>\n<!DOCTYPE rss [\n" + "\n".join(declarations) + "\n]>\n"


INCLUDE = "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd' parse='text'/>"
LAUGHS = doctype(
    '<!ENTITY lol0 "lol">',
    *(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10)),
)
EXTERNAL = {
    "entity": rss("<title>&x; a</title>", before=doctype('<!ENTITY x SYSTEM "file:///etc/passwd">')),
    "entity on the web": rss("<title>&x; a</title>", before=doctype('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">')),
    "parameter": rss("<title>a</title>", before=doctype('<!ENTITY % p SYSTEM "file:///etc/passwd">', "%p;")),
    "dtd": rss("<title>a</title>", before="<!DOCTYPE rss SYSTEM 'file:///etc/passwd'>"),
    "dtd on the web": rss("<title>a</title>", before="<!DOCTYPE rss PUBLIC 'x' 'http://127.0.0.1:9/x.dtd'>"),
    "include": rss("<title>a</title>" + INCLUDE),
    "stylesheet": rss("<title>a</title>", before="<?xml-stylesheet href='file:///etc/passwd' type='text/xsl'?>"),
    "laughs": rss("<title>&lol9; a</title>", before=LAUGHS),
}


def read(body: bytes) -> Reading:
    return syndication.read(body, url="http://127.0.0.1:9/feed", content_type="text/xml", known=frozenset())


@pytest.mark.scenario("P1")
@pytest.mark.parametrize("kind", EXTERNAL)
def test_nothing_outside_a_document_is_opened(kind: str, touched: list[tuple[str, Any]]) -> None:
    entry = read(EXTERNAL[kind]).entries[0]
    assert touched == []
    assert "root:" not in entry.title + entry.summary + entry.text
    assert len(entry.title) < 100


@pytest.mark.scenario("P3")
@pytest.mark.parametrize("body", ["{path}", "file://{path}", "http://127.0.0.1:9/x", "/etc/passwd"])
def test_a_body_that_is_an_address_is_only_text(body: str, tmp_path: Path, touched: list[tuple[str, Any]]) -> None:
    secret = tmp_path / "local.xml"
    secret.write_bytes(rss("<title>a local secret</title>"))
    touched.clear()
    with pytest.raises(FetchError) as caught:
        read(body.format(path=secret).encode())
    assert caught.value.reason is Reason.NOT_A_FEED
    assert touched == []


HEAVY = {
    "author": rss("<title>a</title><author>" + "a" * 60_000 + "@</author>"),
    "items": rss(*["<title>a</title><guid>b</guid>"] * 200_000),
    "depth": rss("<title>a</title>" + "<a>" * 200_000),
    "entity": rss("<title>" + "&a;" * 50_000 + "</title>", before=doctype(f'<!ENTITY a "{"a" * 50_000}">')),
}


@pytest.mark.scenario("P2")
@pytest.mark.parametrize("kind", HEAVY)
def test_what_costs_too_much_is_hostile_and_costs_no_more_than_allowed(kind: str) -> None:
    reader = Reader(1, limits=Limits(seconds=4, cpu=2))
    try:
        reader.alive()
        began = time.monotonic()
        with pytest.raises(FetchError) as caught:
            reader.read_feed(HEAVY[kind], url="https://example.org/", content_type="", known=frozenset())
        assert caught.value.reason is Reason.HOSTILE
        assert caught.value.detail.startswith("takes more than")
        assert time.monotonic() - began < 6
    finally:
        reader.close()


BEARABLE = {
    "laughs": EXTERNAL["laughs"],
    "quadratic": rss("<title>a</title>", before=doctype(f"<!ENTITY a '{'a' * 50_000}'>")),
    "nested markup": rss("<title>a</title><description>" + "&lt;div>" * 100_000 + "</description>"),
    "open comments": rss("<title>a</title><description>" + "&lt;!--" * 200_000 + "</description>"),
    "attribute": rss(f"<title a='{'x' * 5_000_000}'>a</title>"),
    "long text": rss("<title>a</title><description>" + "x " * 2_000_000 + "</description>"),
}


@pytest.mark.scenario("P1", "P2")
@pytest.mark.parametrize("kind", BEARABLE)
def test_what_was_made_to_cost_much_is_read(kind: str, reader: Reader) -> None:
    reading = reader.read_feed(BEARABLE[kind], url="https://example.org/", content_type="", known=frozenset())
    assert reading.entries

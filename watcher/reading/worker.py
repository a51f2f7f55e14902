"""A reading process: warm up, close the sandbox, then read one document after the other.

It talks over its standard input, which is a socket, and has no other way out. Each request is two frames, a head in
JSON and the document; the reply is one frame of JSON. An empty frame is a ping and is echoed.
"""

from __future__ import annotations

import json
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watcher.model import FetchError, Reason
from watcher.reading import (
    article,
    claim_reviews,
    feed_links,
    html_items,
    json_items,
    json_proposals,
    page_proposals,
    passages,
    pdf,
    plain_text,
    sandbox,
    sitemap_xml,
    syndication,
    wire,
)
from watcher.reading.extraction import DocumentSelector, JsonExpressions, PageSelectors, Selector
from watcher.reading.replies import Refusal, Reply, encode

READERS: dict[str, Callable[..., Any]] = {
    "article": article.read,
    "document": passages.read,
    "fact check": claim_reviews.read,
    "feed": syndication.read,
    "feed links": feed_links.read,
    "json": json_items.read,
    "json proposals": json_proposals.read,
    "page": html_items.read,
    "page proposals": page_proposals.read,
    "pdf": pdf.read,
    "sitemap": sitemap_xml.read,
}
"""What can be read: each takes the document, and options by name, and returns a dataclass or a list of them."""
_EXTRACTIONS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "document": lambda values: DocumentSelector(**values),
    "json": lambda values: JsonExpressions(**values),
    "page": PageSelectors.from_json,
}

_SAMPLE = (
    "<rss version='2.0'><channel><title>Café</title><item><title>one &amp;amp; two</title>"
    "<description>&lt;p>three</description><pubDate>Thu, 01 Jan 2026 00:00:00 GMT</pubDate></item></channel></rss>"
)
_URL = "https://sample.invalid/"
_JSON_SAMPLE = b'[{"a": "<b>one</b>", "b": "August 7, 2026"}]'
_PAGE_SAMPLE = b"<!DOCTYPE html><meta charset=utf-8><title>x</title><li><a href=/1>one</a> <time>1/2/2026</time></li>"
_PAGE_SELECTORS = PageSelectors(
    item="li",
    title=[Selector("a, time", "")],
    link=[Selector("a", "")],
    date=[Selector("time", "")],
    timezone="America/Chicago",
)
_ARTICLE_SAMPLE = b"<!DOCTYPE html><title>x</title><body><p>one</p>" + b"<p>two, and three.</p>" * 30
_PDF_SAMPLE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</Font<</F<</Type/Font/Subtype/Type1"
    b"/BaseFont/Helvetica>>>>>>/Contents 4 0 R>>endobj 4 0 obj<</Length 23>>stream\nBT /F 9 Tf (one) Tj ET  \nendstream"
    b" endobj trailer<</Root 1 0 R>>"
)
_CODECS = ("utf-8", "utf-16", "utf-32", "latin-1", "cp1252", "iso8859-2", "iso8859-15", "ascii", "koi8-r", "gb18030")


@dataclass(frozen=True, slots=True)
class _Request:
    """The head of a request."""

    read: str
    options: dict[str, Any]
    cpu: int
    memory: int


def main() -> None:
    """Serve until the daemon closes the socket."""
    channel = socket.socket(fileno=0)
    _warm_up()
    base = sandbox.address_space()
    sandbox.close()
    while True:
        try:
            head = wire.receive(channel)
            reply = _serve(_Request(**json.loads(head)), wire.receive(channel), base) if head else b""
            wire.send(channel, reply)
        except (EOFError, ConnectionError):
            return


def _serve(request: _Request, body: bytes, base: int) -> bytes:
    sandbox.allow(cpu=request.cpu, address_space=base + request.memory)
    try:
        reply = encode(Reply(read=READERS[request.read](body, **_arguments(request))))
    except MemoryError:
        return _refuse(Reason.HOSTILE, f"takes more than {request.memory >> 20} MB to read")
    except RecursionError:
        return _refuse(Reason.HOSTILE, "nested too deeply to read")
    except FetchError as error:
        return _refuse(error.reason, error.detail)
    except Exception as error:  # noqa: BLE001 - whatever a document provokes is reported, and the next one is read
        return _refuse(Reason.INTERNAL, _location(error))
    if len(reply) > wire.MAX_FRAME_BYTES:
        return _refuse(Reason.HOSTILE, f"gives more than {wire.MAX_FRAME_BYTES >> 20} MB of text")
    return reply


def _arguments(request: _Request) -> dict[str, Any]:
    """Return the options as the readers take them: JSON knows neither bytes nor dataclasses."""
    arguments = dict(request.options)
    if "known" in arguments:
        arguments["known"] = frozenset(map(bytes.fromhex, arguments["known"]))
    if "extract" in arguments:
        arguments["extract"] = _EXTRACTIONS[request.read](arguments["extract"])
    return arguments


def _refuse(reason: Reason, detail: str) -> bytes:
    return encode(Reply(refusal=Refusal(reason=reason, detail=plain_text.line(detail))))


def _location(error: Exception) -> str:
    """Return what went wrong in our own code and where: no traceback leaves this process."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {plain_text.line(str(error), 200)}"


def _warm_up() -> None:
    """Load what reading needs, while files can still be opened: a whole feed, and one that breaks off."""
    for codec in _CODECS:
        b"".decode(codec)
    for sample in (_SAMPLE, _SAMPLE[:-10]):
        syndication.read(sample.encode(), url=_URL, content_type="text/xml", known=frozenset())
    passages.read(_PDF_SAMPLE, url=_URL, content_type="", known=frozenset(), extract=DocumentSelector())
    article.read(_ARTICLE_SAMPLE, url=_URL, content_type="")
    html_items.read(_PAGE_SAMPLE, url=_URL, content_type="", known=frozenset(), extract=_PAGE_SELECTORS)
    json_items.read(
        _JSON_SAMPLE,
        url=_URL,
        content_type="",
        known=frozenset(),
        extract=JsonExpressions(items="@", title="a", date="b"),
    )


if __name__ == "__main__":
    main()

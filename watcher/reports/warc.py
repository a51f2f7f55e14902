"""Evidence as a WARC file (ISO 28500, WARC 1.1), which other tools read, and in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from http.client import responses
from io import BytesIO
from typing import IO, Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import watcher
from storage.alerts import Alert
from storage.evidence import StoredEvidence
from watcher.model import PAGE_BORDER
from watcher.text.humanize import pluralize, when
from watcher.text.lines import one_line

_SENT_OTHERWISE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
"""They are of the bytes on the wire; what is kept is decoded. Kept under the name that archives give them."""
_ORIGINAL = "X-Archive-Orig-"


def in_words(alert: Alert, kept: Sequence[StoredEvidence]) -> str:
    """What an alert rests on, with the text that was read in it."""
    head = [
        f"Evidence of alert {alert.id}, claim {alert.claim_id}, first alerted {when(alert.created_at)}",
        f"Kept by watcher {watcher.__version__}: {pluralize(len(kept), 'answer')}, as they came but for compression,",
        "without cookies, and without secrets in addresses.",
    ]
    return "\n".join(head) + "\n\n" + "\n\n".join(map(_in_words, kept)) + "\n"


def _in_words(answer: StoredEvidence) -> str:
    head = {
        "What": answer.what,
        "Address": one_line(answer.url, 4000),
        "Fetched": when(answer.fetched_at),
        "Status": str(answer.status),
        "Bytes": str(len(answer.body)),
        "SHA-256": answer.sha256.hex(),
    }
    lines = "\n".join(f"{name}: {value}" for name, value in head.items())
    return f"{lines}\n\n{_numbered(answer.text) or '(no text was read in it)'}"


def _numbered(text: str) -> str:
    """The text with the numbers of its pages, where it has pages."""
    pages = text.split(PAGE_BORDER)
    if len(pages) == 1:
        return text
    return "\n\n".join(f"[page {number}]\n\n{page}" for number, page in enumerate(pages, 1))


def write(out: IO[bytes], alert: Alert, kept: Sequence[StoredEvidence]) -> None:
    """Write a compressed WARC: the summary, and for each answer a response and the text that was read in it."""
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    software = {"software": f"watcher {watcher.__version__}", "format": "WARC File Format 1.1"}
    writer.write_record(writer.create_warcinfo_record(f"alert-{alert.id}.warc.gz", software))
    for record in _records(writer, alert, kept):
        writer.write_record(record)


def _records(writer: WARCWriter, alert: Alert, kept: Sequence[StoredEvidence]) -> Iterator[Any]:
    first = min((answer.fetched_at for answer in kept), default=alert.created_at)
    yield _text(writer, "resource", f"urn:watcher:alert:{alert.id}", in_words(alert, kept), {"WARC-Date": _date(first)})
    for answer in kept:
        facts = {"WARC-Date": _date(answer.fetched_at), "WARC-Payload-Digest": f"sha256:{answer.sha256.hex()}"}
        status = f"{answer.status} {responses.get(answer.status, '')}"
        headers = StatusAndHeaders(status, list(_headers(answer.headers, len(answer.body))), protocol="HTTP/1.1")
        response = writer.create_warc_record(
            answer.url,
            "response",
            payload=BytesIO(answer.body),
            length=len(answer.body),
            http_headers=headers,
            warc_headers_dict=facts,
        )
        yield response
        if answer.text:
            of = {"WARC-Refers-To": response.rec_headers.get_header("WARC-Record-ID"), "WARC-Date": facts["WARC-Date"]}
            yield _text(writer, "conversion", answer.url, answer.text, of)


def _text(writer: WARCWriter, kind: str, uri: str, text: str, facts: dict[str, str]) -> Any:
    payload = text.encode()
    return writer.create_warc_record(
        uri,
        kind,
        payload=BytesIO(payload),
        length=len(payload),
        warc_content_type="text/plain; charset=utf-8",
        warc_headers_dict=facts,
    )


def _headers(stored: Iterable[Sequence[str]], length: int) -> Iterator[tuple[str, str]]:
    for name, value in stored:
        yield (_ORIGINAL + name if name.lower() in _SENT_OTHERWISE else name), value
    yield "Content-Length", str(length)


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

"""The text of PDFs, page by page. Runs in a reading process only."""

from __future__ import annotations

import re
import time

import pypdfium2  # type: ignore[import-untyped] # it ships no types

from watcher.model import Paper
from watcher.reading import damage, text

PAGES = 2_000
"""As many pages as are read: more than the packet of a council's meeting has."""
CHARACTERS = 5_000_000
"""As much text as is read."""
SECONDS = 12
"""Of CPU time, after which no further page is begun: a process that is killed over its limit tells nothing at all."""
_START = 1024
"""Bytes in which the mark of a PDF stands (ISO 32000, annex H)."""
_HYPHEN = re.compile(r"[\x02\xad\ufffe](?:\r?\n)?")
"""Where PDFium found a word that is divided at the end of a line."""


def is_pdf(body: bytes) -> bool:
    """Whether the document says that it is a PDF."""
    return b"%PDF-" in body[:_START]


def read(body: bytes) -> Paper:
    """The text of the document, as far as there is any, and why not where there is not."""
    if not is_pdf(body):
        return Paper(problem=f"text could not be read: no PDF but {damage.describe(body)}")
    try:
        with pypdfium2.PdfDocument(body) as document:
            return _paper(document)
    except pypdfium2.PdfiumError as error:
        return Paper(problem=f"text could not be read: {_cause(body, error)}")


def _paper(document: pypdfium2.PdfDocument) -> Paper:
    total, pages, problem, length = len(document), [], "", 0
    until = time.process_time() + SECONDS
    for number in range(min(total, PAGES)):
        pages.append(_page(document, number))
        length += len(pages[-1])
        if length > CHARACTERS or time.process_time() > until:
            break
    if len(pages) < total:
        problem = f"only the first {len(pages)} of {total} pages were read"
    if not any(pages):
        problem = (
            "text could not be read: there is none, only pictures" if total else "text could not be read: no pages"
        )
    return Paper(pages=tuple(pages), total=total, problem=problem)


def _page(document: pypdfium2.PdfDocument, number: int) -> str:
    """A page that is broken is empty, and costs no other."""
    try:
        page = document[number]
        try:
            found = page.get_textpage().get_text_range()
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        return ""
    return text.plain(_HYPHEN.sub("", found))


def _cause(body: bytes, error: Exception) -> str:
    """PDFium's message alone proves nothing: it may be that of the document before."""
    encrypted = "assword" in str(error) and b"/Encrypt" in body
    return "it is encrypted" if encrypted else "it is damaged, or has no pages"

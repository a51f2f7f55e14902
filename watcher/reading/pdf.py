"""The text of PDFs, page by page. Runs in a reading process only."""

from __future__ import annotations

import re
import time

import pypdfium2  # type: ignore[import-untyped] # it ships no types

from watcher.reading import damage, plain_text
from watcher.reading.results import PdfText
from watcher.reading.signatures import is_pdf

MAX_PAGES = 2_000
"""More than the packet of a council's meeting has."""
MAX_CHARS = 5_000_000
MAX_CPU_SECONDS = 12.0
"""After which no further page is begun: a process that is killed over its limit returns nothing at all."""
_HYPHEN = re.compile(r"[\x02\xad\ufffe](?:\r?\n)?")
"""Where PDFium found a word that is divided at the end of a line."""


def read(
    body: bytes,
    *,
    max_pages: int = MAX_PAGES,
    max_chars: int = MAX_CHARS,
    max_cpu_seconds: float = MAX_CPU_SECONDS,
) -> PdfText:
    """Return the text of the document within these limits; its ``problem`` says what is missing and why."""
    if not is_pdf(body):
        return PdfText(problem=f"text could not be read: not a PDF but {damage.describe(body)}")
    try:
        with pypdfium2.PdfDocument(body) as document:
            return _text(document, max_pages, max_chars, max_cpu_seconds)
    except pypdfium2.PdfiumError as error:
        return PdfText(problem=f"text could not be read: {_cause(body, error)}")


def _text(document: pypdfium2.PdfDocument, max_pages: int, max_chars: int, max_cpu_seconds: float) -> PdfText:
    total, pages, problem, chars = len(document), [], "", 0
    until = time.process_time() + max_cpu_seconds
    for number in range(min(total, max_pages)):
        pages.append(_page(document, number))
        chars += len(pages[-1])
        if chars > max_chars or time.process_time() > until:
            break
    if len(pages) < total:
        problem = f"only the first {len(pages)} of {total} pages were read"
    if not any(pages):
        problem = (
            "text could not be read: there is none, only pictures" if total else "text could not be read: no pages"
        )
    return PdfText(pages=tuple(pages), total=total, problem=problem)


def _page(document: pypdfium2.PdfDocument, number: int) -> str:
    """Return the text of a page; a broken one is empty, and costs no other."""
    try:
        page = document[number]
        try:
            found = page.get_textpage().get_text_range()
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        return ""
    return plain_text.plain(_HYPHEN.sub("", found))


def _cause(body: bytes, error: pypdfium2.PdfiumError) -> str:
    """Return why PDFium could not open the document.

    Its error code alone proves nothing: it may be that of the document before.
    """
    encrypted = error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD and b"/Encrypt" in body
    return "it is encrypted" if encrypted else "it is damaged, or has no pages"

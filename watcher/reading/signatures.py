"""What the first bytes of a document say that it is. Imports no parser: the daemon asks here too."""

from __future__ import annotations

_PDF_HEADER_BYTES = 1024
"""Readers of PDF find the header within the first so many bytes (ISO 32000-1, annex H)."""


def is_pdf(body: bytes) -> bool:
    """Return whether the document says that it is a PDF."""
    return b"%PDF-" in body[:_PDF_HEADER_BYTES]

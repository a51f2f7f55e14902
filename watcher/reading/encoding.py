"""Bytes of an XML document in whatever encoding become clean UTF-8 bytes."""

from __future__ import annotations

import codecs
import re

from feedparser.encodings import convert_to_utf8

UTF8 = "application/xml; charset=utf-8"
"""The content type of what this module gives."""

_SPACE = b" \t\r\n\x0b\x0c"
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def to_utf8(body: bytes, content_type: str) -> bytes:
    """The document as UTF-8, declared as such, without the characters and references that XML forbids.

    Most feeds that name another encoding than they use are UTF-8, so bytes that are UTF-8 are taken for it whatever
    is declared; a few bad bytes in a UTF-8 document cost these bytes. All else is decided as feedparser decides it
    (content type, declaration, byte order mark, guess).
    """
    start = body.removeprefix(codecs.BOM_UTF8).lstrip(_SPACE)
    if start.startswith(b"<"):
        body = start
    text = _as_utf8(body)
    if text is not None:
        body, content_type = text, UTF8
    converted = _converted(body, content_type).translate(None, _CONTROLS)
    return _REFERENCE.sub(_legal, _NONCHARACTER.sub(b"", converted))


def _converted(body: bytes, content_type: str) -> bytes:
    """The document with a declaration that says UTF-8, and as many lines as before."""
    try:
        converted: bytes = convert_to_utf8({"content-type": content_type}, body, {})
    except ValueError:  # an encoding was declared that is none of text
        converted = convert_to_utf8({"content-type": UTF8}, body.decode("utf-8", "replace").encode(), {})
    declared = body.startswith(b"<?xml") or not body.startswith(b"<")
    return converted if declared else converted.replace(b"?>\n", b"?>", 1)


def _as_utf8(body: bytes) -> bytes | None:
    """The bytes, repaired, if they are meant as UTF-8. Pure ASCII proves nothing: UTF-16 can look like that too."""
    if b"\0" in body or body.isascii():
        return None
    text = body.decode("utf-8", "replace")
    bad = text.count(_REPLACEMENT)
    if bad == 0:
        return body
    good = sum(1 for character in text if character > "\x7f") - bad
    return text.encode() if good > 4 * bad else None


def _legal(match: re.Match[bytes]) -> bytes:
    """The reference, if XML has that character."""
    hexadecimal, decimal = match.groups()
    digits = (hexadecimal or decimal).lstrip(b"0")[:8] or b"0"
    point = int(digits, 16 if hexadecimal else 10)
    legal = point in (9, 10, 13) or 0x20 <= point < 0xD800 or 0xDFFF < point < 0xFFFE or 0xFFFF < point < 0x110000
    return match.group() if legal else b""

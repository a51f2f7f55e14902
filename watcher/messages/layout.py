"""A message as sections of labelled lines, rendered as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from watcher.text.lines import one_line


@dataclass(frozen=True, slots=True)
class Mark:
    """Words that matched."""

    text: str

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Link:
    """An address that is safe to follow (``watcher.text.links.web_link``)."""

    url: str

    def __bool__(self) -> bool:
        return bool(self.url)


Piece = str | Mark | Link
Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A label and its lines. A field without lines is left out; lines without a label are prose."""

    label: str
    lines: tuple[Line, ...]


Section = tuple[LabelledLine, ...]


def field(label: str, *lines: str | Link) -> LabelledLine:
    """Return a field of simple lines, the empty ones left out."""
    return LabelledLine(label, tuple((line,) for line in lines if line))


def as_text(sections: Iterable[Section]) -> str:
    """Return plain text: matched words between double asterisks, an empty line between sections."""
    blocks = ("\n".join(_field_as_text(field) for field in section if field.lines) for section in sections)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _field_as_text(field: LabelledLine) -> str:
    lines = ["".join(_piece_as_text(piece) for piece in line) for line in field.lines]
    if not field.label:
        return "\n".join(lines)
    if len(lines) == 1:
        return f"{field.label}: {lines[0]}"
    return "\n".join([f"{field.label}:", *(f"  {line}" for line in lines)])


def _piece_as_text(piece: Piece) -> str:
    match piece:
        case Mark(text):
            return f"**{text}**"
        case Link(url):
            return url
        case _:
            return piece


_PAGE = """\
<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{title}</title></head>
<body style="font-family: sans-serif; line-height: 1.4; max-width: 48em">
{body}
</body></html>
"""


def as_html(title: str, sections: Iterable[Section]) -> str:
    """Return one HTML page that loads nothing from anywhere; every text in it is escaped."""
    blocks = ("<br>\n".join(_field_as_html(field) for field in section if field.lines) for section in sections)
    body = "\n".join(f"<p>{block}</p>" for block in blocks if block)
    return _PAGE.format(title=escape(one_line(title)), body=body)


def _field_as_html(field: LabelledLine) -> str:
    lines = ["".join(_piece_as_html(piece) for piece in line) for line in field.lines]
    if not field.label:
        return "<br>\n".join(lines)
    label = f"<strong>{escape(field.label)}:</strong>"
    if len(lines) == 1:
        return f"{label} {lines[0]}"
    return "<br>\n&nbsp;&nbsp;".join([label, *lines])


def _piece_as_html(piece: Piece) -> str:
    match piece:
        case Mark(text):
            return f"<mark>{escape(text)}</mark>"
        case Link(url):
            return f'<a href="{escape(url)}" rel="noreferrer">{escape(url)}</a>'
        case _:
            return escape(piece)

"""Quote the sentences of an item around the words that matched."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from watcher.messages.layout import Line, Mark, Piece
from watcher.model import DOCUMENT_START, PAGE_BORDER, Span
from watcher.text.lines import collapsed
from watcher.text.sentences import breaks

_CONTEXT_CHARS = 160
"""Characters of the sentence shown on either side of a match, about two lines of a mail."""

_MAX_MATCH_CHARS = 300

_MAX_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class Quote:
    """One place of an item that matched."""

    part: str
    """The part of the item that it is in: title, lead, text ..."""
    document: str
    """The name of the attached document that it is in; empty if it is in the item itself."""
    page: int | None
    """The page, counted from 1, in a document that has pages."""
    line: Line
    """The sentence, matched words as marks, ``…`` where it was cut."""

    @property
    def text(self) -> str:
        """Return the sentence without its marks."""
        return "".join(piece.text if isinstance(piece, Mark) else str(piece) for piece in self.line)

    @property
    def matched(self) -> tuple[str, ...]:
        """Return only the matched words."""
        return tuple(piece.text for piece in self.line if isinstance(piece, Mark))


def quotes(parts: Mapping[str, str], spans: Iterable[Span]) -> tuple[Quote, ...]:
    """Return the sentences around the spans, in the order of ``parts``, and of the text within a part.

    Spans of one sentence make one quote. A span that points outside of its part is shortened or left out.
    """
    order = {part: index for index, part in enumerate(parts)}
    known = sorted((span for span in spans if span.part in order), key=lambda span: (order[span.part], span))
    return tuple(
        quote for part, found in groupby(known, attrgetter("part")) for quote in _of_part(part, parts[part], found)
    )


def _of_part(part: str, text: str, spans: Iterable[Span]) -> Iterator[Quote]:
    borders = [0, *(each.start for each in breaks(text)), len(text)]
    for sentence, found in groupby(_merged(text, spans), lambda span: bisect_right(borders, span.start) - 1):
        inside = list(found)
        begin = borders[sentence]
        end = borders[min(bisect_right(borders, inside[-1].end - 1), len(borders) - 1)]
        document, page = _place(text, inside[0].start)
        yield Quote(part, document, page, _trimmed(_pieces(text, begin, end, inside)))


def _place(text: str, position: int) -> tuple[str, int | None]:
    """Return the attached document and the page that a position of a text is in."""
    start = text.rfind(DOCUMENT_START, 0, position + 1)
    if start >= 0:
        name = text[start + 1 :].partition("\n")[0]
        return collapsed(name[:_MAX_NAME_CHARS]).strip(), text.count(PAGE_BORDER, start, position) + 1
    own = text.partition(PAGE_BORDER + DOCUMENT_START)[0]
    return "", own.count(PAGE_BORDER, 0, position) + 1 if PAGE_BORDER in own else None


def _merged(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans in the order of the text, overlapping ones merged."""
    current: Span | None = None
    for span in spans:
        start, end = max(span.start, 0), min(span.end, len(text))
        if start >= end:
            continue
        if current is not None and start <= current.end:
            current = Span(span.part, current.start, max(end, current.end))
            continue
        if current is not None:
            yield current
        current = Span(span.part, start, end)
    if current is not None:
        yield current


def _pieces(text: str, begin: int, end: int, spans: list[Span]) -> Iterator[Piece]:
    shown = max(begin, spans[0].start - _CONTEXT_CHARS)
    if shown > begin:
        yield "… "
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        yield text[shown : span.start]
        yield Mark(text[span.start : min(span.end, span.start + _MAX_MATCH_CHARS)])
        shown = span.end
        if following is not None and following.start - span.end > 2 * _CONTEXT_CHARS:
            yield text[shown : shown + _CONTEXT_CHARS] + " … "
            shown = following.start - _CONTEXT_CHARS
    yield text[shown : min(end, shown + _CONTEXT_CHARS)]
    if end - shown > _CONTEXT_CHARS:
        yield " …"


def _trimmed(pieces: Iterable[Piece]) -> Line:
    """Return the pieces as one safe line without space at its ends."""
    line = [Mark(collapsed(piece.text).strip()) if isinstance(piece, Mark) else _safe(piece) for piece in pieces]
    if line and isinstance(line[0], str):
        line[0] = line[0].lstrip()
    if line and isinstance(line[-1], str):
        line[-1] = line[-1].rstrip()
    return tuple(piece for piece in line if piece)


def _safe(piece: Piece) -> Piece:
    return collapsed(piece) if isinstance(piece, str) else piece

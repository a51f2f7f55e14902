"""An item as the matcher reads it: one stream of words, cut from the original text once."""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from operator import attrgetter

from watcher.matching.rule_words import pattern_for
from watcher.model import Span
from watcher.text.lead import lead_end
from watcher.text.sentences import breaks

MAIN_PARTS = ("title", "lead", "text")
"""Where a term without a field is looked for."""

GAP = 2_000
"""Positions between two parts or two pages: more than any distance or phrase can cross."""

_SMALL_LETTER = re.compile("[a-z]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_PAGE, _LINE = "\f", "\n"
_BORDERS = {"lead": _PAGE, "text": _PAGE, "tag": _LINE}
"""What separates the stretches of a part; every tag is a line."""


@dataclass(frozen=True, slots=True)
class _Shift:
    """Offsets of a text with its entities replaced, in terms of the text as it was."""

    at: tuple[int, ...] = ()
    by: tuple[int, ...] = ()

    def original(self, offset: int) -> int:
        index = bisect_right(self.at, offset) - 1
        return offset + self.by[index] if index >= 0 else offset


_UNSHIFTED = _Shift()


def _as_read(text: str) -> tuple[str, _Shift]:
    """Return the text that words are cut from, and the offsets of its characters in the original."""
    if "&" not in text and text.isascii():
        return text, _UNSHIFTED
    return _without_entities(_without_surrogates(text))


def _without_surrogates(text: str) -> str:
    """Replace each half of a surrogate pair, which is not a character, by a question mark, which is as long."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _without_entities(text: str) -> tuple[str, _Shift]:
    """Replace entities that are still in the text by their characters."""
    if not _ENTITY.search(text):
        return text, _UNSHIFTED
    pieces: list[str] = []
    at: list[int] = []
    by: list[int] = []
    length = done = 0
    for entity in _ENTITY.finditer(text):
        character = html.unescape(entity[0])
        pieces += [text[done : entity.start()], character]
        length += entity.start() - done + len(character)
        done = entity.end()
        at.append(length)
        by.append(done - length)
    return "".join([*pieces, text[done:]]), _Shift(tuple(at), tuple(by))


class Stretch:
    """A run of text without a gap in it: a part, or one page or one tag of a part. It never changes."""

    def __init__(self, part: str, text: str, offset: int, *, follows: bool = False) -> None:
        """``offset`` is that of ``text`` in its part, entities replaced.

        ``follows``: whether the previous stretch continues in this one, as a lead that was cut from the text does.
        """
        self.part = part
        self.text = text
        self.offset = offset
        self.follows = follows
        self.is_capitals = part in MAIN_PARTS and text.isupper()
        """Whether it is all in capitals, so that capitals there do not tell *ICE* from *ice*."""

    @cached_property
    def surfaces(self) -> list[str]:
        """Return the words as spelled in the text."""
        return pattern_for(self.text).findall(self.text)

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Return the offsets of each word in ``text``, end exclusive."""
        return [found.span() for found in pattern_for(self.text).finditer(self.text)]

    def sentence_starts(self) -> dict[int, bool]:
        """Return the number of each word after the first that starts a sentence, and whether it starts a paragraph."""
        starts = [start for start, _ in self.spans]
        found: dict[int, bool] = {}
        for each in breaks(self.text):
            number = bisect_left(starts, each.start)
            if 0 < number < len(starts):  # several breaks in front of one word make one start
                found[number] = found.get(number, False) or each.paragraph
        return found


class Document:
    """One item, ready to be matched with any number of rules. It never changes."""

    def __init__(
        self,
        parts: Mapping[str, str],
        names: frozenset[str],
        stretches: Sequence[Stretch],
        shifts: Mapping[str, _Shift],
    ) -> None:
        """Use ``of``."""
        self.parts = parts
        """The original text of each part that has any; offsets of spans point into it."""
        self.names = names
        """The source's id and tags, small letters."""
        self.stretches = stretches
        self.doubts_capitals = _doubts_capitals(stretches)
        """Whether some of title, lead and text is all in capitals, and some of it is not."""
        self._shifts = shifts

    @classmethod
    def of(
        cls,
        *,
        title: str,
        summary: str = "",
        text: str = "",
        author: str = "",
        source: Collection[str] = (),
        tags: Collection[str] = (),
        url: str = "",
    ) -> Document:
        """Return the document of an item's texts; a form feed in ``text`` is the border between two pages.

        The lead is the summary; without one it is the first sentences of the text, at most 300 characters, and
        what follows is the text.
        """
        cut = 0 if summary.strip() else lead_end(text)
        written = (
            ("title", title),
            ("lead", text[:cut] if cut else summary),
            ("text", text[cut:]),
            ("author", author),
            ("tag", _LINE.join(tags)),
            ("url", url),
        )
        parts: dict[str, str] = {}
        stretches: list[Stretch] = []
        shifts: dict[str, _Shift] = {}
        for part, words in written:
            if words:
                parts[part] = words
                read, shift = _as_read(words)
                if shift is not _UNSHIFTED:
                    shifts[part] = shift
                stretches += _stretches(part, read, follows=part == "text" and cut > 0)
        return cls(parts, frozenset(map(str.casefold, source)), stretches, shifts)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Return the position of the first word of each stretch."""
        starts: list[int] = []
        free = 0
        for stretch in self.stretches:
            start = free if stretch.follows or not starts else free + GAP
            starts.append(start)
            free = start + len(stretch.surfaces)
        return tuple(starts)

    @property
    def end(self) -> int:
        """Return the last position."""
        return self.starts[-1] + len(self.stretches[-1].surfaces) - 1 if self.stretches else 0

    def extent(self, parts: Collection[str]) -> tuple[int, int]:
        """Return the first and last position of these parts, which must be adjacent; (0, -1) if they are empty."""
        inside = [index for index, stretch in enumerate(self.stretches) if stretch.part in parts]
        if not inside:
            return 0, -1
        last = inside[-1]
        return self.starts[inside[0]], self.starts[last] + len(self.stretches[last].surfaces) - 1

    def spans(self, first: int, last: int) -> Iterator[Span]:
        """Yield the spans of the words at these positions, both inclusive, in the original text of their parts."""
        for stretch, start in zip(self.stretches, self.starts, strict=True):
            inside = stretch.spans[max(0, first - start) : max(0, last - start + 1)]
            if inside:
                shift = self._shifts.get(stretch.part, _UNSHIFTED)
                begin, end = inside[0][0] + stretch.offset, inside[-1][1] + stretch.offset
                yield Span(stretch.part, shift.original(begin), shift.original(end))

    @cached_property
    def sentences(self) -> Sequence[int]:
        """Return the positions at which a sentence begins, ascending."""
        return [position for position, _ in self._sentence_starts]

    @cached_property
    def paragraphs(self) -> Sequence[int]:
        """Return the positions at which a paragraph begins, ascending."""
        return [position for position, paragraph in self._sentence_starts if paragraph]

    @cached_property
    def _sentence_starts(self) -> Sequence[tuple[int, bool]]:
        """Return the positions at which sentences begin, ascending, each with whether a paragraph begins there."""
        found: list[tuple[int, bool]] = []
        for index, (stretch, start) in enumerate(zip(self.stretches, self.starts, strict=True)):
            if stretch.surfaces:
                found += self._start_of_stretch(index)
                found += [(start + number, paragraph) for number, paragraph in stretch.sentence_starts().items()]
        return found

    def _start_of_stretch(self, index: int) -> Sequence[tuple[int, bool]]:
        """Return what begins at the first word of a stretch; nothing if a sentence continues in it."""
        stretch, before = self.stretches[index], self.stretches[index - 1]
        position = self.starts[index]
        if not stretch.follows or not before.surfaces:
            return [(position, True)]
        tail = before.text[before.spans[-1][0] :]
        word = len(tail) + stretch.spans[0][0]
        between = [each for each in breaks(tail + stretch.text[: stretch.spans[0][1]]) if each.start <= word]
        return [(position, any(each.paragraph for each in between))] if between else []

    def in_capitals(self, position: int) -> bool:
        """Return whether the word is in a stretch that is all in capitals."""
        return self.stretches[bisect_right(self.starts, position) - 1].is_capitals


def _stretches(part: str, text: str, *, follows: bool) -> Sequence[Stretch]:
    border = _BORDERS.get(part)
    if border is None or border not in text:
        return (Stretch(part, text, 0, follows=follows),)
    pieces = text.split(border)
    offsets = accumulate((len(piece) + 1 for piece in pieces), initial=0)
    return [
        Stretch(part, piece, offset, follows=follows and offset == 0)
        for piece, offset in zip(pieces, offsets, strict=False)
    ]


def _doubts_capitals(stretches: Sequence[Stretch]) -> bool:
    if not any(map(attrgetter("is_capitals"), stretches)):
        return False
    return any(
        stretch.part in MAIN_PARTS and not stretch.is_capitals and _has_small_letters(stretch.text)
        for stretch in stretches
    )


def _has_small_letters(text: str) -> bool:
    return _SMALL_LETTER.search(text) is not None or text != text.upper()

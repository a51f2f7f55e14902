"""Numbers in a text: figures with separators, and English words up to a hundred with their multiples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from watcher.matching.rule_words import plain

_FIGURES = re.compile(r"\d{1,18}(?:\.\d{1,18})?", re.ASCII)
_UNITS = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
)
_TENS = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_SMALL = {word: value for value, word in enumerate(_UNITS)} | {word: 10 * value for value, word in enumerate(_TENS, 2)}
_MULTIPLES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


class Numeral(NamedTuple):
    """A number and the positions of the words that write it, both inclusive."""

    first: int
    last: int
    value: float


def numerals(surfaces: Sequence[str], start: int) -> Iterator[Numeral]:
    """Yield the numbers that these words write; the first word is at position ``start``.

    ``twenty-five`` is one number, not two; so is ``20 thousand``.
    """
    index = 0
    while index < len(surfaces):
        value, length = _number(surfaces, index)
        if length:
            yield Numeral(start + index, start + index + length - 1, value)
        index += length or 1


def _number(surfaces: Sequence[str], index: int) -> tuple[float, int]:
    """Return the value of the number that starts at this word, and its length in words: 0 if it is not a number."""
    spelling = plain(surfaces[index]).lower()
    value: float
    length = 1
    if spelling in _SMALL:
        value = _SMALL[spelling]
        unit = _SMALL.get(_word(surfaces, index + 1), 0)
        if value >= 20 and 1 <= unit <= 9:
            value, length = value + unit, 2
    elif _FIGURES.fullmatch(spelling):
        value = float(spelling)
    elif spelling == "hundred":
        return 100, 1
    else:
        return 0, 0
    while multiple := _MULTIPLES.get(_word(surfaces, index + length)):
        value, length = value * multiple, length + 1
    return value, length


def _word(surfaces: Sequence[str], index: int) -> str:
    return surfaces[index].lower() if index < len(surfaces) else ""

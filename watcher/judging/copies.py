"""Copies: the same text in another outlet, shortened, or with another beginning and end.

A sample of a text's word five-grams is stored. Texts that share some of them are compared in full: the share of the
shorter text that both have, and the longest passage they have in common. Sampled five-grams find 0.98 of copy pairs
where SimHash finds 0.69; titles are never looked at, for "X dead" and "X not dead" are 85 % alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from heapq import nsmallest
from zlib import crc32

from watcher.text.folding import lower_in_place
from watcher.text.sentences import sentence_spans
from watcher.text.words import WORD

MIN_SHARED = 3
"""Two texts are compared if they share at least so many fingerprints, boilerplate left out."""
BOILERPLATE_STORIES = 3
"""A fingerprint in so many separate stories of one host is boilerplate, and is ignored for that host."""

# Changing these numbers changes the fingerprints: stories that are stored already would not be recognised.
_GRAM_WORDS = 5
"""Words hashed together. Sampled five-grams reached a pair F1 of 0.98 on Reuters news, SimHash 0.69."""
_MIN_SAMPLE = 40
"""Hashes kept of a short text, so that a part of it still shares ``MIN_SHARED`` of them. Chosen by hand."""
_SAMPLE_DIVISOR = 8
"""Of a long text, one hash in so many is kept: 74 MB of index for 100,000 items (``make bench-copies``)."""
_MIN_WORDS = 20
"""Least words of a text: shorter ones are headlines or notices, which are alike in form. Chosen by hand."""
_MIN_COPY_SHARE = 0.5
"""Share of the shorter text's five-grams. On 400 truncated Reuters stories (``make bench-copies``): F1 0.994 where 40 %
was kept."""
_MIN_PASSAGE_WORDS = 25
_MIN_PASSAGE_OF_SHORTER = 0.25
_MIN_PASSAGE_OF_SHARED = 0.7
"""One unbroken passage of so many words, with so much of the shorter text and of all that is shared, makes a copy below
``_MIN_COPY_SHARE``. Chosen by hand; a story cut to 15 % is found with a recall of 0.87 then (``make bench-copies``)."""
_MOSTLY_FRESH = 0.5
"""Share of words that the old text does not have, from which a copy is a longer version: 39 % of the copy pairs that
were looked at. Such a version is shown, not silenced. Chosen by hand."""

_MASK = (1 << 64) - 1
_A, _B, _C, _D, _E = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63


class Kinship(StrEnum):
    """The relation of one text to another."""

    COPY = "copy"
    EXTENDED = "extended"
    SEPARATE = "separate"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryText:
    """One outlet's text of a story, without its title."""

    text: str
    signature: str = ""
    """See ``cues.denial_signature``."""
    official: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """The relation of a new text to an old one."""

    kind: Kinship
    because: str
    fresh: tuple[str, ...] = ()
    """The sentences of the new text that the old one does not have; empty if the texts are separate."""

    def adds(self, passage: str) -> bool:
        """Return whether a passage of the new text, such as the words a rule matched, is in one of its fresh sentences.

        A story that reuses an old one's background around a new fact is a copy by its words. If the match itself is
        fresh, people must hear of it, whatever the rest is.
        """
        words = " ".join(passage.split())
        return any(words in sentence for sentence in self.fresh)


def fingerprint(text: str) -> tuple[int, ...]:
    """Return a sample of the hashes of a text's word five-grams, ascending: the lowest forty, or one in eight if that
    is more.

    The same on every machine; each fits a signed 64-bit column. Empty for a text of under twenty words."""
    grams = set(_hashes(WORD.findall(lower_in_place(text))))
    if len(grams) < _MIN_WORDS - _GRAM_WORDS + 1:
        return ()
    sampled = [gram for gram in grams if gram <= _MASK // 2 // _SAMPLE_DIVISOR]
    return tuple(sorted(sampled) if len(sampled) > _MIN_SAMPLE else nsmallest(_MIN_SAMPLE, grams))


def relate(new: StoryText, old: StoryText, shared: int) -> Relation:
    """Return whether ``new`` is a copy of ``old``, a longer version with something fresh in it, or a text of its own.

    ``shared``: how many fingerprints they have in common, boilerplate of the new one's host left out. Texts with
    different denial wording are never copies, nor are an official record and a press text. Official records follow one
    form, so they are copies only as a whole.
    """
    if shared < MIN_SHARED:
        return Relation(Kinship.SEPARATE, "no text in common")
    both = _Overlap(new.text, old.text)
    if not both.same_story:
        return Relation(Kinship.SEPARATE, f"only {both.containment:.0%} of the shorter text in common")
    if new.signature != old.signature:
        return Relation(Kinship.SEPARATE, "the same text, but its denial wording differs")
    fresh = both.fresh_sentences()
    if new.official and (not old.official or fresh):
        return Relation(Kinship.SEPARATE, "an official record is a story of its own")
    if both.fresh_share > _MOSTLY_FRESH:
        return Relation(Kinship.EXTENDED, f"{both.fresh_share:.0%} of its words are fresh", fresh)
    return Relation(Kinship.COPY, f"{both.containment:.0%} of the shorter text in common", fresh)


class _Overlap:
    """What a new text and an old one have in common, in words and five-grams."""

    def __init__(self, new: str, old: str) -> None:
        self._text = new
        self._words = list(WORD.finditer(lower_in_place(new)))
        self._grams = _hashes([match.group() for match in self._words])
        others = set(_hashes(WORD.findall(lower_in_place(old))))
        own = set(self._grams)
        self._common = own & others
        self.containment = len(self._common) / max(1, min(len(own), len(others)))
        """Return the share of the shorter text's five-grams that the other one has."""

    @property
    def same_story(self) -> bool:
        """Return whether enough of the shorter text is shared; less is enough if it is one unbroken passage.

        A story cut to its beginning keeps a passage. Stories written after one form share as much, but in pieces.
        """
        if self.containment >= _MIN_COPY_SHARE or self.containment < _MIN_PASSAGE_OF_SHORTER:
            return self.containment >= _MIN_COPY_SHARE
        longest = _longest_run([gram in self._common for gram in self._grams])
        return longest + _GRAM_WORDS - 1 >= _MIN_PASSAGE_WORDS and longest >= _MIN_PASSAGE_OF_SHARED * len(self._common)

    @cached_property
    def _known(self) -> list[bool]:
        """Return for each word of the new text whether it is in a five-gram that the old one has."""
        known = [False] * len(self._words)
        for first, gram in enumerate(self._grams):
            if gram in self._common:
                known[first : first + _GRAM_WORDS] = [True] * _GRAM_WORDS
        return known

    @property
    def fresh_share(self) -> float:
        """Return the share of the new text's words that the old one does not have."""
        return self._known.count(False) / max(1, len(self._known))

    def fresh_sentences(self) -> tuple[str, ...]:
        """Return the sentences of the new text that are fresh by more than half."""
        sentences = []
        last = 0
        for start, end in sentence_spans(self._text):
            first = last
            while last < len(self._words) and self._words[last].start() < end:
                last += 1
            if self._known[first:last].count(False) * 2 > last - first:
                sentences.append(" ".join(self._text[start:end].split()))
        return tuple(sentences)


def _longest_run(flags: Sequence[bool]) -> int:
    longest = current = 0
    for flag in flags:
        current = current + 1 if flag else 0
        longest = max(longest, current)
    return longest


def _hashes(words: Sequence[str]) -> list[int]:
    """Return a hash of each five words in a row, from 0 to 2**63 - 1 (multilinear hashing over 64 bits)."""
    codes = [crc32(word.encode()) for word in words]
    rows = zip(codes, codes[1:], codes[2:], codes[3:], codes[4:], strict=False)
    return [((a * _A + b * _B + c * _C + d * _D + e * _E) & _MASK) >> 1 for a, b, c, d, e in rows]

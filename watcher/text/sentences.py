"""Where sentences and paragraphs end. The only splitter: what a rule matches in is what the alert quotes.

A sentence ends at ``. ! ?`` or ``…`` followed by white space, unless the next word starts with a small letter; at a
full stop of a script that needs no white space after it (``。``); and at an empty line or a page break. A single full
stop may belong to an abbreviation instead, which the word before it and the word after it decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple


class Break(NamedTuple):
    """A place in a text where one sentence ends and the next one starts."""

    start: int
    """Offset at which the next sentence starts."""
    paragraph: bool
    """A paragraph ends here too: at an empty line, a page break, or a line break right after the sentence."""


# Possessive repeats and the lookbehind keep this linear: no character is looked at again from another start.
_CANDIDATE = re.compile(
    r"""
    (?P<first> [.!?…؟۔।॥。！？｡\n\r\f\u2029] )                          # alone in front, so that the search is quick
    (?: (?<=[.!?…؟۔।॥]) (?<![.!?…]{2}) (?P<more> [.!?…]*+ ) ["'”’»)\]]*+ (?P<space> \s++ )
      | (?<=[。！？｡]) ["'”’»)\]」』）]*+ (?P<wide> \s*+ )
      | (?P<blank> (?: (?<=\n) [^\S\n]*\n | (?<=\r) [^\S\n\r]*\r | (?<=[\f\u2029]) ) \s*+ )
    ) (?=\S)""",
    re.VERBOSE,
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n|\r[^\S\n\r]*\r|[\f\u2029]")
_LINE_BREAK = re.compile(r"[\n\r\u2028]")
_NEXT_WORD = re.compile(r"(?:[^\w\n\r\f\u2029.!?…。！？｡]|_){0,20}([^\W_]++)([.-]?)")
"""Twenty characters are room for a dash, a bullet and quotation marks; a limit keeps rows of symbols linear. It does
not look past the next border, so that a sentence is the same by itself as in its text. A word with a full stop or a
hyphen after it starts no sentence: "No. 5", "A-10"."""
_NO_OPENING = frozenset(".!?…,;:)]}”»。！？｡")
"""No sentence starts with these: the rest of ``. . .``, a closing mark after white space."""
_LIST_NUMBER = re.compile(r"\d{1,3}")
_ROMAN = re.compile(r"[IVXLC]+")
_INITIAL = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
"""One letter, or letters with full stops between: "J" and "U.S", each in front of its last full stop."""
_MAX_ABBREVIATION_CHARS = 24
"""Characters before a full stop that are searched for an abbreviation."""
_LAST_WORD = re.compile(r"[\w.'’]+\Z")
"""With its apostrophe: the "s" of "ICE's" is no initial."""


class _Kind(Enum):
    """What an abbreviation is, which says when its full stop ends a sentence as well."""

    BEFORE_MORE = auto()
    """Words that need something after them: never."""
    BEFORE_A_NAME = auto()
    """Titles and ranks: never, if they have a capital. "The union rep. He left" is two sentences."""
    BEFORE_A_NUMBER = auto()
    """For instance "No. 5" goes on, "No. He left" is two sentences."""
    DATE = auto()
    """For instance "Jan. 20" and "Tues. Jan. 20" go on, "They left in Jan. ICE hired them" is two sentences."""
    TIME = auto()
    """For instance "5 p.m. Tuesday" and "5 p.m. EST" go on, "5 p.m. Officers left" does not."""
    STATE = auto()
    """With a capital as those below: "they wash. Police came" is two sentences."""
    MAY_END = auto()
    """As often as not: the next word decides, as it does after initials."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MONTHS = _set("jan feb mar apr jun jul aug sep sept oct nov dec")
_DAYS = _set("mon tue tues wed weds thu thur thurs fri sat sun")
_KINDS = {
    word: kind
    for kind, words in {
        _Kind.BEFORE_MORE: _set("vs v cf viz approx e.g i.e"),
        _Kind.BEFORE_A_NAME: _set(
            "mr mrs ms mx messrs mme dr prof rev fr hon gov sen rep pres amb sec atty supt det insp sgt lt cpl pvt pfc "
            "cpt capt cmdr cmdt col gen maj adm brig ofc ofcr dep mt ft"
        ),
        _Kind.BEFORE_A_NUMBER: _set("no nos vol vols fig figs pp p ch art"),
        _Kind.DATE: _MONTHS | _DAYS,
        _Kind.TIME: _set("a.m p.m"),
        _Kind.STATE: _set(
            "ala ariz ark calif colo conn fla ill ind kan ky mich minn mont neb nev okla ore pa tenn tex va vt wash "
            "wis wyo"
        ),
        _Kind.MAY_END: _set(
            "inc corp co ltd llc plc bros jr sr esq dept est assn bldg univ dist st ave blvd rd hwy etc md ph.d"
        ),
    }.items()
    for word in words
}
_AFTER_A_TIME = (
    _MONTHS
    | _DAYS
    | _set(
        "et est edt ct cst cdt mt mst mdt pt pst pdt gmt utc bst eastern central mountain pacific "
        "monday tuesday wednesday thursday friday saturday sunday "
        "january february march april may june july august september october november december"
    )
)
_STARTERS = _set(
    "a after all although an and another are as at because before both but by did do during each even every few for "
    "from had has have he her here hers his how however i if in instead is it its last later many meanwhile more most "
    "my neither no nobody none nor not now of on once one or other our several she since so some still such that the "
    "their then there these they this those though through to two under unlike until was we were what when where "
    "whether which while who why with without you your"
)
"""Words that start a sentence and, with a capital, hardly ever go on after an abbreviation."""


def breaks(text: str) -> Iterator[Break]:
    """Return every break of the text, ascending; never one in front of its first or after its last visible character.

    Takes time in proportion to the text.
    """
    begin, on_new_line = len(text) - len(text.lstrip()), True
    # White space at the end is left out: from each of its lines the expression would look for what follows it.
    for found in _CANDIDATE.finditer(text, begin, len(text.rstrip())):
        gap = found["space"] or found["wide"] or ""
        is_blank = found["blank"] is not None or (gap != " " and _BLANK_LINE.search(gap) is not None)
        if not is_blank:
            if found["wide"] is None and _goes_on(text, found):
                continue
            if on_new_line and _LIST_NUMBER.fullmatch(text, begin, found.start()):
                continue
        paragraph = is_blank or (gap != " " and _LINE_BREAK.search(gap) is not None)
        yield Break(found.end(), paragraph)
        begin, on_new_line = found.end(), paragraph


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of each sentence, without the white space around it; no sentence is empty."""
    starts = [0, *(each.start for each in breaks(text))]
    spans = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        sentence = text[start:end]
        visible = sentence.strip()
        if visible:
            start += len(sentence) - len(sentence.lstrip())
            spans.append((start, start + len(visible)))
    return spans


def sentences(text: str) -> list[str]:
    """Return the sentences of a text in order, as they are written."""
    return [text[start:end] for start, end in sentence_spans(text)]


def _goes_on(text: str, found: re.Match[str]) -> bool:
    """Return whether the sentence goes on after a stop and white space."""
    following = _NEXT_WORD.match(text, found.end())
    word = following[1] if following else ""
    if word[:1].islower() or text[found.end()] in _NO_OPENING:
        return True
    is_full_stop = found["first"] == "." and not found["more"]
    starts = following is not None and not following[2] and word.lower() in _STARTERS
    return is_full_stop and _abbreviates(_word_before(text, found.start("first")), word, starts)


def _word_before(text: str, stop: int) -> str:
    written = text[max(0, stop - _MAX_ABBREVIATION_CHARS) : stop].rpartition(" ")[2]
    if written.isalnum():
        return written
    found = _LAST_WORD.search(written)
    return found[0].lstrip(".") if found else ""


def _abbreviates(word: str, following: str, starts: bool) -> bool:
    """Return whether the full stop after ``word`` only abbreviates it, given the word that follows, and whether
    sentences start with that."""
    match _KINDS.get(word.lower()):
        case _Kind.BEFORE_MORE:
            return True
        case _Kind.BEFORE_A_NAME:
            return word[0].isupper() or not starts
        case _Kind.BEFORE_A_NUMBER:
            return following[:1].isdigit() or _ROMAN.fullmatch(following) is not None
        case _Kind.DATE if word[0].isupper():  # "they sat" and "in the sun" are no days
            return following[:1].isdigit() or following.lower() in _MONTHS
        case _Kind.TIME:
            return following.lower() in _AFTER_A_TIME
        case _Kind.STATE if not word[0].isupper():
            return False
        case _Kind.STATE | _Kind.MAY_END:
            return not starts
    return _INITIAL.fullmatch(word) is not None and not starts

"""Where a story comes from: the agency that several outlets took it from, or the outlet that had it first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watcher.text.humanize import pluralize

_AGENCIES = {
    "AP": r"(?:The )?Associated Press|AP",
    "Reuters": r"Thomson Reuters|Reuters",
    "AFP": r"Agence France-Presse|AFP",
    "UPI": r"United Press International|UPI",
    "Bloomberg": r"Bloomberg(?: News)?",
    "dpa": r"Deutsche Presse-Agentur|dpa",
    "PA": r"PA Media|Press Association|PA",
    "Canadian Press": r"(?:The )?Canadian Press",
    "AAP": r"Australian Associated Press|AAP",
    "Xinhua": r"Xinhua",
    "TASS": r"TASS",
    "ANSA": r"ANSA",
    "EFE": r"EFE",
    "Kyodo": r"Kyodo(?: News)?",
    "PTI": r"Press Trust of India|PTI",
    "CNN": r"CNN(?: Wire)?",
    "Tribune News Service": r"Tribune News Service|TNS",
    "States Newsroom": r"States Newsroom",
}
_ANY = "|".join(_AGENCIES.values())
_OPENING_CHARS = 400
"""Characters at the beginning that are searched for a dateline or "first published by". Chosen by hand."""
_CLOSING_CHARS = 600
"""Characters at the end that are searched for a credit line, often before a footer. Chosen by hand."""

_BYLINE = re.compile(rf"(?:^|[\s,/|(])(?P<agency>{_ANY})\)?(?:\s+(?:staff|writer|reporter|business|sports)\b.*)?$")
_DATELINE = re.compile(rf"[A-Z][^\n()]{{1,60}}\((?P<agency>{_ANY})\)\s*(?:[-—–:]|$)|^\((?P<bare>{_ANY})\)\s*[-—–]")
_CREDIT = re.compile(
    rf"(?:©|\(c\)|Copyright)\s*(?:\d{{4}}\s+)?(?:by\s+)?(?P<agency>{_ANY})\b"
    rf"|\((?P<signed>{_ANY})\)\s*$"
    r"|(?P<reuters>Reporting by [^\n]{3,200}; ?(?:[Ww]riting|[Ee]diting) by )"
)
_REPUBLISHED = re.compile(
    r"This (?:story|article|report) (?:was|is) (?:first |originally |initially )*"
    r"(?:published|produced|reported|republished) (?:by|in|on|from) (?P<outlet>[A-Z][\w'&.-]*(?: [A-Z][\w'&-]*){0,4})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An outlet that has the story, with its text, which may name the origin."""

    name: str
    author: str = ""
    text: str = ""
    at: datetime | None = None
    """When it published the story, or when it was first seen there."""
    official: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """The likely origin of a story; ``name`` is empty if it is unknown."""

    outlets: int
    name: str = ""
    because: str = ""

    def __str__(self) -> str:
        outlets = pluralize(self.outlets, "outlet")
        one = "likely origin" if self.outlets == 1 else "likely one origin"
        return f"{outlets}, {one}: {self.name} ({self.because})" if self.name else f"{outlets}, origin not known"


def origin(outlets: Sequence[Outlet]) -> Origin:
    """Return the likely origin of a story that these outlets have.

    That is an official record among them; else the agency, or the outlet it was first published by, that most of
    them name in byline, dateline or credit line; else the first outlet, if more than one has it.
    """
    names = len({outlet.name for outlet in outlets})
    official = next((outlet for outlet in outlets if outlet.official), None)
    if official:
        return Origin(names, official.name, "official record")
    marks = Counter(mark for outlet in outlets if (mark := _mark(outlet)))
    if marks:
        name, votes = marks.most_common(1)[0]
        return Origin(names, name, f"named by {votes} of {len(outlets)}")
    dated = [(outlet.at, outlet.name) for outlet in outlets if outlet.at]
    if names > 1 and dated:
        return Origin(names, min(dated)[1], "had it first")
    return Origin(names)


def _mark(outlet: Outlet) -> str:
    """Return the origin that the outlet itself names; a mention somewhere in the story does not count."""
    opening, closing = outlet.text[:_OPENING_CHARS], outlet.text[-_CLOSING_CHARS:]
    if republished := _REPUBLISHED.search(opening) or _REPUBLISHED.search(closing):
        return _canonical(republished["outlet"])
    found = _BYLINE.search(outlet.author.strip()) or _DATELINE.search(opening) or _CREDIT.search(closing)
    if not found:
        return ""
    if found.groupdict().get("reuters"):
        return "Reuters"
    return _canonical(next(value for value in found.groupdict().values() if value))


def _canonical(name: str) -> str:
    return next((agency for agency, names in _AGENCIES.items() if re.fullmatch(names, name)), name)

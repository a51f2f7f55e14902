"""The news wires of Reuters-21578, for every bench that needs ordinary news."""

from __future__ import annotations

import gzip
import html
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

SHARED = Path(os.environ.get("WATCHER_SHARED", Path(__file__).parents[2] / "shared"))
REUTERS = SHARED / "data/text/reuters21578"
_WIRE = re.compile(r"<REUTERS.*?</REUTERS>", re.DOTALL)
_DAY = re.compile(r"<DATE>\s*(\d+-[A-Z]+-\d{4})")
_TITLE = re.compile(r"<TITLE>(.*?)</TITLE>", re.DOTALL)
_BODY = re.compile(r"<BODY>(.*?)</BODY>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wire:
    """A story of 1987."""

    day: date
    title: str
    """In capitals; a few have none."""
    body: str


def wires() -> Iterator[Wire]:
    """Yield the wires that have a body, in the order of the files; none where the data is absent."""
    for path in sorted(REUTERS.glob("reut2-*.sgm.gz")):
        for wire in _WIRE.findall(gzip.decompress(path.read_bytes()).decode("latin-1")):
            day, title, body = _DAY.search(wire), _TITLE.search(wire), _BODY.search(wire)
            if day and body:
                written = datetime.strptime(day[1].title(), "%d-%b-%Y").date()  # noqa: DTZ007 - a day has no zone
                yield Wire(written, html.unescape(title[1]).strip() if title else "", html.unescape(body[1]).strip())

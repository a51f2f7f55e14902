"""Read a feed: RSS 0.9x to 2.0, RDF, Atom and JSON Feed. Runs in a reading process only.

Well-formed feeds are scanned first and feedparser sees only the entries that are unknown. Where the scan has doubts
feedparser reads all of it, and what it complains about is read entry by entry, so that a broken one costs no other.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from xml.sax import SAXParseException  # the class that feedparser reports; nothing is parsed with it

import feedparser

from watcher.model import Entry, FetchError, Memory, Reading, Reason
from watcher.reading import aggregators, damage, encoding, feedparser_entries, jsonfeed, plain_text, walls
from watcher.reading.fingerprints import reading_of, with_fingerprints
from watcher.reading.scan import FEED_ELEMENTS, scan

feedparser.api.StrictFeedParser.can_be_relative_uri.discard("id")  # a guid is a name, even if it looks like a path

_SURVIVABLE = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_CRASHES = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What feedparser lets through when an entry confuses it."""
_SKIP_HOURS = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>")
_HEAD_BYTES = 64 * 1024
"""In which a feed describes itself."""
_MAX_QUOTED_CHARS = 200
"""Characters of a parser's complaint that are shown."""
_MAX_TTL_DIGITS = 6
"""Digits of a ``ttl`` in minutes; a longer number is a mistake."""


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What feedparser made of a document."""

    entries: Sequence[Any]
    feed: Any
    version: str
    problem: str

    @property
    def atom(self) -> bool:
        """Return whether it is Atom, which says of every text whether it is markup."""
        return self.version.startswith("atom")


def read(body: bytes, *, url: str, content_type: str, known: frozenset[bytes]) -> Reading:
    """Return what the feed at ``url`` says, without the entries whose fingerprint is ``known``.

    Raise FetchError when it is not a feed, or cannot be read at all.
    """
    if jsonfeed.looks_like_json(body):
        feed = jsonfeed.read(body, url)
        return replace(reading_of(feed.entries, known), title=feed.title, damaged=feed.damaged)
    data = encoding.to_utf8(body, content_type)
    base = damage.site(data) or url
    return _unknown_only(data, base, known) or _everything(data, base, known)


def _unknown_only(data: bytes, base: str, known: frozenset[bytes]) -> Reading | None:
    """Read what the scan found to be unknown; return None when feedparser does not agree with the scan."""
    scanned = scan(data)
    if scanned is None:
        return None
    unknown = [own for own in scanned.fingerprints if own not in known]
    document = _parse(data if len(unknown) == len(scanned.fingerprints) else scanned.without(known), base)
    if document.problem or len(document.entries) != len(unknown):
        return None
    return Reading(
        entries=with_fingerprints(_entries(document, base), unknown, scanned.guids),
        skipped=known.intersection(scanned.fingerprints),
        memory=Memory(fingerprints=frozenset(scanned.fingerprints)),
        total=len(scanned.fingerprints),
        hold=_ttl(document.feed),
        skip_hours=_skip_hours(data),
        title=feedparser_entries.title(document.feed, atom=document.atom),
    )


def _everything(data: bytes, base: str, known: frozenset[bytes]) -> Reading:
    """Read all entries, whatever state the document is in."""
    if damage.is_page(data):
        raise _refusal(data, "")
    document = _parse(data, base)
    entries = _entries(document, base)
    if document.problem:
        complete = entries[:-1] if damage.breaks_off(data) else entries
        entries = max(_one_by_one(data, base), complete, key=len)
    if not entries and not document.version:
        raise _refusal(data, document.problem)
    return replace(
        reading_of(entries, known),
        damaged=document.problem,
        hold=_ttl(document.feed),
        skip_hours=_skip_hours(data),
        title=feedparser_entries.title(document.feed, atom=document.atom),
    )


def _one_by_one(data: bytes, base: str) -> list[Entry]:
    return [entry for piece in damage.pieces(data) for entry in _entries(_parse(piece, base), base)]


def _refusal(data: bytes, problem: str) -> FetchError:
    if obstacle := walls.wall(data) or (walls.asks_to_sign_in(data) and "a form to sign in"):
        return FetchError(Reason.BLOCKED, obstacle)
    if problem and damage.first_element(data) in FEED_ELEMENTS:
        return FetchError(Reason.DAMAGED, problem)
    return FetchError(Reason.NOT_A_FEED, damage.describe(data))


def _parse(data: bytes, base: str) -> _Parsed:
    try:
        result = feedparser.parse(
            io.BytesIO(data),  # never the bytes themselves: feedparser takes those for a file name
            response_headers={"content-type": encoding.UTF8, "content-location": base},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except _CRASHES as error:
        return _Parsed(
            (), {}, "", f"feedparser: {type(error).__name__}: {plain_text.line(str(error), _MAX_QUOTED_CHARS)}"
        )
    trouble = result.get("bozo_exception")
    problem = "" if trouble is None or isinstance(trouble, _SURVIVABLE) else _problem(trouble)
    return _Parsed(result.entries, result.feed, result.version, problem)


def _problem(trouble: Exception) -> str:
    """What feedparser complains about, with the place where it says one."""
    if isinstance(trouble, SAXParseException):
        return f"line {trouble.getLineNumber()}: {plain_text.line(trouble.getMessage(), _MAX_QUOTED_CHARS)}"
    return plain_text.line(str(trouble), _MAX_QUOTED_CHARS)


def _entries(document: _Parsed, base: str) -> list[Entry]:
    entries = (feedparser_entries.entry(raw, base=base, atom=document.atom) for raw in document.entries)
    return list(map(aggregators.resolved, entries))


def _ttl(feed: Any) -> timedelta | None:
    words = str(feed.get("ttl", "")).strip()
    usable = words.isascii() and words.isdecimal() and len(words) <= _MAX_TTL_DIGITS and int(words) > 0
    return timedelta(minutes=int(words)) if usable else None


def _skip_hours(data: bytes) -> frozenset[int]:
    """Return the hours in GMT at which RSS asks to be left alone, of which feedparser keeps only the last.

    Feeds count them from 0 to 23 or from 1 to 24. One that names all of them would never be asked.
    """
    found = _SKIP_HOURS.search(data, 0, _HEAD_BYTES)
    hours = {int(hour) % 24 for hour in _HOUR.findall(found[1])} if found else set()
    return frozenset(hours) if len(hours) < 24 else frozenset()

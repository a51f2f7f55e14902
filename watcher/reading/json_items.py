"""Items in the JSON of an interface become entries, by JMESPath expressions. Runs in a reading process only.

An expression that finds nothing where each item must have something is an error, never an empty source: interfaces
change their shape without notice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import partial
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import jmespath
from jmespath.exceptions import JMESPathError

from watcher.model import Entry, FetchError, Reason
from watcher.reading import damage, dates, feedparser_entries, plain_text, walls
from watcher.reading.extraction import JsonExpressions
from watcher.reading.fingerprints import reading_of
from watcher.reading.results import Part

_TEMPLATE = re.compile(r"(?:https?://|/)")
"""How a link begins that has expressions in braces; no expression begins like that."""
_BRACES = re.compile(r"\{([^{}]+)\}")
_ABSENT = frozenset({"", "0"})
"""Placeholders in addresses of pages that do not exist yet."""
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_THROTTLED = re.compile(r"limit requests|too many requests|rate limit|throttled|slow down", re.IGNORECASE)
_MAX_QUOTED_CHARS = 200
"""Characters of foreign words or keys in an error message."""


def read(body: bytes, *, url: str, content_type: str, known: frozenset[bytes], extract: JsonExpressions) -> Part:  # noqa: ARG001 - every reader gets it
    """Return what the JSON from ``url`` lists, without the items whose fingerprint is ``known``.

    Raise FetchError: BLOCKED, THROTTLED, REFUSED, NOT_A_FEED or DAMAGED for what is not JSON, SELECTOR when ``items``
    finds no list or ``key`` or ``title`` nothing in any item.
    """
    zone = ZoneInfo(extract.timezone)
    search = partial(_search, options=jmespath.Options(custom_functions=_Functions(zone)))
    document = _parsed(body)
    records = search(extract.items, document)
    if not isinstance(records, list):
        raise FetchError(Reason.SELECTOR, f"items: {extract.items!r} finds no list; there is {_described(document)}")
    entries = [_Record(record, search, url, zone).entry(extract) for record in records]
    _check(entries, extract)
    reading = reading_of(entries, known)
    undated = extract.date and entries and all(entry.published is None for entry in entries)
    return Part(
        reading=replace(reading, damaged=f"date: {extract.date!r} finds no date in any item" if undated else ""),
        next=_address(search(extract.next, document), url) if extract.next else "",
        count=_number(search(extract.count, document)) if extract.count else None,
    )


class _Functions(jmespath.functions.Functions):
    """What expressions may call beside the functions of JMESPath."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone

    @jmespath.functions.signature({"types": []})
    def _func_when(self, value: object) -> str | None:
        """Return a date as people read it: day and time of day, in the time zone of the source."""
        found = dates.parse(value, self._zone)
        return f"{found.astimezone(self._zone):%Y-%m-%d %H:%M}".removesuffix(" 00:00") if found else None


@dataclass(frozen=True, slots=True)
class _Record:
    """One item, and what finds its parts."""

    record: Any
    search: Any
    url: str
    zone: tzinfo

    def entry(self, extract: JsonExpressions) -> Entry:
        """Return what the item says."""
        date = self.search(extract.date, self.record) if extract.date else None
        return Entry(
            guid=plain_text.key("/".join(self._texts(extract.key))),
            link=next(filter(None, map(self._link, extract.link)), ""),
            title=plain_text.line(", ".join(map(_plain, self._texts(extract.title)))),
            summary=self._passage(extract.summary),
            text=self._passage(extract.text),
            author=plain_text.line(", ".join(map(_plain, self._texts(extract.author)))),
            published=dates.parse(date, self.zone),
            tags=feedparser_entries.tags(self._texts(extract.filed_under)),
        )

    def _texts(self, expression: str) -> list[str]:
        return list(dict.fromkeys(_texts(self.search(expression, self.record)))) if expression else []

    def _passage(self, expression: str) -> str:
        return "\n\n".join(filter(None, map(_plain, self._texts(expression))))[: plain_text.TEXT_LIMIT].rstrip()

    def _link(self, expression: str) -> str:
        if not _TEMPLATE.match(expression):
            links = (plain_text.web_link(link, self.url) for link in self._texts(expression))
            return next(filter(None, links), "")
        values = {name: "".join(self._texts(name)) for name in _BRACES.findall(expression)}
        if _ABSENT.intersection(values.values()):
            return ""
        return plain_text.web_link(_BRACES.sub(lambda braces: quote(values[braces[1]], safe=""), expression), self.url)


def _search(expression: str, document: Any, options: Any) -> Any:
    """Return what the expression finds; a function that cannot work with what is there finds None."""
    try:
        return jmespath.compile(expression).search(document, options)
    except JMESPathError:
        return None


def _parsed(body: bytes) -> Any:
    try:
        written = body.decode(json.detect_encoding(body), "replace")
        return json.loads(written, parse_constant=str, strict=False)  # raw line ends in texts are common
    except RecursionError:
        raise FetchError(Reason.HOSTILE, "JSON nested too deeply") from None
    except ValueError as error:
        raise _refusal(body, plain_text.line(str(error), _MAX_QUOTED_CHARS)) from None


def _refusal(body: bytes, problem: str) -> FetchError:
    """Return why the response is not JSON."""
    if obstacle := walls.wall(body):
        return FetchError(Reason.BLOCKED, obstacle)
    start = body.lstrip()[:1]
    if start in (b"{", b"["):
        return FetchError(Reason.DAMAGED, f"JSON that cannot be read: {problem}")
    if start in (b"<", b"%", b""):
        return FetchError(Reason.NOT_A_FEED, f"not JSON but {damage.describe(body)}")
    words = plain_text.line(body[: 4 * _MAX_QUOTED_CHARS].decode("utf-8", "replace"), _MAX_QUOTED_CHARS)
    return FetchError(Reason.THROTTLED if _THROTTLED.search(words) else Reason.REFUSED, f"it answers: {words!r}")


def _check(entries: Collection[Entry], extract: JsonExpressions) -> None:
    """Raise FetchError if no item has what each should have: the interface changed its shape."""
    for name, expression, values in (
        ("key", extract.key, [entry.guid for entry in entries]),
        ("title", extract.title, [entry.title for entry in entries]),
    ):
        if expression and values and not any(values):
            raise FetchError(Reason.SELECTOR, f"{name}: {expression!r} finds nothing in any of {len(values)} items")


def _texts(found: Any) -> Iterable[str]:
    """Yield the texts and numbers among what was found, as text."""
    for value in found if isinstance(found, list) else [found]:
        if isinstance(value, list):
            yield from _texts(value)
        elif words := _text(value):
            yield words


def _text(value: Any) -> str:
    usable = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value).strip() if usable else ""


def _plain(value: str) -> str:
    return plain_text.from_html(value) if _MARKUP.search(value) else plain_text.unescaped(value)


def _address(found: Any, url: str) -> str:
    return plain_text.web_link(found, url) if isinstance(found, str) and found else ""


def _number(found: Any) -> int | None:
    words = _text(found)
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 12 else None


def _described(document: Any) -> str:
    if isinstance(document, dict):
        return plain_text.line(f"an object with {', '.join(map(str, document)) or 'nothing in it'}", _MAX_QUOTED_CHARS)
    return "a list" if isinstance(document, list) else "a bare value"

"""What feedparser made of an entry becomes an ``Entry``."""

from __future__ import annotations

import calendar
import contextlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from watcher.model import Entry
from watcher.reading import text
from watcher.reading.answers import TAG_LIMIT

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_YEARS = range(1900, 2200)
"""Date parsers make years like 9999 of nonsense."""
_LINK_RELATIONS = ("alternate", "related", "enclosure")


def entry(raw: dict[str, Any], *, base: str, atom: bool) -> Entry:
    """The entry, all its text plain. ``base`` is what its relative links are relative to."""
    summary, contents = _passages(raw, atom)
    return Entry(
        guid=text.key(raw.get("id", "")),
        link=_link(raw, base),
        title=title(raw, atom=atom),
        summary=summary,
        text="\n\n".join(contents)[: text.TEXT_LIMIT],
        author=_author(raw),
        outlet=title(raw.get("source", {}), atom=atom) or text.line(text.unescaped(raw.get("news_source", ""))),
        published=_moment(raw),
        tags=tags(tag.get("term") or tag.get("label") or "" for tag in raw.get("tags", ())),
    )


def title(raw: Mapping[str, Any], *, atom: bool) -> str:
    """The title of an entry, a feed or a source."""
    detail = raw.get("title_detail") or {"value": raw.get("title") or ""}
    return text.line(_plain(detail, atom))


def tags(words: Iterable[str]) -> tuple[str, ...]:
    """The distinct tags, in order."""
    return tuple(dict.fromkeys(filter(None, map(text.line, words))))[:TAG_LIMIT]


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC, which it is taken to be in if it does not say. Raises ValueError, OverflowError."""
    if moment.year not in _YEARS:
        raise ValueError("a year of no feed")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _passages(raw: Mapping[str, Any], atom: bool) -> tuple[str, list[str]]:
    """The summary, and the distinct contents. Without a summary of its own feedparser repeats the content there."""
    contents = list(dict.fromkeys(_plain(content, atom) for content in raw.get("content", ())))
    summary = _plain(raw["summary_detail"], atom) if raw.get("summary_detail") else ""
    return ("" if summary in contents else summary), [content for content in contents if content]


def _plain(detail: Mapping[str, Any], atom: bool) -> str:
    """The value as plain text. Only Atom says reliably what is text; elsewhere entities are left over in it."""
    value = detail.get("value") or ""
    if detail.get("type") in _HTML:
        return text.from_html(value)
    return text.plain(value) if atom else text.unescaped(value)


def _link(raw: Mapping[str, Any], base: str) -> str:
    """The entry's own page, else the first thing it leads to."""
    links = raw.get("links", ())
    candidates = [raw.get("link")]
    candidates += [link.get("href") for kind in _LINK_RELATIONS for link in links if link.get("rel") == kind]
    usable = (text.web_link(candidate, base) for candidate in candidates if candidate)
    return next(filter(None, usable), "")


def _author(raw: Mapping[str, Any]) -> str:
    names = [author.get("name") or author.get("email") for author in raw.get("authors", ())]
    return text.line(text.unescaped(", ".join(filter(None, names)) or raw.get("author") or ""))


def _moment(raw: dict[str, Any]) -> datetime | None:
    """When it was published, else changed, else made; None for what is no date."""
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        if moment := dict.get(raw, name):  # feedparser's own get() would pass one date off for another
            with contextlib.suppress(OverflowError, ValueError, OSError):
                return in_utc(datetime.fromtimestamp(calendar.timegm(moment), UTC))
    return None

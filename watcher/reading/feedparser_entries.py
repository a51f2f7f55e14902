"""What feedparser made of an entry becomes an ``Entry``.

feedparser keeps what it gathers, and what elements say that it does not know, under the same names: where a feed has
an element ``authors`` or ``tags``, there is text, or the attributes of that element, in the place of a list. So a value
counts only if it is of the kind that is looked for.
"""

from __future__ import annotations

import calendar
import contextlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from time import struct_time
from typing import Any

from watcher.model import Entry
from watcher.reading import plain_text
from watcher.reading.replies import MAX_TAGS

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_YEARS = range(1900, 2200)
"""Date parsers make years like 9999 of nonsense."""
_LINK_RELATIONS = ("alternate", "related", "enclosure")


def entry(raw: dict[str, Any], *, base: str, atom: bool) -> Entry:
    """Return the entry, all its text plain. ``base`` is what its relative links are relative to."""
    summary, contents = _passages(raw, atom)
    return Entry(
        guid=plain_text.key(_said(raw, "id")),
        link=_link(raw, base),
        title=title(raw, atom=atom),
        summary=summary,
        text="\n\n".join(contents)[: plain_text.TEXT_LIMIT],
        author=_author(raw),
        outlet=title(_detail(raw, "source"), atom=atom)
        or plain_text.line(plain_text.unescaped(_said(raw, "news_source"))),
        published=_moment(raw),
        tags=tags(tag.get("term") or tag.get("label") or "" for tag in _listed(raw, "tags")),
    )


def title(raw: Mapping[str, Any], *, atom: bool) -> str:
    """Return the title of an entry, a feed or a source."""
    detail = _detail(raw, "title_detail")
    return plain_text.line(_plain(detail if "value" in detail else {"value": _said(raw, "title")}, atom))


def tags(words: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct tags, in order."""
    return tuple(dict.fromkeys(filter(None, map(plain_text.line, words))))[:MAX_TAGS]


def in_utc(moment: datetime) -> datetime:
    """Return the moment in UTC, which it is assumed to be in if it does not say. Raise ValueError, OverflowError."""
    if moment.year not in _YEARS:
        raise ValueError("not a year of a feed")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _passages(raw: Mapping[str, Any], atom: bool) -> tuple[str, list[str]]:
    """Return the summary, unless it is feedparser's repetition of a content, and the distinct contents."""
    contents = list(dict.fromkeys(_plain(content, atom) for content in _listed(raw, "content")))
    summary = _plain(_detail(raw, "summary_detail"), atom)
    return ("" if summary in contents else summary), [content for content in contents if content]


def _plain(detail: Mapping[str, Any], atom: bool) -> str:
    """Return the value as plain text. Only Atom says reliably what is text; elsewhere entities are left over in it."""
    value = detail.get("value") or ""
    if detail.get("type") in _HTML:
        return plain_text.from_html(value)
    return plain_text.plain(value) if atom else plain_text.unescaped(value)


def _link(raw: Mapping[str, Any], base: str) -> str:
    """Return the entry's own page, else the first thing it links to."""
    links = _listed(raw, "links")
    candidates = [_said(raw, "link")]
    candidates += [_said(link, "href") for kind in _LINK_RELATIONS for link in links if link.get("rel") == kind]
    usable = (plain_text.web_link(candidate, base) for candidate in candidates if candidate)
    return next(filter(None, usable), "")


def _author(raw: Mapping[str, Any]) -> str:
    names = [_said(author, "name") or _said(author, "email") for author in _listed(raw, "authors")]
    return plain_text.line(plain_text.unescaped(", ".join(filter(None, names)) or _said(raw, "author")))


def _moment(raw: dict[str, Any]) -> datetime | None:
    """Return when it was published, else changed, else created; None for what is not a date."""
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        if isinstance(
            moment := dict.get(raw, name), struct_time
        ):  # feedparser's own get() would pass one date off for another
            with contextlib.suppress(OverflowError, ValueError, OSError):
                return in_utc(datetime.fromtimestamp(calendar.timegm(moment), UTC))
    return None


def _listed(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = raw.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _detail(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def _said(raw: Mapping[str, Any], name: str) -> str:
    found = raw.get(name)
    return found if isinstance(found, str) else ""

"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watcher.model import Entry, FetchError, Reason
from watcher.reading import feedparser_entries, plain_text

_LEADING_SPACE = b"\xef\xbb\xbf \t\r\n"
_VERSION = "jsonfeed.org/version/"


@dataclass(frozen=True, slots=True)
class JsonFeed:
    """What a JSON Feed says."""

    title: str
    entries: tuple[Entry, ...]
    damaged: str


def looks_like_json(body: bytes) -> bool:
    """Return whether the document can only be JSON."""
    return body[:1024].lstrip(_LEADING_SPACE)[:1] in (b"{", b"[")


def read(body: bytes, url: str) -> JsonFeed:
    """Return the feed; numbers stay the text they were written as. Raise FetchError when it is not a JSON Feed."""
    try:
        # a bare number is text where JSON Feed wants text, and no number is long enough to cost anything
        feed = json.loads(body, parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError:
        raise FetchError(Reason.HOSTILE, "JSON nested too deeply") from None
    except ValueError as error:
        raise FetchError(Reason.DAMAGED, f"JSON that cannot be read: {plain_text.line(str(error), 200)}") from None
    if not isinstance(feed, dict) or not (_VERSION in _string(feed, "version") or isinstance(feed.get("items"), list)):
        raise FetchError(Reason.NOT_A_FEED, "JSON that is not a JSON Feed")
    items = feed.get("items")
    items = items if isinstance(items, list) else []
    base = plain_text.web_link(_string(feed, "home_page_url"), url) or url
    entries = tuple(_entry(item, base) for item in items if isinstance(item, dict))
    lost = len(items) - len(entries)
    return JsonFeed(
        title=plain_text.line(_string(feed, "title")),
        entries=entries,
        damaged=f"{lost} of {len(items)} items are not objects" if lost else "",
    )


def _entry(item: Mapping[str, Any], base: str) -> Entry:
    html = _string(item, "content_html")
    links = (plain_text.web_link(_string(item, name), base) for name in ("url", "external_url") if _string(item, name))
    return Entry(
        guid=plain_text.key(_string(item, "id")),
        link=next(filter(None, links), ""),
        title=plain_text.line(_string(item, "title")),
        summary=plain_text.plain(_string(item, "summary")),
        text=plain_text.from_html(html) if html else plain_text.plain(_string(item, "content_text")),
        author=_authors(item),
        published=_moment(item),
        tags=feedparser_entries.tags(tag for tag in _list(item, "tags") if isinstance(tag, str)),
    )


def _authors(item: Mapping[str, Any]) -> str:
    authors = [*_list(item, "authors"), item.get("author")]
    names = [_string(author, "name") for author in authors if isinstance(author, dict)]
    return plain_text.line(", ".join(dict.fromkeys(filter(None, names))))


def _moment(item: Mapping[str, Any]) -> datetime | None:
    for name in ("date_published", "date_modified"):
        with contextlib.suppress(ValueError, OverflowError):
            return feedparser_entries.in_utc(datetime.fromisoformat(_string(item, name)))
    return None


def _string(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    return value if isinstance(value, str) else ""


def _list(source: Mapping[str, Any], name: str) -> list[Any]:
    value = source.get(name)
    return value if isinstance(value, list) else []

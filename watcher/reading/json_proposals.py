"""Propose expressions that read JSON, from the names and values in its objects. Runs in a reading process only.

A person checks a proposal. It is for the list of objects whose names and values fit the most fields; a value that is
named a date must be one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from typing import Any

from watcher.model import FetchError, Reason
from watcher.reading import damage, dates, plain_text
from watcher.reading.results import OptionsProposal

_MAX_DEPTH = 4
"""Levels of objects that are searched for a list."""
_SAMPLE_SIZE = 30
"""Items of a list that are looked at."""
_MIN_SHARE = 0.6
"""The share of items that must have a value for it to be a field of the list."""
_NAME = re.compile(r"[A-Za-z_]\w*")

Values = Mapping[str, list[Any]]
"""The values in the items, by the expression that finds them."""


def read(body: bytes, *, url: str, content_type: str) -> list[OptionsProposal]:  # noqa: ARG001 - every reader gets it
    """Return the best proposal; none where nothing listed has a title. Raise FetchError: NOT_A_FEED."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise FetchError(Reason.NOT_A_FEED, f"not JSON but {damage.describe(body)}") from None
    proposals = [_proposal(expression, items) for expression, items in _lists(document, "", _MAX_DEPTH)]
    rated = sorted(proposals, key=lambda proposal: (len(proposal.options), proposal.count), reverse=True)
    return [proposal for proposal in rated if "title" in proposal.options][:1]


def _lists(value: Any, expression: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of objects with the expression that finds them."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        yield expression or "@", [item for item in value if isinstance(item, dict)]
    if isinstance(value, dict) and depth:
        for name, inside in value.items():
            yield from _lists(inside, f"{expression}.{_quoted(name)}" if expression else _quoted(name), depth - 1)


def _proposal(expression: str, items: list[Any]) -> OptionsProposal:
    values: dict[str, list[Any]] = {}
    for item in items[:_SAMPLE_SIZE]:
        for path, value in _leaves(item, ""):
            values.setdefault(path, []).append(value)
    usual = {path: found for path, found in values.items() if len(found) >= _MIN_SHARE * len(items[:_SAMPLE_SIZE])}
    options = {"items": expression}
    for field, (names, fits) in _FIELDS.items():
        if found := _best(usual, names, fits):
            options[field] = found
    return OptionsProposal(options=options, count=len(items))


def _leaves(item: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield the texts and numbers of an item, and of the objects directly in it."""
    for name, value in item.items():
        if isinstance(value, dict) and not prefix:
            yield from _leaves(value, f"{_quoted(name)}.")
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            yield f"{prefix}{_quoted(name)}", value


def _best(values: Values, names: tuple[str, ...], fits: Callable[[list[Any]], bool]) -> str:
    """Return the expression whose name ends with one of ``names``, the earlier the better, and whose values fit."""
    for name in names:
        ending = re.compile(rf"(?:^|[\W_]|(?<=[a-z])(?=[A-Z])){name}\W*$", re.IGNORECASE)
        found = [path for path, held in values.items() if ending.search(path) and fits(held)]
        if found:
            return min(found, key=len)
    return ""


def _are_words(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values) and (len(set(values)) > 1 or len(values) == 1)


def _are_links(values: list[Any]) -> bool:
    return all(isinstance(value, str) and value.startswith(("http://", "https://", "/")) for value in values)


def _are_dates(values: list[Any]) -> bool:
    return sum(dates.parse(value, UTC) is not None for value in values) > _MIN_SHARE * len(values)


def _are_distinct(values: list[Any]) -> bool:
    return len(set(map(str, values))) == len(values)


_FIELDS: Mapping[str, tuple[tuple[str, ...], Callable[[list[Any]], bool]]] = {
    "key": (("uuid", "guid", "id", "key", "number"), _are_distinct),
    "title": (("title", "headline", "subject", "name", "caption", "label"), _are_words),
    "link": (("url", "link", "href", "permalink", "uri"), _are_links),
    "date": (
        ("published", "pubdate", "publication_?date", "date", "start", "created", "updated", "modified", "time", "at"),
        _are_dates,
    ),
    "summary": (("summary", "description", "teaser", "abstract", "excerpt", "location", "status"), _are_words),
    "text": (("body", "content", "text", "html"), _are_words),
}


def _quoted(name: str) -> str:
    return name if _NAME.fullmatch(name) else plain_text.line(json.dumps(name, ensure_ascii=False))

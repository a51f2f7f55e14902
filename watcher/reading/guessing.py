"""Which expressions would read an answer in JSON, from what its objects hold. Runs in a reading process only.

A guess is for a person to look at. It is of a list of objects that say more than others, by the names of what they
hold and by what stands there: what is called a date must be one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from typing import Any

from watcher.model import FetchError, Proposal, Reason
from watcher.reading import damage, moments, text

_DEPTH = 4
"""Objects that are looked into on the way to a list."""
_LOOKED_AT = 30
"""Items of a list that are looked at closely."""
_MOST = 0.6
"""What this share of the items has, the items have."""
_NAME = re.compile(r"[A-Za-z_]\w*")

Values = Mapping[str, list[Any]]
"""What stands in the items, by the expression that finds it."""


def read(body: bytes, *, url: str, content_type: str) -> list[Proposal]:  # noqa: ARG001 - every reader is told
    """The best guess for the answer; none where it lists nothing with a title. Raises FetchError: NOT_A_FEED."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise FetchError(Reason.NOT_A_FEED, f"no JSON but {damage.describe(body)}") from None
    guesses = [_guess(expression, items) for expression, items in _lists(document, "", _DEPTH)]
    rated = sorted(guesses, key=lambda guess: (len(guess.options), guess.count), reverse=True)
    return [guess for guess in rated if "title" in guess.options][:1]


def _lists(value: Any, expression: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Lists of objects, and what finds them."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        yield expression or "@", [item for item in value if isinstance(item, dict)]
    if isinstance(value, dict) and depth:
        for name, inside in value.items():
            yield from _lists(inside, f"{expression}.{_quoted(name)}" if expression else _quoted(name), depth - 1)


def _guess(expression: str, items: list[Any]) -> Proposal:
    values: dict[str, list[Any]] = {}
    for item in items[:_LOOKED_AT]:
        for path, value in _leaves(item, ""):
            values.setdefault(path, []).append(value)
    usual = {path: found for path, found in values.items() if len(found) >= _MOST * len(items[:_LOOKED_AT])}
    options = {"items": expression}
    for field, (names, fits) in _FIELDS.items():
        if found := _best(usual, names, fits):
            options[field] = found
    return Proposal(options=options, count=len(items))


def _leaves(item: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Texts and numbers of an item, and of the objects right in it."""
    for name, value in item.items():
        if isinstance(value, dict) and not prefix:
            yield from _leaves(value, f"{_quoted(name)}.")
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            yield f"{prefix}{_quoted(name)}", value


def _best(values: Values, names: tuple[str, ...], fits: Callable[[list[Any]], bool]) -> str:
    """What is called by one of these names, the first ones first, and holds what fits."""
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
    return sum(moments.moment(value, UTC) is not None for value in values) > _MOST * len(values)


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
    return name if _NAME.fullmatch(name) else text.line(json.dumps(name, ensure_ascii=False))

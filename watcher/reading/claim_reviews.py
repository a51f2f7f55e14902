"""A fact-check becomes what a claim is drafted from: its ClaimReview, and its article. Runs in a reading process.

It is a page, or the JSON-LD alone. Contexts are not resolved: names count as schema.org's, whatever stands before them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date
from math import isfinite
from typing import Any

import trafilatura

from watcher.model import FetchError, Reason
from watcher.reading import article, dates, markup, plain_text, walls
from watcher.reading.results import Article, ClaimReview, FactCheck

MAX_REVIEWS = 20
"""Reviews of one page that are read."""
_MAX_VALUE_CHARS = 100_000
"""Length of a value in JSON-LD; a review may contain its whole article."""
_JSON = re.compile(rb"[\xef\xbb\xbf\s]*[\[{]")
_JSON_LD = re.compile(r"\s*application/ld\+json\s*(?:;|\Z)", re.IGNORECASE)
_AROUND_JSON = re.compile(r"\A\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*;?\s*\Z")
"""What keeps old browsers from showing a script."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ADDRESSES = ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content")
_OUTLETS = ("//meta[@property='og:site_name']/@content",)
_DAYS = ("//meta[@property='article:published_time']/@content", "//time/@datetime")


def read(body: bytes, *, url: str, content_type: str) -> FactCheck:
    """Return the fact-check at ``url``, which may be empty.

    Raise FetchError: BLOCKED for a bot wall, NOT_A_FEED for what is neither a page nor JSON, DAMAGED for broken JSON.
    """
    if _JSON.match(body):
        return _of_json(body, url)
    if obstacle := walls.wall(body):
        raise FetchError(Reason.BLOCKED, obstacle)
    found = article.read(body, url=url, content_type=content_type)
    tree: Any = trafilatura.load_html(markup.decoded(body, content_type))
    blocks = [_block(script.text_content()) for script in tree.iter("script") if _is_json_ld(script)]
    return FactCheck(
        article=found,
        reviews=_reviews([block for block in blocks if block is not None], url),
        unreadable=blocks.count(None),
        url=_first(tree, _ADDRESSES, lambda said: plain_text.web_link(said, url)),
        outlet=_first(tree, _OUTLETS, plain_text.line),
        published=_first(tree, _DAYS, _day),
    )


def _of_json(body: bytes, url: str) -> FactCheck:
    document = _block(body.decode("utf-8", "replace"))
    if document is None:
        raise FetchError(Reason.DAMAGED, "JSON that cannot be read")
    return FactCheck(article=Article(), reviews=_reviews([document], url))


def _is_json_ld(script: Any) -> bool:
    return _JSON_LD.match(script.get("type") or "") is not None


def _block(written: str) -> Any:
    """Return what a block of JSON holds; None when it cannot be read."""
    with suppress(ValueError, RecursionError):
        return json.loads(_AROUND_JSON.sub("", written.lstrip("\ufeff")), strict=False)  # raw line ends are common
    return None


def _first(tree: Any, paths: tuple[str, ...], read_as: Callable[[str], str]) -> str:
    """Return the first of these values on the page that can be read."""
    found = (read_as(str(value)) for path in paths for value in tree.xpath(path)[:20])
    return next(filter(None, found), "")


# ------------------------------------------------------------------------------------------------ JSON-LD


def _reviews(documents: list[Any], url: str) -> tuple[ClaimReview, ...]:
    nodes = [node for document in documents for node in _objects(document)]
    graph = _Graph({str(node["@id"]): node for node in reversed(nodes) if len(node) > 1 and "@id" in node})
    found = [graph.review(node, url) for node in nodes if _is_claim_review(node)]
    return tuple(dict.fromkeys(found))[:MAX_REVIEWS]


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in JSON, outer ones first, in their order."""
    ahead = [document]
    while ahead:
        value = ahead.pop()
        if isinstance(value, dict):
            yield value
            ahead.extend(reversed(value.values()))
        elif isinstance(value, list):
            ahead.extend(reversed(value))


def _is_claim_review(node: Mapping[str, Any]) -> bool:
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and re.split("[/#:]", name)[-1] == "ClaimReview" for name in names)


@dataclass(frozen=True, slots=True)
class _Graph:
    """The objects of a page by their ``@id``: one may stand in another by that alone."""

    by_id: Mapping[str, Mapping[str, Any]]

    def review(self, node: Mapping[str, Any], url: str) -> ClaimReview:
        """Return what an object of the type ClaimReview says."""
        rating = self._object(node.get("reviewRating"))
        value = _number(rating.get("ratingValue"))
        words = ("alternateName", "name") if value is not None else ("alternateName", "ratingValue", "name")
        return ClaimReview(
            claim=self._text(node, "claimReviewed") or self._text(self._object(node.get("itemReviewed")), "name"),
            rating=self._text(rating, *words),
            value=value,
            worst=_number(rating.get("worstRating")),
            best=_number(rating.get("bestRating")),
            published=_day(node.get("datePublished")),
            outlet=self._text(node, "author", "publisher"),
            url=plain_text.web_link(_string(node.get("url")), url),
            text=_plain(next(filter(None, map(node.get, ("reviewBody", "articleBody", "description"))), "")),
        )

    def _text(self, node: Mapping[str, Any], *names: str) -> str:
        """Return the first of these values as a line; an object's is its name."""
        for name in names:
            value = _alone(node.get(name))
            if isinstance(value, dict):
                value = self._object(value).get("name") or value.get("@value")
            if found := plain_text.line(_plain(value)):
                return found
        return ""

    def _object(self, value: Any) -> Mapping[str, Any]:
        """Return the object that a value is or points to; a text becomes the name of one."""
        value = _alone(value)
        if isinstance(value, dict):
            return self.by_id.get(_string(value.get("@id")), value)
        return {"name": value, "ratingValue": value} if isinstance(value, str | int | float) else {}


def _alone(value: Any) -> Any:
    """Return the first of several values."""
    return (value[0] if value else None) if isinstance(value, list) else value


def _string(value: Any) -> str:
    value = _alone(value)
    return str(value)[:_MAX_VALUE_CHARS] if isinstance(value, str | int | float) else ""


def _plain(value: Any) -> str:
    return plain_text.from_html(_string(value))


def _number(value: Any) -> float | None:
    with suppress(ValueError, OverflowError):
        number = float(_string(value))
        return number if isfinite(number) else None
    return None


def _day(value: Any) -> str:
    """Return the day of a date as the outlet has it, whatever day it is elsewhere; empty when it is no date."""
    with suppress(ValueError):
        if written := _DAY.match(_string(value).strip()):
            return date.fromisoformat(written[0]).isoformat()
    moment = dates.parse(_string(value), UTC)
    return moment.date().isoformat() if moment else ""

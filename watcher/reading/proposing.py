"""Which selectors would read a page that lists things, from what repeats on it. Runs in a reading process only.

A proposal is for a person to look at. It is made of elements of the same kind, most of which have a link of their own,
and is the better the more of them there are, the more of them have a date, and the more their links say.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC

from bs4 import BeautifulSoup, Tag

from watcher.model import Proposal
from watcher.reading import markup, moments, text

PROPOSALS = 3
"""As many as are made."""
_FURNITURE = ("nav", "header", "footer", "aside", "noscript", "select")
_ITEMS = range(2, 1_000)
"""How many items a list may have."""
_LONGEST = 3_000
"""Characters of an item; what is longer is a part of the page, not an item."""
_LOOKED_AT = 30
"""Elements of a kind that are looked at closely."""
_MOST = 0.6
"""What this share of the items has, the items have."""
_NAME = re.compile(r"-?[A-Za-z_][A-Za-z_-]*")
"""Class names without digits; others are often made anew for every page."""
_STATES = re.compile(r"active|current|first|last|odd|even|selected|open|hidden", re.IGNORECASE)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CELLS = ("td", "th")


def read(body: bytes, *, url: str, content_type: str) -> list[Proposal]:
    """The best proposals for the page found at ``url``, the best one first. Raises FetchError for what is no page."""
    tree = markup.page(body, content_type)
    base = markup.base(tree, url)
    rated = sorted(((_rating(items, base), css, items) for css, items in _kinds(tree)), key=lambda one: -one[0])
    return [_proposal(css, items) for rating, css, items in rated[:PROPOSALS] if rating > 0]


def _kinds(tree: BeautifulSoup) -> Iterator[tuple[str, list[Tag]]]:
    """Elements that are of a kind, and what finds them; none stands inside another of its kind."""
    elements = (element for element in tree.find_all(True) if not element.find_parent(_FURNITURE))
    kinds: dict[str, list[Tag]] = {}
    for element in elements:
        if css := _css(element):
            kinds.setdefault(css, []).append(element)
    for css, items in kinds.items():
        nested = any(_css(parent) == css for parent in items[0].parents)
        if len(items) in _ITEMS and not nested and (exact := _exact(tree, css, items)):
            yield exact, items


def _exact(tree: BeautifulSoup, css: str, items: Sequence[Tag]) -> str:
    """What finds these elements and no others of the page; empty where that takes more than one step."""
    around = (_named(parent) for parent in items[0].parents)
    candidates = [css, *(f"{parent} {css}" for parent in around if parent)]
    return next((candidate for candidate in candidates if len(tree.select(candidate)) == len(items)), "")


def _css(element: Tag) -> str:
    """What finds the element and its like: its name and classes, or those of its parent where it has none."""
    if own := _named(element):
        return own
    parent = element.parent
    if element.name not in ("li", "tr", "article") or parent is None:
        return ""
    if element.name == "tr" and parent.name in ("tbody", "thead") and parent.parent is not None:
        parent = parent.parent
    return f"{_named(parent) or parent.name} {element.name}"


def _named(element: Tag) -> str:
    names = [
        name
        for name in element.get_attribute_list("class")
        if name and _NAME.fullmatch(name) and not _STATES.search(name)
    ]
    return ".".join([element.name, *names[:3]]) if names else ""


def _rating(items: Sequence[Tag], base: str) -> float:
    """How much these elements look like the items of a list; 0 when they do not."""
    sample = items[:_LOOKED_AT]
    words = [text.line(item.get_text(" "), _LONGEST + 1) for item in sample]
    links = [_links(item, base) for item in sample]
    shared = Counter(link for own in links for link in own)
    linked = _share(links, lambda own: any(shared[link] == 1 for link in own))
    if linked < _MOST or max(map(len, words)) > _LONGEST:
        return 0
    said = sum(min(len(_title(item).split()), 8) for item in sample) / len(sample) / 8
    dated = _share(sample, lambda item: _has_date(item.get_text(" ")))
    more = _share(list(zip(sample, words, strict=True)), lambda pair: len(pair[1]) > len(_title(pair[0])))
    return math.log2(1 + len(items)) * linked * said * (1 + 2 * dated) * (1 + more)


def _proposal(css: str, items: Sequence[Tag]) -> Proposal:
    sample = items[:_LOOKED_AT]
    heading = next((name for name in _HEADINGS if _share(sample, _holds(name)) > _MOST), "")
    return Proposal(item=css, title=heading or "a[href]", link="a[href]", date=_dates(sample), count=len(items))


def _dates(sample: Sequence[Tag]) -> str:
    """What finds the date in most items: the smallest element that has one."""
    if _share(sample, _holds("time")) > _MOST:
        return "time"
    found: Counter[str] = Counter()
    for item in sample:
        found.update({css: 1 for element in item.find_all(True) if _is_date(element) and (css := _place(element))})
    usual = [css for css, count in found.items() if count / len(sample) > _MOST]
    if usual:
        return usual[-1]  # elements come before what stands in them
    return "." if _share(sample, lambda item: _has_date(item.get_text(" "))) > _MOST else ""


def _is_date(element: Tag) -> bool:
    words = text.line(element.get_text(" "))
    return len(words) < 60 and _has_date(words)


def _place(element: Tag) -> str:
    if own := _named(element):
        return own
    if element.name in _CELLS:
        return f"{element.name}:nth-of-type({1 + len(element.find_previous_siblings(element.name))})"
    return ""


def _links(item: Tag, base: str) -> set[str]:
    anchors = [item, *item.select("a[href]")] if item.name == "a" else item.select("a[href]")
    return {text.web_link(str(anchor.get("href", "")), base) for anchor in anchors} - {""}


def _title(item: Tag) -> str:
    anchor = item.select_one("a[href]")
    return text.line(anchor.get_text(" ")) if anchor else ""


def _has_date(words: str) -> bool:
    return moments.moment(words, UTC) is not None


def _holds(css: str) -> Callable[[Tag], bool]:
    return lambda item: item.select_one(css) is not None


def _share(sample: Sequence[object], has: Callable[..., bool]) -> float:
    return sum(map(has, sample)) / len(sample)

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
_CLOSELY = 12
"""Kinds of elements whose titles are looked for."""
_LOOKED_AT = 30
"""Elements of a kind that are looked at closely."""
_MOST = 0.6
"""What this share of the items has, the items have."""
_NAME = re.compile(r"-?[A-Za-z_][A-Za-z_-]*")
"""Class names without digits; others are often made anew for every page."""
_STATES = re.compile(r"active|current|first|last|odd|even|selected|open|hidden", re.IGNORECASE)
_MENU = re.compile(r"menu|footer|breadcrumb|pag(?:er|inat)|social|(?:^|[\s_-])nav", re.IGNORECASE)
_IN_MENU = 0.2
"""What a list in a menu is worth beside another: some sites call everything so."""
_LONG_TITLE = 200
"""Characters."""
_POOR_TITLE = 0.3
"""What a title is worth that is a date and nothing else, or as long as a text."""
_WORDS = 4
"""A title of more words says no more about how likely it is one."""
_OF_DATES = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*|at|to|am|pm|[a-z]",
    re.IGNORECASE,
)
_NO_PAGE = re.compile(r"maps?\.google|google\.[a-z]+/maps|[?&]M=IC\b|\.ics(?:$|\?)|^https?://[^/]+/?$", re.IGNORECASE)
"""Links of meetings that lead to no page about them: to a map, or into a calendar."""
_BOXES = ("div", "section")
_FEW = 4
_ROWS = ("li", "tr", "article", "p", "dt", *_BOXES)
"""Elements that are items of a list even without a class."""
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CELLS = ("td", "th")
_TITLES = {**dict.fromkeys(_HEADINGS, 3.0), "a[href]": 1.5, ".": 0.3}
"""How much sooner an element is the title than another that says as much."""


def read(body: bytes, *, url: str, content_type: str) -> list[Proposal]:
    """The best proposals for the page found at ``url``, the best one first. Raises FetchError for what is no page."""
    tree = markup.page(body, content_type)
    base = markup.base(tree, url)
    likely = sorted(((_likeness(items, base), css, items) for css, items in _kinds(tree)), key=lambda one: -one[0])
    rated = [(like * _telling(items), css, items) for like, css, items in likely[:_CLOSELY]]
    chosen: list[tuple[str, list[Tag]]] = []
    for rating, css, items in sorted(rated, key=lambda one: -one[0]):
        apart = not any(_are_one_list(items, others) for _, others in chosen)
        if rating > 0 and apart and len(chosen) < PROPOSALS and (exact := _exact(tree, css, items)):
            chosen.append((exact, items))
    return [_proposal(css, items, base) for css, items in chosen]


def _are_one_list(items: Sequence[Tag], others: Sequence[Tag]) -> bool:
    """Whether they share an element, or one stands in another: they are of the same list, or of two levels of it."""
    mine, theirs = set(map(id, items)), set(map(id, others))
    return bool(
        mine & theirs
        or mine.intersection(id(parent) for other in others[:_LOOKED_AT] for parent in other.parents)
        or theirs.intersection(id(parent) for item in items[:_LOOKED_AT] for parent in item.parents)
    )


def _kinds(tree: BeautifulSoup) -> Iterator[tuple[str, list[Tag]]]:
    """Elements that are of a kind, and what finds them; none stands inside another of its kind."""
    elements = (element for element in tree.find_all(True) if not element.find_parent(_FURNITURE))
    kinds: dict[str, list[Tag]] = {}
    for element in elements:
        for css in filter(None, {_named(element): None, _in_list(element): None}):
            kinds.setdefault(css, []).append(element)
    for css, items in kinds.items():
        nested = any(css in (_named(parent), _in_list(parent)) for parent in items[0].parents)
        if len(items) in _ITEMS and not nested:
            yield css, items


def _exact(tree: BeautifulSoup, css: str, items: Sequence[Tag]) -> str:
    """What finds these elements and no others of the page; empty where that takes more than one step."""
    around = (name for parent in items[0].parents for name in (_identified(parent), _named(parent)) if name)
    candidates = [css, f"{css}:has(td)", *(f"{parent} {css}" for parent in around)]
    return next((candidate for candidate in candidates if len(tree.select(candidate)) == len(items)), "")


def _in_list(element: Tag) -> str:
    """What finds the element and its like by where they stand, whatever classes each of them has; empty for no row."""
    if element.name not in _ROWS or (element.name == "tr" and not element.td) or _is_alone(element):
        return ""
    steps = [element.name]
    for parent in element.parents:
        if name := _identified(parent) or _named(parent):
            steps.insert(0, name)
            break
        if parent.name not in ("tbody", "thead", "[document]"):
            steps.insert(0, parent.name)
        if parent.name == "body":
            break
    return (" > " if element.name in _BOXES else " ").join(steps)


def _is_alone(element: Tag) -> bool:
    """Whether a box has few others beside it: two or three make up the layout of a page."""
    if element.name not in _BOXES or element.parent is None:
        return False
    return len(element.parent.find_all(element.name, recursive=False, limit=_FEW)) < _FEW


def _identified(element: Tag) -> str:
    """What finds the one element of its identifier."""
    own = str(element.get("id", ""))
    return f"#{own}" if _NAME.fullmatch(own) else "main" if element.name == "main" else ""


def _named(element: Tag) -> str:
    classes = dict.fromkeys(element.get_attribute_list("class"))
    names = [name for name in classes if name and _NAME.fullmatch(name) and not _STATES.search(name)]
    return ".".join([element.name, *names[:3]]) if names else ""


def _likeness(items: Sequence[Tag], base: str) -> float:
    """How much these elements look like the items of a list; 0 when they do not."""
    sample = items[:_LOOKED_AT]
    words = [text.line(item.get_text(" "), _LONGEST + 1) for item in sample]
    links = [_links(item, base) for item in sample]
    shared = Counter(link for own in links for link in own)
    linked = _share(links, lambda own: any(shared[link] == 1 for link in own))
    if linked < _MOST or max(map(len, words)) > _LONGEST:
        return 0
    dated = _share(sample, lambda item: _has_date(item.get_text(" ")))
    varied = len(set(words)) / len(words)
    menu = _IN_MENU if any(_is_menu(parent) for parent in (items[0], *items[0].parents)) else 1
    return menu * math.log2(1 + len(items)) * linked * varied * (1 + 2 * dated)


def _telling(items: Sequence[Tag]) -> float:
    """How much the titles of these items say, at most 1."""
    sample = items[:_LOOKED_AT]
    return sum(min(len(own.split()), _WORDS) for own in _said(sample, _title(sample))) / len(sample) / _WORDS


def _is_menu(element: Tag) -> bool:
    named = " ".join([*element.get_attribute_list("class"), str(element.get("id", ""))] if element.attrs else [])
    return element.name not in ("html", "body", "main") and _MENU.search(named) is not None


def _proposal(css: str, items: Sequence[Tag], base: str) -> Proposal:
    sample = items[:_LOOKED_AT]
    title = _title(sample)
    options = {"item": css, "title": title, "link": _link(sample, title, base)}
    date = _dates(sample)
    return Proposal(options=options | ({"date": date} if date else {}), count=len(items))


def _title(sample: Sequence[Tag]) -> str:
    """What finds the title of most items: what says something else in each of them, a heading or a link if one does."""
    candidates = dict.fromkeys([*_HEADINGS, "a[href]", *_places(sample), "."])
    return max(candidates, key=lambda css: _tells(_said(sample, css)) * _TITLES.get(css, 1))


def _tells(titles: Sequence[str]) -> float:
    """How well these do as titles of the items: there, distinct, of some words, and not all there is to read."""
    there = [title for title in titles if title]
    words = sum(min(len(title.split()), _WORDS) for title in there) / (len(there) or 1)
    long = sum(len(title) > _LONG_TITLE for title in there)
    distinct = math.sqrt(len(set(there)) / len(titles))  # many a board meets under one name
    poor = 2 * max(long, sum(map(_is_only_date, there))) > len(there)
    return distinct * len(there) / len(titles) * (2 + words) * (_POOR_TITLE if poor else 1)


def _link(sample: Sequence[Tag], title: str, base: str) -> str:
    """What finds the link of most items: the title's own, else the one that is another in each of them."""
    inside = [title] if title.startswith("a") or title == "." else [f"{title} a[href]"]
    candidates = dict.fromkeys([*inside, "a[href]", *(f"{css} a[href]" for css in _places(sample))])
    return max(candidates, key=lambda css: len(_targets(sample, css, base)))


def _targets(sample: Sequence[Tag], css: str, base: str) -> set[str]:
    found = (item if css == "." else item.select_one(css) for item in sample)
    links = (text.web_link(str(element.get("href", "")), base) for element in found if element is not None)
    return {link for link in links if _leads_on(link, base)}


def _said(sample: Sequence[Tag], css: str) -> list[str]:
    """What the selector finds in each item."""
    found = (item if css == "." else item.select_one(css) for item in sample)
    return ["" if element is None else text.line(element.get_text(" ")) for element in found]


def _dates(sample: Sequence[Tag]) -> str:
    """What finds the date in most items: the smallest element that has one."""
    if _share(sample, _holds("time")) > _MOST:
        return "time"
    usual = [css for css in dict.fromkeys(_places(sample)) if _share(sample, _dated_by(css)) > _MOST]
    if usual:
        return usual[-1]  # elements come before what stands in them
    return "." if _share(sample, lambda item: _has_date(item.get_text(" "))) > _MOST else ""


def _dated_by(css: str) -> Callable[[Tag], bool]:
    """Whether the first element of an item that the selector finds is a date."""
    return lambda item: (found := item.select_one(css)) is not None and _is_date(found)


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
    links = (text.web_link(str(anchor.get("href", "")), base) for anchor in anchors)
    return {link for link in links if _leads_on(link, base)}


def _leads_on(link: str, base: str) -> bool:
    """Whether a link leads to a page about an item, and not to a place on this page, a map or a calendar."""
    return bool(link) and not _NO_PAGE.search(link) and link.partition("#")[0] != base.partition("#")[0]


def _places(sample: Sequence[Tag]) -> list[str]:
    """What finds the elements in the first items, by class or column."""
    return [css for item in sample[:3] for element in item.find_all(True) if (css := _place(element))]


def _is_only_date(words: str) -> bool:
    return _has_date(words) and all(map(_OF_DATES.fullmatch, re.findall(r"[^\W\d_]+", words)))


def _has_date(words: str) -> bool:
    return moments.moment(words, UTC) is not None


def _holds(css: str) -> Callable[[Tag], bool]:
    return lambda item: item.select_one(css) is not None


def _share(sample: Sequence[object], has: Callable[..., bool]) -> float:
    return sum(map(has, sample)) / len(sample)

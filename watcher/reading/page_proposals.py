"""Propose selectors that read a page of items, from the elements that repeat on it. Runs in a reading process only.

A person checks a proposal. Its items are elements found by the same selector, most of which have a link of their own.
It ranks higher if there are more of them, more of them have a date, and their titles have more words.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC

from bs4 import BeautifulSoup, Tag

from watcher.reading import dates, markup, plain_text
from watcher.reading.results import OptionsProposal

MAX_PROPOSALS = 3
_FURNITURE = ("nav", "header", "footer", "aside", "noscript", "select")
_ITEMS = range(2, 1_000)
"""How many elements make a list."""
_MAX_ITEM_CHARS = 3_000
"""A longer element is a part of the page, not an item."""
_MAX_RATED = 12
"""How many of the likeliest lists are rated by their titles, which takes longest."""
_SAMPLE_SIZE = 30
"""How many elements of a list are examined."""
_MIN_SHARE = 0.6
"""The share of items that must have a link or a date for it to be a field of the list."""
_NAME = re.compile(r"-?[A-Za-z_][A-Za-z_-]*")
"""Names without digits; others are often generated for each page."""
_STATES = re.compile(r"active|current|first|last|odd|even|selected|open|hidden", re.IGNORECASE)
_MENU = re.compile(r"menu|footer|breadcrumb|pag(?:er|inat)|social|(?:^|[\s_-])nav", re.IGNORECASE)
_MENU_FACTOR = 0.2
"""Lowers the rating of a list in a menu; not 0, because some sites name everything so."""
_MAX_TITLE_CHARS = 200
_POOR_TITLE_FACTOR = 0.3
"""Lowers the rating of titles that are only a date, or as long as a text."""
_MAX_WORDS = 4
"""How many words of a title count: more do not make it a better title."""
_DATE_WORDS = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*|at|to|am|pm|[a-z]",
    re.IGNORECASE,
)
_NOT_A_PAGE = re.compile(
    r"maps?\.google|google\.[a-z]+/maps|[?&]M=IC\b|\.ics(?:$|\?)|^https?://[^/]+/?$", re.IGNORECASE
)
"""Links of a meeting that do not lead to a page about it, but to a map or into a calendar."""
_BOXES = ("div", "section")
_MIN_BOXES = 4
"""Two or three boxes next to each other are the layout of a page."""
_ROWS = ("li", "tr", "article", "p", "dt", *_BOXES)
"""Elements that can be the items of a list even without a class."""
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CELLS = ("td", "th")
_TITLES = {**dict.fromkeys(_HEADINGS, 3.0), "a[href]": 1.5, ".": 0.3}
"""How much likelier than other elements these are the title."""


def read(body: bytes, *, url: str, content_type: str) -> list[OptionsProposal]:
    """Return proposals for the page at ``url``, the best one first. Raise FetchError if it is not a page."""
    tree = markup.page(body, content_type)
    base = markup.base(tree, url)
    likely = sorted(((_likeness(items, base), css, items) for css, items in _lists(tree)), key=lambda one: -one[0])
    rated = [(like * _title_words(items), css, items) for like, css, items in likely[:_MAX_RATED]]
    chosen: list[tuple[str, list[Tag]]] = []
    for rating, css, items in sorted(rated, key=lambda one: -one[0]):
        distinct = not any(_are_one_list(items, others) for _, others in chosen)
        if rating > 0 and distinct and len(chosen) < MAX_PROPOSALS and (exact := _exact_selector(tree, css, items)):
            chosen.append((exact, items))
    return [_proposal(css, items, base) for css, items in chosen]


def _are_one_list(items: Sequence[Tag], others: Sequence[Tag]) -> bool:
    """Return whether the two share an element, or one is inside the other: one list, or two levels of it."""
    mine, theirs = set(map(id, items)), set(map(id, others))
    return bool(
        mine & theirs
        or mine.intersection(id(parent) for other in others[:_SAMPLE_SIZE] for parent in other.parents)
        or theirs.intersection(id(parent) for item in items[:_SAMPLE_SIZE] for parent in item.parents)
    )


def _lists(tree: BeautifulSoup) -> Iterator[tuple[str, list[Tag]]]:
    """Yield selectors with the elements they find, if these are as many as items and not inside each other."""
    elements = (element for element in tree.find_all(True) if not element.find_parent(_FURNITURE))
    found: dict[str, list[Tag]] = {}
    for element in elements:
        for css in filter(None, {_class_selector(element): None, _row_selector(element): None}):
            found.setdefault(css, []).append(element)
    for css, items in found.items():
        nested = any(css in (_class_selector(parent), _row_selector(parent)) for parent in items[0].parents)
        if len(items) in _ITEMS and not nested:
            yield css, items


def _exact_selector(tree: BeautifulSoup, css: str, items: Sequence[Tag]) -> str:
    """Return a selector that finds these elements and no others; empty if one more step does not make it exact."""
    around = (name for parent in items[0].parents for name in (_id_selector(parent), _class_selector(parent)) if name)
    candidates = [css, f"{css}:has(td)", *(f"{parent} {css}" for parent in around)]
    return next((candidate for candidate in candidates if len(tree.select(candidate)) == len(items)), "")


def _row_selector(element: Tag) -> str:
    """Return a selector for the element and its siblings, whatever their classes; empty unless it is a row."""
    if element.name not in _ROWS or (element.name == "tr" and not element.td) or _is_alone(element):
        return ""
    steps = [element.name]
    for parent in element.parents:
        if name := _id_selector(parent) or _class_selector(parent):
            steps.insert(0, name)
            break
        if parent.name not in ("tbody", "thead", "[document]"):
            steps.insert(0, parent.name)
        if parent.name == "body":
            break
    return (" > " if element.name in _BOXES else " ").join(steps)


def _is_alone(element: Tag) -> bool:
    """Return whether a box has few siblings."""
    if element.name not in _BOXES or element.parent is None:
        return False
    return len(element.parent.find_all(element.name, recursive=False, limit=_MIN_BOXES)) < _MIN_BOXES


def _id_selector(element: Tag) -> str:
    """Return a selector for the element by its id; empty without one."""
    own = str(element.get("id", ""))
    return f"#{own}" if _NAME.fullmatch(own) else "main" if element.name == "main" else ""


def _class_selector(element: Tag) -> str:
    """Return a selector for the element by its classes; empty without one."""
    classes = dict.fromkeys(element.get_attribute_list("class"))
    names = [name for name in classes if name and _NAME.fullmatch(name) and not _STATES.search(name)]
    return ".".join([element.name, *names[:3]]) if names else ""


def _likeness(items: Sequence[Tag], base: str) -> float:
    """Return how much these elements look like the items of a list; 0 when they do not."""
    sample = items[:_SAMPLE_SIZE]
    words = [plain_text.line(item.get_text(" "), _MAX_ITEM_CHARS + 1) for item in sample]
    links = [_links(item, base) for item in sample]
    shared = Counter(link for own in links for link in own)
    linked = _share(links, lambda own: any(shared[link] == 1 for link in own))
    if linked < _MIN_SHARE or max(map(len, words)) > _MAX_ITEM_CHARS:
        return 0
    dated = _share(sample, lambda item: _has_date(item.get_text(" ")))
    varied = len(set(words)) / len(words)
    menu = _MENU_FACTOR if any(_is_menu(parent) for parent in (items[0], *items[0].parents)) else 1
    return menu * math.log2(1 + len(items)) * linked * varied * (1 + 2 * dated)


def _title_words(items: Sequence[Tag]) -> float:
    """Return the mean number of words of the titles, as a share of the most that count: from 0 to 1."""
    sample = items[:_SAMPLE_SIZE]
    titles = _texts(sample, _title(sample))
    return sum(min(len(title.split()), _MAX_WORDS) for title in titles) / len(sample) / _MAX_WORDS


def _is_menu(element: Tag) -> bool:
    names = " ".join([*element.get_attribute_list("class"), str(element.get("id", ""))] if element.attrs else [])
    return element.name not in ("html", "body", "main") and _MENU.search(names) is not None


def _proposal(css: str, items: Sequence[Tag], base: str) -> OptionsProposal:
    sample = items[:_SAMPLE_SIZE]
    title = _title(sample)
    options = {"item": css, "title": title, "link": _link(sample, title, base)}
    date = _date(sample)
    return OptionsProposal(options=options | ({"date": date} if date else {}), count=len(items))


def _title(sample: Sequence[Tag]) -> str:
    """Return a selector for the title of most items: text that differs between them, best in a heading or a link."""
    candidates = dict.fromkeys([*_HEADINGS, "a[href]", *_inner_selectors(sample), "."])
    return max(candidates, key=lambda css: _title_quality(_texts(sample, css)) * _TITLES.get(css, 1))


def _title_quality(titles: Sequence[str]) -> float:
    """Return how good these titles are: present, distinct, of several words, and neither dates nor whole texts."""
    present = [title for title in titles if title]
    words = sum(min(len(title.split()), _MAX_WORDS) for title in present) / (len(present) or 1)
    long = sum(len(title) > _MAX_TITLE_CHARS for title in present)
    distinct = math.sqrt(len(set(present)) / len(titles))  # the root, because all meetings of a board have one title
    poor = 2 * max(long, sum(map(_is_only_date, present))) > len(present)
    return distinct * len(present) / len(titles) * (2 + words) * (_POOR_TITLE_FACTOR if poor else 1)


def _link(sample: Sequence[Tag], title: str, base: str) -> str:
    """Return a selector for the link of most items: that of the title, else one that differs between them."""
    inside = [title] if title.startswith("a") or title == "." else [f"{title} a[href]"]
    candidates = dict.fromkeys([*inside, "a[href]", *(f"{css} a[href]" for css in _inner_selectors(sample))])
    return max(candidates, key=lambda css: len(_targets(sample, css, base)))


def _targets(sample: Sequence[Tag], css: str, base: str) -> set[str]:
    found = (item if css == "." else item.select_one(css) for item in sample)
    links = (plain_text.web_link(str(element.get("href", "")), base) for element in found if element is not None)
    return {link for link in links if _leads_on(link, base)}


def _texts(sample: Sequence[Tag], css: str) -> list[str]:
    """Return the text that the selector finds in each item."""
    found = (item if css == "." else item.select_one(css) for item in sample)
    return ["" if element is None else plain_text.line(element.get_text(" ")) for element in found]


def _date(sample: Sequence[Tag]) -> str:
    """Return a selector for the date of most items: the smallest element that has one; empty without dates."""
    if _share(sample, _holds("time")) > _MIN_SHARE:
        return "time"
    usual = [css for css in dict.fromkeys(_inner_selectors(sample)) if _share(sample, _dated_by(css)) > _MIN_SHARE]
    if usual:
        return usual[-1]  # elements come before what is inside them
    return "." if _share(sample, lambda item: _has_date(item.get_text(" "))) > _MIN_SHARE else ""


def _dated_by(css: str) -> Callable[[Tag], bool]:
    """Return a test of whether the first element that the selector finds in an item is a date."""
    return lambda item: (found := item.select_one(css)) is not None and _is_date(found)


def _is_date(element: Tag) -> bool:
    words = plain_text.line(element.get_text(" "))
    return len(words) < 60 and _has_date(words)


def _inner_selector(element: Tag) -> str:
    """Return a selector for the element inside its item, by class or column; empty if it has neither."""
    if own := _class_selector(element):
        return own
    if element.name in _CELLS:
        return f"{element.name}:nth-of-type({1 + len(element.find_previous_siblings(element.name))})"
    return ""


def _links(item: Tag, base: str) -> set[str]:
    anchors = [item, *item.select("a[href]")] if item.name == "a" else item.select("a[href]")
    links = (plain_text.web_link(str(anchor.get("href", "")), base) for anchor in anchors)
    return {link for link in links if _leads_on(link, base)}


def _leads_on(link: str, base: str) -> bool:
    """Return whether a link leads to a page about an item, not to a place on this page, a map or a calendar."""
    return bool(link) and not _NOT_A_PAGE.search(link) and link.partition("#")[0] != base.partition("#")[0]


def _inner_selectors(sample: Sequence[Tag]) -> list[str]:
    """Return selectors for the elements inside the first three items, outer elements before inner ones."""
    return [css for item in sample[:3] for element in item.find_all(True) if (css := _inner_selector(element))]


def _is_only_date(words: str) -> bool:
    return _has_date(words) and all(map(_DATE_WORDS.fullmatch, re.findall(r"[^\W\d_]+", words)))


def _has_date(words: str) -> bool:
    return dates.parse(words, UTC) is not None


def _holds(css: str) -> Callable[[Tag], bool]:
    return lambda item: item.select_one(css) is not None


def _share(sample: Sequence[object], has: Callable[..., bool]) -> float:
    return sum(map(has, sample)) / len(sample)

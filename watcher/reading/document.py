"""A page or a PDF that is watched as a whole: each paragraph and each row of a table becomes an entry.

A passage is known by its words, so that one more line in a list is one more entry, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from watcher.model import Entry, FetchError, Part, Reading, Reason
from watcher.reading import markup, pdf, text, walls
from watcher.reading.scan import fingerprint
from watcher.reading.sifting import sifted

_TITLE = 150
"""Characters of a passage that are its title."""
_PASSAGES = 20_000
"""As many as are read."""
_FULL_LINE = 0.8
"""Of the longest line of a page of print; a shorter one ends its paragraph."""
_GOES_ON = re.compile(r"(?:,|\b(?:and|or|of|the|an?|to|in|for|with|by|on|at|from|as|that))$", re.IGNORECASE)
_NUMBERED = re.compile(r"\s*(?:\d{1,3}|[A-Za-z]|[IVXLC]{1,6})[.)]\s")
_ENDS = (".", ":", ";", "!", "?")
_MAIN = "main, [role=main], article"
_FURNITURE = "nav, header, footer, aside, noscript, [hidden], [aria-hidden=true]"
_FEW = 5
"""A page of fewer passages with a field for a password is a form to sign in."""


def read(body: bytes, *, url: str, content_type: str, known: Collection[str], shape: dict[str, Any]) -> Part:
    """The passages of the document at ``url`` that are not ``known`` (fingerprints, in hexadecimal).

    ``shape`` says ``within`` which CSS selector they stand; empty: in the main part of the page. Raises FetchError:
    BLOCKED, NOT_A_FEED, SELECTOR, or DAMAGED for a PDF without text.
    """
    title, problem = "", ""
    if pdf.is_pdf(body):
        passages, problem = _of_pdf(body, url)
    else:
        title, found = _of_page(body, content_type, shape["within"])
        passages = [(url, passage) for passage in found]
    entries = {passage: _entry(link, passage) for link, passage in passages[:_PASSAGES]}
    reading = sifted(list(entries.values()), frozenset(map(bytes.fromhex, known)))
    return Part(reading=_told(reading, title, problem))


def _told(reading: Reading, title: str, problem: str) -> Reading:
    return replace(reading, title=title, damaged=problem, complete=not problem)


def _entry(link: str, passage: str) -> Entry:
    """The passage as an entry, which is called by how it begins."""
    title = passage if len(passage) <= _TITLE else passage[:_TITLE].rsplit(" ", 1)[0] + " …"
    return Entry(
        guid=fingerprint(passage.casefold().encode()).hex(),
        link=link,
        title=text.line(title),
        text="" if title == passage else passage,
    )


def _of_page(body: bytes, content_type: str, within: str) -> tuple[str, list[str]]:
    """The title and the passages of a page."""
    tree = markup.page(body, content_type)
    title = text.line(tree.title.get_text()) if tree.title else ""
    parts = tree.select(within) if within else []
    if within and not parts:
        if walls.asks_to_sign_in(body):
            raise FetchError(Reason.BLOCKED, "a form to sign in")
        raise FetchError(Reason.SELECTOR, f"within: {within!r} finds nothing in an HTML page titled {title!r}")
    if not within:
        parts = [tree.select_one(_MAIN) or tree]
        for furniture in parts[0].select(_FURNITURE):
            furniture.decompose()
    passages = list(_telling(line for part in parts for line in text.from_html(str(part)).split("\n")))
    if not within and len(passages) < _FEW and walls.asks_to_sign_in(body):
        raise FetchError(Reason.BLOCKED, "a form to sign in")
    return title, passages


def _of_pdf(body: bytes, url: str) -> tuple[list[tuple[str, str]], str]:
    """The passages of a PDF, each with the address of its page, and what is wrong with the PDF."""
    paper = pdf.read(body)
    if not any(paper.pages):
        raise FetchError(Reason.DAMAGED, paper.problem)
    address = url.partition("#")[0]
    passages = [
        (f"{address}#page={number}", passage)
        for number, page in enumerate(paper.pages, 1)
        for passage in _telling(_unwrapped(page.split("\n")))
    ]
    return passages, paper.problem


def _unwrapped(lines: list[str]) -> Iterator[str]:
    """Paragraphs of a page of print: its lines, put together where one goes on in the next."""
    full = _FULL_LINE * max(map(len, lines))
    paragraph: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        paragraph.append(line)
        is_full = len(line) >= full and (_is_prose(line) or _is_one_point(paragraph[0], following))
        if not (is_full or _GOES_ON.search(line)):
            yield " ".join(paragraph)
            paragraph = []
    yield " ".join(paragraph)


def _is_one_point(beginning: str, following: str) -> bool:
    """Whether a numbered point of an agenda goes on in a line, which then has no number of its own."""
    return bool(_NUMBERED.match(beginning) and following.strip() and not _NUMBERED.match(following))


def _is_prose(line: str) -> bool:
    """Whether the line is of a sentence that does not end with it: rows of a table are mostly names and numbers."""
    words = line.split()
    small = sum(word[0].islower() for word in words)
    return 2 * small > len(words) and not line.endswith(_ENDS)


def _telling(passages: Iterable[str]) -> Iterator[str]:
    """Those that say something: numbers and ornaments alone do not."""
    for passage in passages:
        words = " ".join(passage.split())
        if any(map(str.isalpha, words)):
            yield words

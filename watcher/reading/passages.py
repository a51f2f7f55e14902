"""A page or a PDF that is watched as a whole: each paragraph and each row of a table becomes an entry.

A passage is known by its words, so that one more line in a list is one more entry, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from watcher.model import Entry, FetchError, Reason
from watcher.reading import markup, pdf, plain_text, walls
from watcher.reading.extraction import DocumentSelector
from watcher.reading.fingerprints import fingerprint, reading_of
from watcher.reading.results import Part
from watcher.reading.signatures import is_pdf

_MAX_TITLE_CHARS = 150
"""Characters of the beginning of a passage that become its title."""
_MAX_PASSAGES = 20_000
_MIN_FULL_LINE = 0.8
"""A line shorter than this share of the longest line of a printed page ends its paragraph."""
_GOES_ON = re.compile(r"(?:,|\b(?:and|or|of|the|an?|to|in|for|with|by|on|at|from|as|that))$", re.IGNORECASE)
_NUMBERED = re.compile(r"\s*(?:\d{1,3}|[A-Za-z]|[IVXLC]{1,6})[.)]\s")
_ENDS = (".", ":", ";", "!", "?")
_MAIN = "main, [role=main], article"
_FURNITURE = "nav, header, footer, aside, noscript, [hidden], [aria-hidden=true]"
_MIN_PASSAGES = 5
"""A page of fewer with a field for a password is a form to sign in."""


def read(body: bytes, *, url: str, content_type: str, known: frozenset[bytes], extract: DocumentSelector) -> Part:
    """Return the passages of the document at ``url``, without those whose fingerprint is ``known``.

    Raise FetchError: BLOCKED, NOT_A_FEED, SELECTOR, or DAMAGED for a PDF without text.
    """
    title, problem = "", ""
    if is_pdf(body):
        passages, problem = _of_pdf(body, url)
    else:
        title, found = _of_page(body, content_type, extract.within)
        passages = [(url, passage) for passage in found]
    entries = {passage: _entry(link, passage) for link, passage in passages[:_MAX_PASSAGES]}
    reading = reading_of(list(entries.values()), known)
    return Part(reading=replace(reading, title=title, damaged=problem, complete=not problem))


def _entry(link: str, passage: str) -> Entry:
    """Return the passage as an entry, titled by its beginning."""
    title = passage if len(passage) <= _MAX_TITLE_CHARS else passage[:_MAX_TITLE_CHARS].rsplit(" ", 1)[0] + " …"
    return Entry(
        guid=fingerprint(passage.casefold().encode()).hex(),
        link=link,
        title=plain_text.line(title),
        text="" if title == passage else passage,
    )


def _of_page(body: bytes, content_type: str, within: str) -> tuple[str, list[str]]:
    """Return the title and the passages of a page."""
    tree = markup.page(body, content_type)
    title = plain_text.line(tree.title.get_text()) if tree.title else ""
    parts = tree.select(within) if within else []
    if within and not parts:
        if walls.asks_to_sign_in(body):
            raise FetchError(Reason.BLOCKED, "a form to sign in")
        raise FetchError(Reason.SELECTOR, f"within: {within!r} finds nothing in an HTML page titled {title!r}")
    if not within:
        parts = [tree.select_one(_MAIN) or tree]
        for furniture in parts[0].select(_FURNITURE):
            furniture.decompose()
    passages = list(_with_words(line for part in parts for line in plain_text.from_html(str(part)).split("\n")))
    if not within and len(passages) < _MIN_PASSAGES and walls.asks_to_sign_in(body):
        raise FetchError(Reason.BLOCKED, "a form to sign in")
    return title, passages


def _of_pdf(body: bytes, url: str) -> tuple[list[tuple[str, str]], str]:
    """Return the passages of a PDF, each with the address of its page, and what is wrong with the PDF."""
    document = pdf.read(body)
    if not any(document.pages):
        raise FetchError(Reason.DAMAGED, document.problem)
    address = url.partition("#")[0]
    passages = [
        (f"{address}#page={number}", passage)
        for number, page in enumerate(document.pages, 1)
        for passage in _with_words(_unwrapped(page.split("\n")))
    ]
    return passages, document.problem


def _unwrapped(lines: list[str]) -> Iterator[str]:
    """Yield the paragraphs of a printed page: its lines, joined where one continues in the next."""
    full = _MIN_FULL_LINE * max(map(len, lines))
    paragraph: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        paragraph.append(line)
        is_full = len(line) >= full and (_is_prose(line) or _is_one_point(paragraph[0], following))
        if not (is_full or _GOES_ON.search(line)):
            yield " ".join(paragraph)
            paragraph = []
    yield " ".join(paragraph)


def _is_one_point(beginning: str, following: str) -> bool:
    """Return whether a numbered point of an agenda continues in a line, which then has no number of its own."""
    return bool(_NUMBERED.match(beginning) and following.strip() and not _NUMBERED.match(following))


def _is_prose(line: str) -> bool:
    """Return whether a sentence continues after the line; rows of a table are mostly names and numbers."""
    words = line.split()
    small = sum(word[0].islower() for word in words)
    return 2 * small > len(words) and not line.endswith(_ENDS)


def _with_words(passages: Iterable[str]) -> Iterator[str]:
    """Yield those that have letters: page numbers and ornaments alone say nothing."""
    for passage in passages:
        words = " ".join(passage.split())
        if any(map(str.isalpha, words)):
            yield words

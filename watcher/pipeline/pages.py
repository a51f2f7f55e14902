"""The full story: the page behind an item of which the source gives only a summary.

A rule that sees 300 characters of summary finds half of what it finds in the whole text (measured), and reading every
page would be neither polite nor quick. So a page is read if a word of a rule that listens to the source is in title or
summary already, once, and never more than `MAX_PAGES` in one poll. Further pages are read right after it: their items
are matched by the summary first, and again with the page.

Where the source says so (``text_from: attached``) the PDFs that the item itself or the page links to are read as well.
All of it is one text of one item, in which borders keep the documents and their pages apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

import structlog

from watcher.fetchers.redaction import evidence
from watcher.matching import Document
from watcher.model import DOCUMENT_START, PAGE_BORDER, Attached, Entry, Evidence, FetchError, Reason, Source, TextFrom
from watcher.pipeline.rules_in_force import Rules
from watcher.reading.aggregators import leads_astray
from watcher.reading.results import Article, PdfText
from watcher.reading.signatures import is_pdf
from watcher.rulebook import Rulebook
from watcher.web import Response

log = structlog.get_logger()

MAX_PAGES = 20
"""Pages and documents read in one poll: a second lies between two visits to a host, while the lease is renewed."""
MAX_FAILURES = 3
"""Failures in a row after which a poll asks for no further page."""
MAX_TEASER_CHARS = 400
"""Characters; a text so short is no full story, wherever a source puts it."""
MAX_DOCUMENTS = 6
"""Documents of one page that are read: an agenda, its packet, minutes, a few annexes."""
REREAD_AFTER = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""How long after each other's end a page is read again: silent corrections are made early, and found late."""
ACCEPT = "text/html, application/xhtml+xml, application/pdf;q=0.9, */*;q=0.1"
ACCEPT_PDF = "application/pdf, */*;q=0.1"
DOCUMENT_BORDER = f"{PAGE_BORDER}{DOCUMENT_START}"
"""Before the name of an attached document, in the text of an item."""


class PageGetter(Protocol):
    """The way to the network, as far as pages need it."""

    def get(self, url: str, *, accept: str = "*/*") -> Response:
        """An answer of the 200 class. Raises FetchError."""


class PageParser(Protocol):
    """Where pages are read: in other processes."""

    def read_article(self, body: bytes, *, url: str, content_type: str) -> Article:
        """The article on a page. Raises FetchError."""

    def read_pdf(self, body: bytes) -> PdfText:
        """The text of a PDF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """What came of reading the page behind an item."""

    text: str = ""
    problem: str = ""
    """In words, why the text is not complete; empty if it is."""
    unread: tuple[str, ...] = ()
    """The name of each attached document that could not be read, and why."""
    evidence: tuple[Evidence, ...] = ()
    """The responses that it was read in: the page, and its attached documents."""
    put_off: bool = False
    """Whether it was not requested yet."""
    gone: bool = False
    """Whether the server answered that the page does not exist."""

    @property
    def missing(self) -> str:
        """Return in words everything that could not be read."""
        return "; ".join(filter(None, (self.problem, *self.unread)))


@dataclass(slots=True)
class PageReader:
    """Reads pages, if the live rules make it worthwhile."""

    web: PageGetter
    reader: PageParser
    max_text_chars: int = 5_000_000
    """Length of an item's text, after which no further document is read for it."""
    _terms: dict[tuple[str, str], frozenset[str] | None] = field(default_factory=dict)
    _digest: str = ""
    """The digest of the rules whose terms these are."""

    def budget(self, rules: Rules) -> PageBudget:
        """The pages of one poll."""
        return PageBudget(self, rules)

    def visit(
        self, link: str, text_from: TextFrom = TextFrom.AUTO, attached: Sequence[Attached] = (), before: str = ""
    ) -> PageResult:
        """Read one page, and the documents ``attached`` to its item.

        A document that is there and cannot be read now says what it said ``before``, in the text that was read last.
        Whatever keeps it from being read is told, except that watcher stops: FetchError.
        """
        try:
            response, found = self._read(link, ACCEPT)
        except FetchError as error:
            if error.reason is Reason.INTERRUPTED:
                raise
            return PageResult(problem=str(error), gone=_says_gone(error))
        page = PageResult(text=found.text, problem=found.blocked, evidence=(evidence("article", response, found.text),))
        if text_from is not TextFrom.ATTACHED:
            return page
        documents = _each_once([*attached, *found.attached], link)
        return self._with_attached(page, documents, _papers(before))

    def _with_attached(
        self, page: PageResult, documents: Sequence[Attached], before: dict[str, list[str]]
    ) -> PageResult:
        """Return the page with its attached documents. One that cannot be read does not affect the others."""
        for number, document in enumerate(documents):
            if number == MAX_DOCUMENTS or len(page.text) > self.max_text_chars:
                rest = f"{document.name}: it is too much, with {len(documents) - number - 1} more"
                return replace(page, unread=(*page.unread, rest))
            earlier = before.get(document.name)
            page = self._with_document(page, document, earlier.pop(0) if earlier else "")
        return page

    def _with_document(self, page: PageResult, document: Attached, earlier: str) -> PageResult:
        try:
            response, found = self._read(document.url, ACCEPT_PDF)
        except FetchError as error:
            if error.reason is Reason.INTERRUPTED:
                raise
            said = "" if _says_gone(error) else earlier
            return replace(_with_paper(page, document, said), unread=(*page.unread, f"{document.name}: {error}"))
        return replace(
            _with_paper(page, document, found.text or (earlier if found.blocked else "")),
            unread=(*page.unread, f"{document.name}: {found.blocked}") if found.blocked else page.unread,
            evidence=(*page.evidence, evidence("attached", response, found.text)),
        )

    def _read(self, link: str, accept: str) -> tuple[Response, Article]:
        """Return a response, and the text in it. Raises FetchError."""
        response = self.web.get(link, accept=accept)
        if is_pdf(response.body):
            paper = self.reader.read_pdf(response.body)
            return response, Article(text=paper.text, blocked=paper.problem)
        article = self.reader.read_article(response.body, url=response.url, content_type=response.content_type)
        return response, article

    def touches(self, book: Rulebook, source: Source, document: Document) -> bool:
        """Return whether the document contains a positive word of a rule that applies to the source."""
        terms = self._terms_of(book, source)
        return terms is None or book.matcher.holds_any(terms, document)

    def _terms_of(self, book: Rulebook, source: Source) -> frozenset[str] | None:
        if self._digest != book.digest:
            self._terms, self._digest = {}, book.digest
        key = (book.digest, source.id)
        if key not in self._terms:
            listening = [rule_key for rule_key, rule in book.rules.items() if rule.when and rule.listens_to(source)]
            self._terms[key] = book.matcher.terms(listening)
        return self._terms[key]


@dataclass(slots=True)
class PageBudget:
    """The pages that one poll asks for: so many, and no more of them after some could not be had."""

    story: PageReader
    rules: Rules
    most: int = MAX_PAGES
    _failed: int = 0

    def run(self, entry: Entry, source: Source, document: Document, *, before: str | None) -> PageResult | None:
        """Return the page behind an entry; None if it is not needed. ``before``: the stored page, if it was read."""
        if not has_page(entry, source):
            return None
        if source.text_from is TextFrom.AUTO:
            full = len(entry.text) > max(len(entry.summary), MAX_TEASER_CHARS)
            if full or (before is None and not self._is_wanted(entry, source, document)):
                return None
        if self.most <= 0 or self._failed >= MAX_FAILURES:
            return PageResult(problem="it is read later", put_off=True)
        page = self.story.visit(entry.link, source.text_from, entry.attached, before or "")
        self.most -= max(1, len(page.evidence))
        self._failed = 0 if page.text else self._failed + 1
        if page.missing:
            log.info("page", source=source.id, problem=page.missing)
        return page

    def _is_wanted(self, entry: Entry, source: Source, document: Document) -> bool:
        return self.story.touches(self.rules.book, source, document) or self.rules.near(entry, source)


def _each_once(documents: Sequence[Attached], read: str) -> list[Attached]:
    """The documents by their first names, without the one that was ``read`` as the page."""
    by_url: dict[str, Attached] = {}
    for document in documents:
        by_url.setdefault(document.url, document)
    by_url.pop(read, None)
    return list(by_url.values())


def _with_paper(page: PageResult, document: Attached, said: str) -> PageResult:
    if not said:
        return page
    text = f"{page.text}{DOCUMENT_BORDER}{document.name}\n\n{said}"
    return replace(page, text=text, problem=page.problem if page.text else "")


def _papers(text: str) -> dict[str, list[str]]:
    """Return the texts of attached documents by name; several may have the same name."""
    papers: dict[str, list[str]] = {}
    for paper in text.split(DOCUMENT_BORDER)[1:]:
        name, _, said = paper.partition("\n\n")
        papers.setdefault(name, []).append(said)
    return papers


def has_page(entry: Entry, source: Source) -> bool:
    """Return whether there is a page behind the entry that may be read."""
    return bool(entry.link) and source.text_from is not TextFrom.FEED and not leads_astray(entry.link)


def _says_gone(error: FetchError) -> bool:
    return error.reason is Reason.GONE or error.status == HTTPStatus.NOT_FOUND

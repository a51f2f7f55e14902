"""What comes out of a reading process. Imports no parser: the daemon and the fetchers use these too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from watcher.model import PAGE_BORDER, Attached, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One document of a source, which may hand out its entries in several."""

    reading: Reading
    next: str = ""
    """The address of the next document, as this one says; empty: it does not say."""
    count: int | None = None
    """How many entries the source says it has in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsProposal:
    """Options with which a source of a kind might read a page or JSON."""

    options: Mapping[str, str]
    """Selectors or expressions, as written in a rule file; without a date where none was found."""
    count: int
    """How many items they find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """The address of a feed or sitemap that a page links to."""

    kind: str
    """The kind of source: feed or sitemap."""
    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfText:
    """The text of a PDF."""

    pages: tuple[str, ...] = ()
    """The texts of the pages that were read, from the first on; empty for a page of pictures."""
    total: int = 0
    """How many pages there are."""
    problem: str = ""
    """In words, why text is missing; empty when none is."""

    @property
    def text(self) -> str:
        """Return all pages, with form feeds between them."""
        return PAGE_BORDER.join(self.pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The main text of the page behind a link, without navigation and other furniture of its site."""

    title: str = ""
    text: str = ""
    """Plain, paragraphs apart by an empty line; of an article behind a paywall, its beginning."""
    blocked: str = ""
    """In words, what kept the whole text from being read; empty when nothing did."""
    attached: tuple[Attached, ...] = ()
    """Documents that the page links to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReview:
    """What a fact-check says of a claim, in the words of schema.org's ClaimReview."""

    claim: str = ""
    rating: str = ""
    """The verdict in words; empty where only a number is given."""
    value: float | None = None
    """The verdict as a number between ``worst`` and ``best``."""
    worst: float | None = None
    best: float | None = None
    published: str = ""
    """The day, like 2026-01-20."""
    outlet: str = ""
    """Who published it: the name of an author or publisher."""
    url: str = ""
    text: str = ""
    """Plain; the whole review or a description of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCheck:
    """A published fact-check, as far as its page says; of JSON-LD alone, its reviews."""

    article: Article
    reviews: tuple[ClaimReview, ...] = ()
    unreadable: int = 0
    """How many blocks of JSON-LD are broken."""
    url: str = ""
    """The address that the page gives itself."""
    outlet: str = ""
    published: str = ""
    """The day, like 2026-01-20."""

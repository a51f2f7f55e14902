"""Find out which source an address might be, by trying every way to read it on what it serves right now.

A feed needs no options. For JSON and for a page the known presets are tried, then guesses from what repeats in it.
Feeds and sitemaps that a page names are read as well. Nothing is stored; every address is requested once.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from protego import Protego

from watcher import app
from watcher.clock import utc_now
from watcher.fetchers import KINDS, FetcherTools
from watcher.fetchers.json_api import JsonOptions
from watcher.fetchers.presets import INTERFACES, PAGES
from watcher.model import FetchError, Memory, Reading, Reason, Source
from watcher.reading.pool import Reader
from watcher.reading.results import FeedLink
from watcher.reading.signatures import is_pdf
from watcher.settings import Settings
from watcher.web import Response, Web
from watcher.web.robots import MAX_BYTES

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, text/html, application/xhtml+xml, "
    "application/json;q=0.9, application/xml;q=0.9, application/pdf;q=0.8, */*;q=0.1"
)
MAX_LINKS = 3
"""How many feeds, or sitemaps, of one page are read."""
_JSON = re.compile(rb"[\xef\xbb\xbf\s]*[\[{]")
_RELEASES = "/api/v1/press_releases"
_SECRETS = re.compile(r"\{([a-z0-9-]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCandidate:
    """A source that an address might be, and what it reads there."""

    kind: str
    url: str
    options: Mapping[str, str]
    """The options of the kind, as written in a sources file."""
    why: str
    """How it was found, in words."""
    reading: Reading

    @property
    def count(self) -> int:
        """Return the number of different items."""
        return len(self.reading.entries)

    @property
    def dated(self) -> int:
        """Return the number of items with a publication date."""
        return sum(entry.published is not None for entry in self.reading.entries)

    @property
    def worth(self) -> float:
        """Return how many of title, link, date and key an item has on average, from 0 to 4."""
        entries = self.reading.entries
        titled = sum(bool(entry.title) for entry in entries)
        linked = len({entry.link for entry in entries if entry.link})
        keyed = len({entry.guid or entry.link for entry in entries} - {""})
        return (titled + linked + keyed + self.dated) / (self.count or 1)


@dataclass(slots=True)
class CachingWeb:
    """A web client that requests every address once and answers repeats from memory."""

    web: Web
    _responses: dict[str, Response] = field(default_factory=dict)

    def get(self, url: str, *, accept: str = "*/*", **_validators: object) -> Response:
        """Return a response of the 200 class. Raise FetchError."""
        if url not in self._responses:
            self._responses[url] = self.web.get(url, accept=accept)
        return self._responses[url]

    def ask(self, url: str, **_question: object) -> Response:
        """Return the same as `get`: there is no query to send, since no options were written for the address."""
        return self.get(url)


def probe(url: str, settings: Settings) -> list[SourceCandidate]:
    """Return what the address might be, the best first; empty when nothing can be read there. Raise FetchError."""
    web, reader = app.fetching_web(settings, utc_now), Reader(workers=1)
    try:
        return _Probe(CachingWeb(web), reader, url).candidates()
    finally:
        reader.close()
        web.close()


@dataclass(slots=True)
class _Probe:
    """One address and everything that is tried on it."""

    web: CachingWeb
    reader: Reader
    url: str
    _refusals: list[FetchError] = field(default_factory=list)

    def candidates(self) -> list[SourceCandidate]:
        """Return every candidate that reads something. Raise FetchError, with BLOCKED when the site keeps us out."""
        if _RELEASES in urlsplit(self.url).path:
            return list(self._tried("doj", self.url, {}, "the interface of the Justice Department"))
        response = self.web.get(self.url, accept=ACCEPT)
        if is_pdf(response.body):
            return list(self._tried("document", self.url, {}, "a PDF, each passage of which is an item"))
        if feeds := list(self._tried("feed", self.url, {}, "the address is that of a feed")):
            return feeds
        if _JSON.match(response.body):
            return self._of_answer(response)
        if sitemaps := list(self._tried("sitemap", self.url, {}, "the address is that of a sitemap")):
            return sitemaps
        return self._of_page(response)

    def _of_answer(self, response: Response) -> list[SourceCandidate]:
        presets = [
            one for name in INTERFACES for one in self._tried("json", self.url, {"preset": name}, "a known shape")
        ]
        guesses = [
            one
            for proposal in self.reader.propose("json", response.body, url=response.url, content_type="")
            for one in self._tried("json", self.url, proposal.options, "a guess, from what its objects hold")
        ]
        return [*_best(presets), *guesses]

    def _of_page(self, response: Response) -> list[SourceCandidate]:
        place = {"url": response.url, "content_type": response.content_type}
        proposals = self.reader.propose("page", response.body, **place)
        found = self._led_to(self.reader.feed_links(response.body, **place))
        presets = [
            one for name in PAGES for one in self._tried("page", self.url, {"preset": name}, "a known kind of page")
        ]
        found += _best(presets)
        for proposal in proposals:
            found += self._tried("page", self.url, proposal.options, f"what repeats {proposal.count} times on the page")
        if not any(one.dated for one in found):
            whole = self._tried("document", self.url, {}, "the page as a whole, each passage of which is an item")
            found += [one for one in whole if one.count > 1]
        return found

    def _led_to(self, links: list[FeedLink]) -> list[SourceCandidate]:
        """Return the feeds that a page names, or its news sitemaps if it names no feed."""
        found: list[SourceCandidate] = []
        for link in [link for link in links if link.kind == "feed"][:MAX_LINKS]:
            found += self._tried(
                "feed", link.url, {}, f"the page names it: {link.title}" if link.title else "the page names it"
            )
        if not found:
            for address in self._sitemaps(links)[:MAX_LINKS]:
                found += self._tried("sitemap", address, {}, "a news sitemap that the site names")
        return found

    def _sitemaps(self, links: list[FeedLink]) -> list[str]:
        """Return the news sitemaps; other sitemaps list every page of the site."""
        named = [link.url for link in links if link.kind == "sitemap"]
        with contextlib.suppress(FetchError):
            robots = self.web.get(urljoin(self.url, "/robots.txt")).body[:MAX_BYTES].decode("utf-8", "replace")
            named += Protego.parse(robots).sitemaps
        return [address for address in dict.fromkeys(named) if "news" in address.rsplit("/", 1)[-1].lower()]

    def _tried(self, kind: str, url: str, options: Mapping[str, str], why: str) -> Iterator[SourceCandidate]:
        """Yield the candidate if it reads anything."""
        checked = KINDS[kind].options.model_validate(options)
        source = Source(id="probed", kind=kind, url=url, options=checked)
        headers = checked.headers if isinstance(checked, JsonOptions) else {}
        placeholders = {name: "none" for value in headers.values() for name in _SECRETS.findall(value)}
        tools = FetcherTools(web=self.web, reader=self.reader, ask=self.web.ask, secrets=placeholders)
        try:
            reading = KINDS[kind].make(tools).fetch(source, Memory())
        except FetchError as error:
            if error.reason in (Reason.BLOCKED, Reason.INTERRUPTED):
                raise
            return
        if any(entry.title or entry.text for entry in reading.entries):
            yield SourceCandidate(kind=kind, url=url, options=options, why=why, reading=reading)


def _best(candidates: list[SourceCandidate]) -> list[SourceCandidate]:
    return sorted(candidates, key=lambda one: one.worth, reverse=True)[:1]

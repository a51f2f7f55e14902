"""The page behind a link becomes the text of its article. Runs in a reading process.

What keeps a reader out comes with status 200 as well: consent forms, paywalls, pages that want scripts to run. They
are known by two things together, words of theirs and hardly any other text: articles are written about them too.
"""

from __future__ import annotations

import re

import trafilatura

from watcher.model import FetchError, Reason
from watcher.reading import attached, damage, markup, plain_text, walls
from watcher.reading.results import Article

MAX_OBSTACLE_CHARS = 1_000
"""A page with more text than that is an article."""
_MAX_TEASER_CHARS = 2_500
"""Paywalls give away no more; a page with more text shows the article."""
_PAID = re.compile(rb"""isAccessibleForFree["']?\s*[:=]\s*["']?(?:https?://schema\.org/)?false""", re.IGNORECASE)
_ASKS_TO_PAY = re.compile(
    r"subscribe (?:now |today )?to (?:continue|keep|read|unlock)|(?:to|and) (?:continue|keep) reading"
    r"|already (?:a |have a )?subscri|subscribers? only|(?:for|to|exclusive to) (?:our )?subscribers"
    r"|(?:create|register for) a free account|(?:log|sign) in to (?:continue|read)|unlock this (?:article|story)",
    re.IGNORECASE,
)
_OBSTACLES = (
    (
        re.compile(
            r"we value your privacy|before you continue|(?:our|and) partners (?:use|store|process)"
            r"|(?:accept|reject|manage) (?:all )?cookies|(?:use|uses|using|set) (?:of )?cookies"
            r"|cookie (?:consent|settings)",
            re.IGNORECASE,
        ),
        "a form to consent",
    ),
    (re.compile(r"(?:enable|turn on|requires?|without) (?:java ?script|cookies)", re.IGNORECASE), "a page of scripts"),
    (re.compile(r"(?:log|sign)[ -]?in|password", re.IGNORECASE), "a form to sign in"),
)
_TITLES = ("//meta[@property='og:title']/@content", "//h1//text()", "//title//text()")


def read(body: bytes, *, url: str, content_type: str) -> Article:
    """Return the article on the page at ``url``. Raise FetchError: NOT_A_FEED for what is not a page."""
    if not damage.is_page(body) and not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise FetchError(Reason.NOT_A_FEED, f"not a page but {damage.describe(body)}")
    tree = trafilatura.load_html(markup.decoded(body, content_type))
    if tree is None:
        raise FetchError(Reason.NOT_A_FEED, f"not a page but {damage.describe(body)}")
    titles = (plain_text.line(" ".join(tree.xpath(path)[:20])) for path in _TITLES)
    title = next(filter(None, titles), "")
    documents = attached.of_page(tree, url)
    found = trafilatura.extract(tree, url=url, include_comments=False) or ""
    said = plain_text.plain("\n\n".join(found.splitlines()))
    if obstacle := _obstacle(body, said):
        return Article(title=title, blocked=obstacle, attached=documents)
    return Article(title=title, text=said, blocked=_paywall(body, said), attached=documents)


def _obstacle(body: bytes, said: str) -> str:
    """Return what is there instead of the article; empty when nothing is."""
    if len(said) >= MAX_OBSTACLE_CHARS:
        return ""
    if obstacle := walls.wall(body):
        return obstacle
    words = said or plain_text.from_html(body.decode("utf-8", "replace"), MAX_OBSTACLE_CHARS)
    asks = walls.asks_to_sign_in(body)
    return next(
        (name for mark, name in _OBSTACLES if mark.search(words) and (asks or name != "a form to sign in")),
        "" if said else "no article",
    )


def _paywall(body: bytes, said: str) -> str:
    """Return "a paywall" if only the beginning is shown to readers who do not pay."""
    asks_to_pay = _ASKS_TO_PAY.search(said[-500:]) or (_PAID.search(body) and len(said) < MAX_OBSTACLE_CHARS)
    return "a paywall" if asks_to_pay and len(said) < _MAX_TEASER_CHARS else ""

"""Foreign text and markup become plain text that every later step can trust.

What comes out holds no control characters but line feeds, no lone surrogates and no entities, encodes as UTF-8, and
is cut at a length. Paragraphs are separated by an empty line, other breaks are one line feed.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

from lxml import etree

from watcher.text.links import is_web

LINE_LIMIT = 1_000
"""Characters of a title, an author, a name."""
TEXT_LIMIT = 500_000
"""Characters of a summary or a body."""
KEY_LIMIT = 4_000
"""Characters of a guid or a link. A longer one is left out: half of it would be a wrong one."""

FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that no text given by this module contains."""

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028]")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_BREAKS = re.compile(r" ?\n ?")
_MANY_BREAKS = re.compile(r"\n{3,}")
_INLINE_SPACE = re.compile(r"\s+")

_PARAGRAPH, _BREAK, _GAP = "\n\n", "\n", " "
_BREAKS = {
    **dict.fromkeys(
        ["address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir", "div", "dl",
         "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
         "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "title", "ul"],
        _PARAGRAPH,
    ),
    **dict.fromkeys(["br", "caption", "dt", "li", "option", "tr"], _BREAK),
    **dict.fromkeys(["td", "th"], _GAP),
}  # fmt: skip
_UNSEEN = frozenset({"iframe", "noembed", "noframes", "object", "script", "style", "template"})


def line(text: str, limit: int = LINE_LIMIT) -> str:
    """One line of text: every run of white space is one space."""
    words = _without_forbidden(" ".join(text.split())).split()
    return " ".join(words)[:limit].rstrip()


def key(text: str) -> str:
    """An identifier: as given but for the white space around it, line breaks, and what cannot be stored."""
    cleaned = _without_forbidden(text.strip().replace("\n", " "))
    return cleaned if len(cleaned) <= KEY_LIMIT else ""


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """Text without markup, with its line breaks."""
    text = _LINE_ENDS.sub("\n", text).replace("\u2029", "\n\n")
    return _tidy(text, limit)


def unescaped(text: str, limit: int = TEXT_LIMIT) -> str:
    """Text without markup in which entities were left."""
    return plain(html.unescape(text), limit)


def from_html(markup: str, limit: int = TEXT_LIMIT) -> str:
    """What a reader of this HTML would see, fragment or page, however it is nested."""
    if "<" not in markup:
        return _tidy(_INLINE_SPACE.sub(" ", html.unescape(markup)), limit)
    parser = etree.HTMLParser(target=_Visible())
    parser.feed(_without_forbidden(markup.replace("\t", " ")))
    return _tidy(parser.close(), limit)


def web_link(address: str, base: str = "") -> str:
    """The absolute http or https address, or nothing when it is not one."""
    try:
        absolute = urljoin(base, address.strip()).replace(" ", "%20")
    except ValueError:
        return ""
    return key(absolute) if is_web(absolute) else ""


def _tidy(text: str, limit: int) -> str:
    text = _AROUND_BREAKS.sub("\n", _SPACES.sub(" ", text))
    return _without_forbidden(_MANY_BREAKS.sub("\n\n", text)).strip()[:limit].rstrip()


def _without_forbidden(text: str) -> str:
    return FORBIDDEN.sub("", text)


class _Visible:
    """A parser target: the parser tells it of elements as they come, so no tree is built and depth costs nothing."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._unseen = 0

    def start(self, tag: str, _attributes: object) -> None:
        """An element begins."""
        self._unseen += tag in _UNSEEN
        self._pieces.append(_BREAKS.get(tag, ""))

    def end(self, tag: str) -> None:
        """An element ends; the parser supplies the ends that were left out."""
        self._unseen -= tag in _UNSEEN
        if _BREAKS.get(tag) == _PARAGRAPH:
            self._pieces.append(_PARAGRAPH)

    def data(self, text: str) -> None:
        """Text between tags, entities resolved."""
        if not self._unseen:
            self._pieces.append(_INLINE_SPACE.sub(" ", text))

    def comment(self, _text: str) -> None:
        """Nobody sees comments."""

    def pi(self, _target: str, _text: str) -> None:
        """Nor processing instructions."""

    def close(self) -> str:
        """Everything that was visible."""
        return "".join(self._pieces)

"""Addresses of the web, as strangers write them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from watcher.text.lines import UNSHOWABLE

MAX_URL_CHARS = 2000
"""A longer address is left out of messages, for half an address leads somewhere else."""

_SPACE = re.compile(r"\s")


def is_web(url: str) -> bool:
    """Return whether an absolute address is one of http or https and names a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def web_link(url: str) -> str:
    """Return the address if a person may follow it (http or https, no odd characters), else an empty text."""
    if len(url) > MAX_URL_CHARS or _SPACE.search(url) or UNSHOWABLE.search(url):
        return ""
    return url if is_web(url) else ""

"""What sites forbid to robots: robots.txt (RFC 9309).

It is asked for what a program picks on its own: pages, and the articles behind summaries. Feeds and programming
interfaces are made for programs, and a person chose their addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

from watcher.model import Clock, FetchError, Reason
from watcher.web.client import Web
from watcher.web.response import Response

USER_AGENT: Final = "watcher"
"""The name by which robots.txt files call us."""
MAX_BYTES: Final = 500 * 1024
"""The standard asks to parse no more (section 2.5)."""
MAX_AGE: Final = timedelta(days=1)
"""How long a robots.txt is believed at most (section 2.4), and how long where it does not say."""
MIN_AGE: Final = timedelta(hours=1)
RETRY_AFTER: Final = timedelta(minutes=10)
"""How soon a robots.txt that could not be read is asked for again."""
ALLOW_ALL_AFTER: Final = timedelta(days=30)
"""A robots.txt that could not be read for so long counts as none (section 2.3.1.4). Counted from the start of the
program, because what sites forbid is kept in memory only."""
_ACCEPT = "text/plain, */*;q=0.1"
_GROUP_OF_OTHERS = re.compile(rf"\s*user[- ]?agent\s*:(?!\s*(?:\*|{USER_AGENT}))", re.IGNORECASE)
_NOBODY = "User-agent: -"
"""Stands for all others in a group: protego keeps every rule once for every name, which would be a bomb."""
_ALLOW_ALL = Protego.parse("")


@dataclass(frozen=True, slots=True)
class _Site:
    """What a site's robots.txt says, or why that is not known."""

    rules: Protego | None
    until: datetime
    """When it is asked for again."""
    problem: FetchError | None = None
    failing_since: datetime | None = None


class Crawler:
    """Read pages only where robots.txt allows it. Safe to use from many threads."""

    def __init__(self, web: Web, clock: Clock, *, max_sites: int = 1_000) -> None:
        """Remember what ``max_sites`` sites forbid; ``web`` is closed by the code that opened it."""
        self._web = web
        self._clock = clock
        self._max_sites = max_sites
        self._lock = Lock()
        self._sites: dict[str, _Site] = {}

    def get(
        self,
        url: str,
        *,
        etag: bytes | None = None,
        last_modified: bytes | None = None,
        accept: str = "*/*",
    ) -> Response:
        """Return what `Web.get` returns.

        Raise FetchError also where the robots.txt of the address, or of one that a redirect leads to, forbids it or
        cannot be read.
        """
        return self._web.get(url, etag=etag, last_modified=last_modified, accept=accept, check=self._check)

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        site = self._site(origin)
        if site.rules is None:
            assert site.problem is not None
            raise FetchError(site.problem.reason, site.problem.detail)
        if not site.rules.can_fetch(url, USER_AGENT):
            raise FetchError(Reason.ROBOTS, f"{origin}/robots.txt asks programs not to read {parts.path or '/'}")

    def _site(self, origin: str) -> _Site:
        with self._lock:
            site = self._sites.get(origin)
        if site is None or self._clock() >= site.until:
            site = self._fetched(origin, site)
            with self._lock:
                self._sites.pop(origin, None)
                self._sites[origin] = site
                if len(self._sites) > self._max_sites:
                    del self._sites[next(iter(self._sites))]  # the one that was asked longest ago
        return site

    def _fetched(self, origin: str, before: _Site | None) -> _Site:
        """Return what robots.txt says now; if it cannot be read, what it said ``before``, else nothing is allowed."""
        try:
            response = self._web.get(f"{origin}/robots.txt", accept=_ACCEPT)
        except FetchError as error:
            if error.reason is Reason.INTERRUPTED:
                raise
            # any status of the 400 class, and redirects that lead nowhere, mean that there is none (section 2.3.1)
            if error.reason is Reason.REDIRECT or (error.status is not None and 400 <= error.status < 500):
                return _Site(_ALLOW_ALL, self._clock() + MAX_AGE)
            return _unreadable(error, before, self._clock())
        lines = response.body[:MAX_BYTES].decode("utf-8-sig", "replace").splitlines()
        rules = Protego.parse("\n".join(_NOBODY if _GROUP_OF_OTHERS.match(line) else line for line in lines))
        return _Site(rules, self._clock() + max(response.hold or MAX_AGE, MIN_AGE))


def _unreadable(error: FetchError, before: _Site | None, now: datetime) -> _Site:
    """Return what holds until robots.txt can be read: what it said before, even if that was long ago."""
    before = before or _Site(None, now)
    failing_since = before.failing_since or now
    rules = _ALLOW_ALL if before.rules is None and now - failing_since >= ALLOW_ALL_AFTER else before.rules
    reason = Reason.ROBOTS if error.status is not None else error.reason  # without a status the whole site is away
    problem = FetchError(reason, f"robots.txt cannot be read ({error.detail}), so no page may be read")
    return _Site(rules, now + RETRY_AFTER, problem, failing_since)

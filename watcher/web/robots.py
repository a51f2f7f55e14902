"""What sites ask of those who read their pages: robots.txt (RFC 9309).

It is asked for what a program picks on its own, pages and the stories behind summaries. Feeds and programming
interfaces are made for programs, and a person chose their addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from protego import Protego

from watcher.model import Clock, FetchError, Reason

if TYPE_CHECKING:
    from watcher.web import Response, Web

TOKEN: Final = "watcher"  # noqa: S105  # the name that sites call us by
READ: Final = 500 * 1024
"""Bytes; the standard asks for no more (section 2.5)."""
LONGEST: Final = timedelta(days=1)
SHORTEST: Final = timedelta(hours=1)
RETRY: Final = timedelta(minutes=10)
"""How soon a robots.txt that could not be had is asked for again."""
GIVEN_UP: Final = timedelta(days=30)
"""After so long of it a robots.txt that could never be had counts as none (section 2.3.1.4). Counted from the start of
the program, for what sites say is kept in memory only."""
SITES: Final = 1_000
"""Whose robots.txt is remembered."""
_ACCEPT = "text/plain, */*;q=0.1"
_OTHERS = re.compile(rf"\s*user[- ]?agent\s*:(?!\s*(?:\*|{TOKEN}))", re.IGNORECASE)
_NOBODY = "User-agent: -"
"""Stands for all others in a group: the parser keeps every rule once for every name, which would be a bomb."""
_NONE = Protego.parse("")
"""Everything is allowed."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What a site's robots.txt says, or why that is not known."""

    rules: Protego | None
    until: datetime
    problem: FetchError | None = None
    failing_since: datetime | None = None
    """Since when it was asked for in vain."""


class Crawler:
    """The way to pages: a `Web` that goes nowhere a site asks robots not to go. Safe to use from many threads."""

    def __init__(self, web: Web, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._lock = Lock()
        self._sites: dict[str, _Known] = {}

    def get(
        self,
        url: str,
        *,
        etag: bytes | None = None,
        last_modified: bytes | None = None,
        accept: str = "*/*",
    ) -> Response:
        """As `Web.get`. Raises FetchError as well where robots.txt, of the address or of one that a redirect leads to,
        forbids it or cannot be had.
        """
        return self._web.get(url, etag=etag, last_modified=last_modified, accept=accept, check=self._check)

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        known = self._site(site)
        if known.rules is None:
            assert known.problem is not None
            raise FetchError(known.problem.reason, known.problem.detail)
        if not known.rules.can_fetch(url, TOKEN):
            raise FetchError(Reason.ROBOTS, f"{site}/robots.txt asks programs not to read {parts.path or '/'}")

    def _site(self, site: str) -> _Known:
        with self._lock:
            known = self._sites.get(site)
        if known is None or self._clock() >= known.until:
            known = self._asked(site, known)
            with self._lock:
                self._sites.pop(site, None)
                self._sites[site] = known
                if len(self._sites) > SITES:
                    del self._sites[next(iter(self._sites))]  # the one that was asked longest ago
        return known

    def _asked(self, site: str, before: _Known | None) -> _Known:
        """What robots.txt says now; what it said before where it cannot be had, else nothing may be read for a time."""
        try:
            response = self._web.get(f"{site}/robots.txt", accept=_ACCEPT)
        except FetchError as error:
            if error.reason is Reason.INTERRUPTED:
                raise
            if _is_none(error):
                return _Known(_NONE, self._clock() + LONGEST)
            return self._not_had(_problem(error), before)
        return _Known(_parsed(response.body[:READ]), self._clock() + max(response.hold or LONGEST, SHORTEST))

    def _not_had(self, problem: FetchError, before: _Known | None) -> _Known:
        """What holds meanwhile: what it said before, even if that was long ago."""
        now = self._clock()
        before = before or _Known(None, now)
        since = before.failing_since or now
        rules = _NONE if before.rules is None and now - since >= GIVEN_UP else before.rules
        return _Known(rules, now + RETRY, problem, since)


def _parsed(body: bytes) -> Protego:
    lines = body.decode("utf-8-sig", "replace").splitlines()
    return Protego.parse("\n".join(_NOBODY if _OTHERS.match(line) else line for line in lines))


def _is_none(error: FetchError) -> bool:
    """Whether there is no robots.txt: any status of the 400 class says so, and redirects that lead nowhere."""
    return error.reason is Reason.REDIRECT or (error.status is not None and 400 <= error.status < 500)


def _problem(error: FetchError) -> FetchError:
    """Why nothing may be read: of a site that answers, its robots.txt; of one that does not, what keeps it from it."""
    reason = Reason.ROBOTS if error.status is not None else error.reason
    return FetchError(reason, f"robots.txt cannot be had ({error.detail}), so that no page may be read")

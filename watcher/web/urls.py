"""Which addresses may be asked for, and where redirects lead. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import httpx

from watcher.model import FetchError, Reason

MAX_REDIRECTS: Final = 10
_MAX_HOST_CHARS: Final = 253
"""RFC 1035, section 2.3.4, as text."""


@dataclass(frozen=True, slots=True)
class Url:
    """An http or https address without its fragment, and apart from it the user name and password that it had."""

    url: httpx.URL
    credentials: tuple[str, str] | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the address. Raise FetchError, whose words repeat nothing that could be a secret."""
        try:
            return cls.of(httpx.URL(text.strip()))
        except (httpx.InvalidURL, ValueError) as error:
            raise _bad("control characters, a wrong port or a wrong host") from error

    @classmethod
    def of(cls, url: httpx.URL) -> Self:
        """Return the address. Raise FetchError when it is not on the web."""
        if url.scheme not in ("http", "https"):
            raise _bad("it does not begin with http:// or https://")
        if not 0 < len(url.raw_host) <= _MAX_HOST_CHARS:
            raise _bad("it has no host name, or one that is too long")
        if url.port is not None and not 0 < url.port < 65536:
            raise _bad("its port is not between 1 and 65535")
        credentials = (url.username, url.password) if url.userinfo else None
        return cls(url.copy_with(username=None, password=None, fragment=None), credentials)

    @property
    def host(self) -> str:
        """Return the host in lower case and ASCII, as the resolver gets it."""
        return self.url.raw_host.decode("ascii")

    @property
    def origin(self) -> tuple[str, str, int | None]:
        """Return what must be the same for the credentials to be sent (RFC 6454)."""
        return self.url.scheme, self.host, self.url.port

    def __str__(self) -> str:
        """Return the address as it can be asked for again: with its credentials."""
        if self.credentials is None:
            return str(self.url)
        username, password = self.credentials
        return str(self.url.copy_with(username=username, password=password))


class RedirectChain:
    """The addresses that one request has been redirected to so far."""

    def __init__(self, start: Url) -> None:
        self.current = start
        self._start = start
        self._seen = [start.url]
        self._permanent = True

    @property
    def moved_to(self) -> str:
        """Return the new address if every redirect was permanent, else an empty text."""
        return str(self.current) if self._permanent and len(self._seen) > 1 else ""

    def follow(self, location: bytes | None, *, permanent: bool) -> None:
        """Go where a redirect points. Raise FetchError when it should not be followed.

        Going from https to http would give away what the reader was promised, so a person has to write it.
        """
        if not location:
            raise FetchError(Reason.REDIRECT, "a redirect without a target")
        target = self._target(location.decode("utf-8", "replace"))
        if self.current.url.scheme == "https" and target.url.scheme == "http":
            raise FetchError(Reason.REDIRECT, f"from https to http, at {target.host}: not followed")
        if target.url in self._seen:
            raise FetchError(Reason.REDIRECT, "the redirects go in a circle")
        if len(self._seen) > MAX_REDIRECTS:
            raise FetchError(Reason.REDIRECT, f"more than {MAX_REDIRECTS} redirects")
        self._seen.append(target.url)
        self._permanent = self._permanent and permanent
        self.current = target

    def _target(self, location: str) -> Url:
        """Return what a Location names, with the credentials of the start if it is the origin they are for."""
        try:
            named = Url.of(self.current.url.join(location))
        except (httpx.InvalidURL, ValueError, FetchError) as error:
            raise FetchError(Reason.REDIRECT, "to something that is not a web address") from error
        return Url(named.url, self._start.credentials if named.origin == self._start.origin else None)


def _bad(why: str) -> FetchError:
    return FetchError(Reason.BAD_URL, f"not a web address: {why}")

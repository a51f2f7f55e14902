"""What may be asked for, and where redirects lead. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import httpx

from watcher.model import FetchError, Reason

MAX_REDIRECTS: Final = 10
_LONGEST_HOST: Final = 253
"""RFC 1035, section 2.3.4, in text."""


@dataclass(frozen=True, slots=True)
class Place:
    """An http or https address, without the fragment, and the user name and password that stood in it."""

    url: httpx.URL
    credentials: tuple[str, str] | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises FetchError, whose words repeat nothing that could be a secret."""
        try:
            return cls.of(httpx.URL(text.strip()))
        except (httpx.InvalidURL, ValueError) as error:
            raise _bad("control characters, a wrong port or a wrong host") from error

    @classmethod
    def of(cls, url: httpx.URL) -> Self:
        """Raises FetchError when this is no place on the web."""
        if url.scheme not in ("http", "https"):
            raise _bad("it does not begin with http:// or https://")
        if not 0 < len(url.raw_host) <= _LONGEST_HOST:
            raise _bad("it has no host name, or one that is too long")
        if url.port is not None and not 0 < url.port < 65536:
            raise _bad("its port is not between 1 and 65535")
        credentials = (url.username, url.password) if url.userinfo else None
        return cls(url.copy_with(username=None, password=None, fragment=None), credentials)

    @property
    def host(self) -> str:
        """In lower case and ASCII, as it goes to the resolver."""
        return self.url.raw_host.decode("ascii")

    @property
    def origin(self) -> tuple[str, str, int | None]:
        """What must be the same for the credentials to be sent (RFC 6454)."""
        return self.url.scheme, self.host, self.url.port

    def __str__(self) -> str:
        """The address as it can be asked for again: with its credentials."""
        if self.credentials is None:
            return str(self.url)
        username, password = self.credentials
        return str(self.url.copy_with(username=username, password=password))


class Trail:
    """Where one visit has been led so far."""

    def __init__(self, start: Place) -> None:
        self.here = start
        self._start = start
        self._seen = [start.url]
        self._permanent = True

    @property
    def moved_to(self) -> str:
        """The new address if every step was permanent, else empty."""
        return str(self.here) if self._permanent and len(self._seen) > 1 else ""

    def follow(self, location: bytes | None, *, permanent: bool) -> None:
        """Go where a redirect points. Raises FetchError when it should not be followed.

        Going from https to http would give away what the reader was promised, so a person has to write it.
        """
        if not location:
            raise FetchError(Reason.REDIRECT, "a redirect that does not say where to")
        target = self._target(location.decode("utf-8", "replace"))
        if self.here.url.scheme == "https" and target.url.scheme == "http":
            raise FetchError(Reason.REDIRECT, f"from https to http, at {target.host}: not followed")
        if target.url in self._seen:
            raise FetchError(Reason.REDIRECT, "the redirects go in a circle")
        if len(self._seen) > MAX_REDIRECTS:
            raise FetchError(Reason.REDIRECT, f"more than {MAX_REDIRECTS} redirects")
        self._seen.append(target.url)
        self._permanent = self._permanent and permanent
        self.here = target

    def _target(self, location: str) -> Place:
        """The place a Location names, with the credentials we came with if it is the origin they are for."""
        try:
            named = Place.of(self.here.url.join(location))
        except (httpx.InvalidURL, ValueError, FetchError) as error:
            raise FetchError(Reason.REDIRECT, "to something that is no web address") from error
        ours = self._start.credentials if named.origin == self._start.origin else None
        return Place(named.url, ours)


def _bad(why: str) -> FetchError:
    return FetchError(Reason.BAD_URL, f"not a web address: {why}")

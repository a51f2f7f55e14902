"""What a server answered, and which statuses are errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import responses
from typing import Final

from watcher.model import FetchError, Reason
from watcher.web.headers import Headers, first

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PERMANENT_REDIRECTS: Final = frozenset({301, 308})
_REASONS: Final = {
    **dict.fromkeys(REDIRECTS, Reason.REDIRECT),
    401: Reason.BLOCKED,
    403: Reason.BLOCKED,
    410: Reason.GONE,
    429: Reason.THROTTLED,
    451: Reason.BLOCKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP response, its body bounded."""

    status: int
    url: str
    """The last address of the redirect chain, without user name and password."""
    headers: Headers
    """As sent, names in the server's own spelling; never Set-Cookie."""
    body: bytes
    """Decompressed, and never longer than the limit of the request."""
    etag: bytes | None
    last_modified: bytes | None
    hold: timedelta | None
    """How long the origin asks not to be asked again, a day at most; None: it does not ask."""
    fetched_at: datetime
    moved_to: str = ""
    """The new address, if every redirect on the way was permanent (301, 308)."""

    @property
    def content_type(self) -> str:
        """Return the Content-Type as written, parameters included; empty when there is none."""
        return (self.header("Content-Type") or b"").decode("latin-1")

    def header(self, name: str) -> bytes | None:
        """Return the first header of this name, in any case."""
        return first(self.headers, name)

    def raise_for_status(self) -> None:
        """Raise FetchError unless the status is of the 200 class.

        The error says the standard's phrase: the server's own could say anything.
        """
        if not 200 <= self.status < 300:
            raise FetchError(
                _REASONS.get(self.status, Reason.HTTP_STATUS),
                f"{self.status} {responses.get(self.status, '(not a standard status)')}",
                retry_after=self.hold,
                status=self.status,
            )

"""Responses as evidence: without cookies, and without the secrets in their addresses."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from watcher.model import Evidence
from watcher.web import Response

REDACTED = "redacted"
_SECRET = re.compile(
    r"key$|^(?:sig|sid|auth|code|pass|pwd)$|token|secret|signature|password|passwd|credential|session|authorization",
    re.IGNORECASE,
)
"""Parameters of an address whose values give access."""
_COOKIES = frozenset({"set-cookie", "set-cookie2"})


def evidence(what: str, response: Response, text: str | None = None) -> Evidence:
    """Return the response without cookies and without the secrets of its address, wherever they are repeated.

    ``text`` is what was read in it, where it was fetched for one item alone.
    """
    url, secrets = _redacted(response.url)
    headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
    return Evidence(
        what=what,
        url=url,
        status=response.status,
        headers=tuple((name, _without(value, secrets)) for name, value in headers if name.lower() not in _COOKIES),
        body=response.body,
        fetched_at=response.fetched_at,
        text=text,
    )


def _redacted(url: str) -> tuple[str, list[str]]:
    """Return the address with its secrets replaced, and those secrets."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    secrets = [value for name, value in pairs if value and _SECRET.search(name)]
    if not secrets:
        return url, []
    shown = [(name, REDACTED if value and _SECRET.search(name) else value) for name, value in pairs]
    return urlunsplit(parts._replace(query=urlencode(shown))), secrets


def _without(value: str, secrets: list[str]) -> str:
    for secret in secrets:
        value = value.replace(secret, REDACTED)
    return value

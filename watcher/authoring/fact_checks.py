"""Read a published fact-check, from the web or from a file, to draft a claim from it."""

from __future__ import annotations

from pathlib import Path

from watcher import app
from watcher.clock import utc_now
from watcher.model import ConfigError
from watcher.reading.pool import Reader
from watcher.reading.results import FactCheck
from watcher.settings import Settings
from watcher.text.links import is_web
from watcher.web.client import MAX_BODY_BYTES

ACCEPT = "text/html, application/xhtml+xml, application/ld+json;q=0.9, application/json;q=0.8, */*;q=0.1"


def read(place: str, settings: Settings) -> FactCheck:
    """Return the fact-check at an address or in a file. Raise FetchError, or ConfigError for a file that is unfit."""
    body, url, content_type = _from_web(place, settings) if is_web(place) else (_from_file(place), "", "")
    reader = Reader(workers=1)
    try:
        return reader.read_fact_check(body, url=url, content_type=content_type)
    finally:
        reader.close()


def _from_web(address: str, settings: Settings) -> tuple[bytes, str, str]:
    web = app.fetching_web(settings, utc_now)
    try:
        response = web.get(address, accept=ACCEPT)
        return response.body, response.url, response.content_type
    finally:
        web.close()


def _from_file(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            body = file.read(MAX_BODY_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"it is neither a web address nor a file that can be read: {error.strerror}") from error
    if len(body) > MAX_BODY_BYTES:
        raise ConfigError(f"it is larger than {MAX_BODY_BYTES >> 20} MB, the most that is read of a page")
    return body

"""What holds for every kind of source."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from watcher.fetchers import KINDS, Options, Tools
from watcher.model import FetchError, Memory, Reason, Source


class NoNetwork:
    """Every visit fails."""

    def get(self, url: str, **_: Any) -> Any:
        raise FetchError(Reason.CONNECTION, "no network")


class NoReader:
    """Nothing is read."""

    def read_feed(self, body: bytes, **_: Any) -> Any:
        raise AssertionError

    def read_part(self, kind: str, body: bytes, **_: Any) -> Any:
        raise AssertionError


LEAST: dict[str, dict[str, Any]] = {"json": {"title": "name"}, "page": {"item": "li"}}
"""What has to be written for a source of a kind, where anything has to be."""


@pytest.mark.parametrize("kind", KINDS)
def test_options_nobody_knows_are_refused(kind: str) -> None:
    assert issubclass(KINDS[kind].options, Options)
    with pytest.raises(ValidationError, match="nobody_knows_this"):
        KINDS[kind].options.model_validate({"nobody_knows_this": 1})


@pytest.mark.parametrize("kind", KINDS)
def test_a_visit_that_fails_is_a_fetch_error(kind: str) -> None:
    fetcher = KINDS[kind].make(Tools(web=NoNetwork(), reader=NoReader()))
    options = KINDS[kind].options.model_validate(LEAST.get(kind, {})).model_dump(mode="json")
    with pytest.raises(FetchError):
        fetcher.fetch(Source(id="s", kind=kind, url="https://example.org/", options=options), Memory())

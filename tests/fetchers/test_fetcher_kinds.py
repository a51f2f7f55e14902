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


@pytest.mark.parametrize("kind", KINDS)
def test_options_nobody_knows_are_refused(kind: str) -> None:
    assert issubclass(KINDS[kind].options, Options)
    with pytest.raises(ValidationError, match="nobody_knows_this"):
        KINDS[kind].options.model_validate({"nobody_knows_this": 1})


@pytest.mark.parametrize("kind", KINDS)
def test_a_visit_that_fails_is_a_fetch_error(kind: str) -> None:
    fetcher = KINDS[kind].make(Tools(web=NoNetwork(), reader=NoReader()))
    with pytest.raises(FetchError):
        fetcher.fetch(Source(id="s", kind=kind, url="https://example.org/"), Memory())

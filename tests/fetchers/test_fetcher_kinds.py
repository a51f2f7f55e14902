"""What holds for every kind of source."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from watcher.app import build_fetchers
from watcher.clock import utc_now
from watcher.fetchers import KINDS, FetcherTools
from watcher.model import FetchError, Memory, Reason, Source
from watcher.settings import Settings
from watcher.source_options import SourceOptions
from watcher.web import Crawler, Web


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
    assert issubclass(KINDS[kind].options, SourceOptions)
    with pytest.raises(ValidationError, match="nobody_knows_this"):
        KINDS[kind].options.model_validate({"nobody_knows_this": 1})


def test_a_source_of_another_kind_is_not_read() -> None:
    options = KINDS["page"].options.model_validate(LEAST["page"])
    fetcher = KINDS["feed"].make(FetcherTools(web=NoNetwork(), reader=NoReader()))
    with pytest.raises(TypeError, match="source s of kind 'page' has no FeedOptions"):
        fetcher.fetch(Source(id="s", kind="page", url="https://example.org/", options=options), Memory())


@pytest.mark.parametrize("kind", KINDS)
def test_a_visit_that_fails_is_a_fetch_error(kind: str) -> None:
    fetcher = KINDS[kind].make(FetcherTools(web=NoNetwork(), reader=NoReader()))
    options = KINDS[kind].options.model_validate(LEAST.get(kind, {}))
    with pytest.raises(FetchError):
        fetcher.fetch(Source(id="s", kind=kind, url="https://example.org/", options=options), Memory())


@pytest.mark.parametrize("kind", KINDS)
def test_only_pages_made_for_people_are_asked_of_robots_txt(kind: str, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /")
    httpserver.expect_request("/x").respond_with_data("", status=500)
    web = Web(user_agent="watcher", clock=utc_now, allow_private=["127.0.0.1"], spacing=timedelta(0))
    crawler, unused = Crawler(web, utc_now), NoReader()
    fetcher = build_fetchers(Settings(), web, crawler, unused)[kind]  # type: ignore[arg-type]  # nothing gets that far
    least = {"fallback": httpserver.url_for("/x")} if kind == "doj" else LEAST.get(kind, {})
    options = KINDS[kind].options.model_validate(least)
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(Source(id="s", kind=kind, url=httpserver.url_for("/x"), options=options), Memory())
    crawls = kind in {"page", "document"}
    assert caught.value.reason is (Reason.ROBOTS if crawls else Reason.HTTP_STATUS)

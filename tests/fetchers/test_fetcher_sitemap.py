from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from watcher.model import FetchError, Reading, Reason

URL = "https://paper.example/news.xml"
INDEX = b"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap><sitemap><loc>/2.xml</loc></sitemap></sitemapindex>"

Fetch = Callable[..., Reading]


def sitemap(*places: str) -> bytes:
    return f"<urlset>{''.join(f'<url><loc>/{place}</loc></url>' for place in places)}</urlset>".encode()


def links(reading: Reading) -> list[str]:
    return [entry.link.rpartition("/")[2] for entry in reading.entries]


def test_only_pages_that_were_not_listed_come_the_second_time(site: Any, fetch: Fetch) -> None:
    site.answers[URL] = sitemap("a", "b")
    first = fetch("sitemap", URL)
    assert links(first) == ["a", "b"]
    assert fetch("sitemap", URL, first.memory).unchanged
    site.answers[URL] = sitemap("c", "a", "b")
    assert links(fetch("sitemap", URL, first.memory)) == ["c"]


def test_an_index_that_stays_as_it_is_hides_nothing(site: Any, fetch: Fetch) -> None:
    site.answers = {URL: INDEX, "https://paper.example/2.xml": sitemap("a")}
    first = fetch("sitemap", URL)
    assert links(first) == ["a"]
    site.answers["https://paper.example/2.xml"] = sitemap("a", "b")
    assert links(fetch("sitemap", URL, first.memory)) == ["b"]


def test_nothing_where_there_was_something_is_an_error_unless_it_may_be(site: Any, fetch: Fetch) -> None:
    site.answers[URL] = sitemap("a")
    memory = fetch("sitemap", URL).memory
    site.answers[URL] = sitemap()
    with pytest.raises(FetchError) as caught:
        fetch("sitemap", URL, memory)
    assert caught.value.reason is Reason.EMPTY
    assert fetch("sitemap", URL, memory, may_be_empty=True).total == 0


def test_a_damaged_sitemap_is_asked_for_in_full_again(site: Any, fetch: Fetch) -> None:
    site.answers[URL] = sitemap("a")[:-9]
    reading = fetch("sitemap", URL)
    assert (links(reading), bool(reading.damaged)) == (["a"], True)
    assert (reading.memory.etag, reading.memory.body_hash) == (None, None)

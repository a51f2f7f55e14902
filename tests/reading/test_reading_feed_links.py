from __future__ import annotations

import pytest

from watcher.model import FetchError
from watcher.reading import feed_links, json_proposals
from watcher.reading.pool import Reader
from watcher.reading.results import FeedLink

URL = "https://paper.example/news/"
HEAD = """
<link rel=alternate type=application/rss+xml href=/comments/feed title="Paper: comments">
<link rel="alternate home" type="application/atom+xml; charset=utf-8" href=/feed.atom title="Paper">
<link rel=alternate type=text/html hreflang=fr href=/fr/>
<link rel=sitemap type=application/xml href=/news-sitemap.xml>
"""


def test_a_page_names_its_feeds_and_sitemaps_comments_last() -> None:
    assert feed_links.read(f"<!DOCTYPE html>{HEAD}<p>x".encode(), url=URL, content_type="") == [
        FeedLink(kind="feed", url="https://paper.example/feed.atom", title="Paper"),
        FeedLink(kind="sitemap", url="https://paper.example/news-sitemap.xml", title=""),
        FeedLink(kind="feed", url="https://paper.example/comments/feed", title="Paper: comments"),
    ]


@pytest.mark.parametrize(
    "href", ["/feed/", "/rss", "index.xml", "local.rss?x=1", "/a/rss.xml", "/blog/feed.json", "/index.rss2"]
)
def test_a_link_to_what_must_be_a_feed_is_followed(href: str) -> None:
    page = f"<!DOCTYPE html><a href='{href}'>Subscribe</a><a href=/feedback>Feedback</a><a href=/rssfeeds>List</a>"
    (lead,) = feed_links.read(page.encode(), url=URL, content_type="")
    assert (lead.kind, lead.title) == ("feed", "Subscribe")


def test_links_elsewhere_than_to_the_web_are_none() -> None:
    page = (
        b"<!DOCTYPE html><link rel=alternate type=application/rss+xml href='file:///feed'><a href='javascript:/feed'>"
    )
    assert feed_links.read(page, url=URL, content_type="") == []


def test_a_reading_process_gives_the_same(reader: Reader) -> None:
    page = f"<!DOCTYPE html>{HEAD}<p>x".encode()
    assert reader.feed_links(page, url=URL, content_type="") == feed_links.read(page, url=URL, content_type="")


# ------------------------------------------------------------------------------------------------ answers in JSON


def guess(answer: str) -> dict[str, str]:
    proposals = json_proposals.read(answer.encode(), url=URL, content_type="")
    return dict(proposals[0].options) if proposals else {}


@pytest.mark.parametrize(
    ("answer", "options"),
    [
        (
            '{"meta": {"n": 2}, "data": {"posts": [{"id": 1, "title": "A", "url": "/1", "published_at": "2026-01-02"},'
            '{"id": 2, "title": "C", "url": "/2", "published_at": "2026-01-03"}]}}',
            {"items": "data.posts", "key": "id", "title": "title", "link": "url", "date": "published_at"},
        ),
        (
            '[{"Meeting Date": "1/2/2026", "Name": {"label": "Council", "url": "https://x.example/1"}, "at": "noon"}]',
            {"items": "@", "title": "Name.label", "link": "Name.url", "date": '"Meeting Date"'},
        ),
        (
            '[{"EventId": 7, "EventTitle": "A", "created": "soon"}]',
            {"items": "@", "key": "EventId", "title": "EventTitle"},
        ),
        ('{"a": [1, 2], "b": [{"x": 1}]}', {}),
        ("[]", {}),
        ("3", {}),
    ],
    ids=["an interface", "objects in objects", "joined names", "nothing with a title", "an empty list", "a number"],
)
def test_what_an_answer_lists_is_guessed_from_names_and_values(answer: str, options: dict[str, str]) -> None:
    assert guess(answer) == options


def test_the_list_that_says_most_is_chosen() -> None:
    assert guess('{"tags": [{"name": "a"}, {"name": "b"}], "items": [{"title": "A", "url": "/1"}]}')["items"] == "items"


@pytest.mark.parametrize("answer", [b"no", b"[" * 100_000, b"{"], ids=["text", "depth", "half"])
def test_what_is_no_json_is_said(answer: bytes) -> None:
    with pytest.raises(FetchError, match="not JSON"):
        json_proposals.read(answer, url=URL, content_type="")

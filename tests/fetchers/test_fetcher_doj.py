from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from watcher.fetchers.doj import FALLBACK
from watcher.model import FetchError, Reading, Reason

URL = "https://www.justice.gov/api/v1/press_releases.json?pagesize=3&sort=date&direction=DESC"
WALL = b"<html><head><meta http-equiv='refresh' content='5; URL=/x?bm-verify=AAQ'></head></html>"
DAY = 86_400

Fetch = Callable[..., Reading]


def release(number: int, **more: Any) -> dict[str, Any]:
    """A release as the interface gives it, one a day: the value types are those that were seen in 2026."""
    return {
        "uuid": f"u-{number}",
        "title": f"Release {number}",
        "url": f"https://www.justice.gov/usao-mn/pr/release-{number}",
        "date": str(1_738_843_200 + number * DAY),
        "created": f'<time datetime="2025-02-05T12:37:10-05:00">{1_738_777_030 + number * DAY}</time>\n',
        "teaser": f"<p>About {number}</p>",
        "body": f"<p>MINNEAPOLIS &ndash; {number}.</p><p>More.</p>",
        "component": [{"uuid": "c", "name": "USAO - Minnesota"}],
        "topic": [{"name": "Immigration"}],
    } | more


def publish(site: Any, releases: list[dict[str, Any]], size: int = 3, count: object = None) -> None:
    """The releases, in this order, on pages of this size."""
    for number in range(len(releases) // size + 2):
        results = releases[number * size : (number + 1) * size]
        found = {"count": len(releases) if count is None else count, "pagesize": size, "page": number}
        document = {"metadata": {"responseInfo": {"status": 200}, "resultset": found}, "results": results}
        site.answers[f"{URL}&page={number}"] = json.dumps(document).encode()


def titles(reading: Reading) -> list[str]:
    return [entry.title for entry in reading.entries]


def test_a_release_is_read_with_what_it_says(site: Any, fetch: Fetch) -> None:
    publish(site, [release(1)])
    (entry,) = fetch("doj", URL).entries
    assert (entry.guid, entry.title) == ("u-1", "Release 1")
    assert entry.link == "https://www.justice.gov/usao-mn/pr/release-1"
    assert entry.published == datetime(2025, 2, 7, 12, tzinfo=UTC)
    assert (entry.summary, entry.text) == ("About 1", "MINNEAPOLIS – 1.\n\nMore.")
    assert (entry.author, entry.tags) == ("USAO - Minnesota", ("USAO - Minnesota", "Immigration"))


@pytest.mark.parametrize(
    "date",
    ["1738843200", 1738843200, "<time datetime='2025-02-06T07:00:00-05:00'>1</time>"],
    ids=["text", "number", "html"],
)
def test_dates_are_read_however_they_are_typed(date: object, site: Any, fetch: Fetch) -> None:
    publish(site, [release(1, date=date)])
    assert fetch("doj", URL).entries[0].published == datetime(2025, 2, 6, 12, tzinfo=UTC)


def test_without_a_date_the_making_counts(site: Any, fetch: Fetch) -> None:
    publish(site, [release(1, date=None)])
    assert fetch("doj", URL).entries[0].published == datetime(2025, 2, 5, 17, 37, 10, tzinfo=UTC)


@pytest.mark.parametrize("newest_first", [True, False])
def test_whatever_the_order_the_newest_are_read_until_one_is_known(newest_first: bool, site: Any, fetch: Fetch) -> None:
    step = -1 if newest_first else 1
    publish(site, [release(number) for number in range(1, 21)][::step])
    first = fetch("doj", URL, pages=2)
    newest = [20, 19, 18, 17, 16, 15] if newest_first else [19, 20, 16, 17, 18]
    assert titles(first) == [f"Release {number}" for number in newest]
    assert first.damaged == ""
    publish(site, [release(number) for number in range(1, 23)][::step])
    site.asked.clear()
    second = fetch("doj", URL, first.memory, pages=9)
    assert sorted(titles(second)) == ["Release 21", "Release 22"]
    assert len(site.asked) == (1 if newest_first else 3)


def test_the_count_may_be_a_text_and_pages_smaller_than_asked_for(site: Any, fetch: Fetch) -> None:
    publish(site, [release(number) for number in range(1, 9)], size=2, count="8")
    assert titles(fetch("doj", URL, pages=1)) == ["Release 7", "Release 8"]


def test_the_pages_that_were_read_are_evidence(site: Any, fetch: Fetch) -> None:
    publish(site, [release(number) for number in range(1, 9)])
    read = fetch("doj", URL, pages=2).evidence
    assert [answer.body for answer in read] == [site.answers[f"{URL}&page={number}"] for number in (2, 1)]


def test_a_single_page_needs_no_order(site: Any, fetch: Fetch) -> None:
    publish(site, [release(1), release(2)])
    assert titles(fetch("doj", URL)) == ["Release 1", "Release 2"]
    assert len(site.asked) == 2


def test_releases_without_any_date_are_reported(site: Any, fetch: Fetch) -> None:
    publish(site, [release(number, date=None, created=None) for number in (2, 1)])
    reading = fetch("doj", URL)
    assert titles(reading) == ["Release 2", "Release 1"]
    assert "finds no date in any item" in reading.damaged


def test_a_changed_release_comes_again(site: Any, fetch: Fetch) -> None:
    publish(site, [release(3), release(2), release(1)])
    memory = fetch("doj", URL).memory
    publish(site, [release(3), release(2, title="Release 2, corrected"), release(1)])
    assert titles(fetch("doj", URL, memory)) == ["Release 2, corrected"]


def test_too_many_new_ones_are_said(site: Any, fetch: Fetch) -> None:
    publish(site, [release(number) for number in range(3, 0, -1)])
    memory = fetch("doj", URL).memory
    publish(site, [release(number) for number in range(20, 0, -1)])
    reading = fetch("doj", URL, memory, pages=2)
    assert reading.total == 6
    assert reading.damaged == "more than 2 pages of new releases: older ones were not read"


@pytest.mark.parametrize(
    ("components", "found"),
    [
        ("usao-mn", ["Release 1"]),
        (["crt", "usao-mn"], ["Release 1", "Release 2"]),
        ("civil rights division", ["Release 2"]),
        ("usao-m", []),
    ],
)
def test_components_and_districts_are_told_apart(components: Any, found: list[str], site: Any, fetch: Fetch) -> None:
    other = {"url": "https://www.justice.gov/opa/pr/x", "component": [{"name": "Civil Rights Division"}]}
    rights = other | {"url": "https://www.justice.gov/crt/pr/x"}
    publish(site, [release(1), release(2, **rights), release(3, component=[], url="https://www.justice.gov/opa/pr/y")])
    reading = fetch("doj", URL, components=components)
    assert titles(reading) == found
    assert reading.total == 3


FEED = (
    "<rss version='2.0'><channel><title>Justice News</title><item><title>Release 9</title>"
    "<link>https://www.justice.gov/usao-mn/pr/release-9</link></item>"
    "<item><title>Other</title><link>https://www.justice.gov/opa/pr/o</link></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (WALL, "blocked: Akamai's bot wall"),
        (FetchError(Reason.HTTP_STATUS, "503 Service Unavailable"), "http status: 503 Service Unavailable"),
        (
            b'{"metadata": {}}',
            "selector finds nothing: items: 'results' finds no list; there is an object with metadata",
        ),
        (b'{"results": []}', "empty where there was something: the interface shows no releases"),
    ],
)
def test_when_the_interface_fails_the_feed_is_read_and_that_is_said(
    answer: bytes | FetchError, why: str, site: Any, fetch: Fetch
) -> None:
    site.answers = {f"{URL}&page=0": answer, FALLBACK: FEED.encode()}
    reading = fetch("doj", URL, components="usao-mn")
    assert titles(reading) == ["Release 9"]
    assert reading.damaged.startswith(f"the interface cannot be read ({why}); the RSS feed")


def test_an_order_that_cannot_be_walked_is_left_to_the_feed(site: Any, fetch: Fetch) -> None:
    publish(site, [release(1), release(2), release(3)], count="many")
    site.answers[FALLBACK] = FEED.encode()
    assert titles(fetch("doj", URL)) == ["Release 9", "Other"]


def test_when_both_fail_the_interface_is_blamed(site: Any, fetch: Fetch) -> None:
    site.answers = {f"{URL}&page=0": WALL, FALLBACK: WALL}
    with pytest.raises(FetchError) as caught:
        fetch("doj", URL)
    assert (caught.value.reason, caught.value.detail) == (Reason.BLOCKED, "Akamai's bot wall")


def test_stopping_asks_nobody_else(site: Any, fetch: Fetch) -> None:
    site.answers = {f"{URL}&page=0": FetchError(Reason.INTERRUPTED, "stopping"), FALLBACK: FEED.encode()}
    with pytest.raises(FetchError):
        fetch("doj", URL)
    assert FALLBACK not in site.asked


@pytest.mark.shared_data
def test_a_real_answer_of_the_sister_interface_is_read(site: Any, fetch: Fetch, shared_data: Path) -> None:
    url = "https://www.justice.gov/api/v1/blog_entries.json?fields=title,created&pagesize=10"
    site.answers[url] = (shared_data / "doj/api-notes/blog_entries_response_2014.json").read_bytes()
    shape = {"items": "results", "title": "title", "date": "created", "count": "metadata.resultset.count"}
    reading = fetch("json", url, **shape)
    assert (reading.total, reading.damaged) == (10, "")
    assert reading.entries[0].title == "Message from Director Carbon: October 2011"
    assert reading.entries[0].published == datetime(2011, 10, 3, 15, 32, tzinfo=UTC)

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.model import FetchError, Reading, Reason
from watcher.reading import syndication

VERSION = "https://jsonfeed.org/version/1.1"


def read(document: Any, known: Reading | None = None) -> Reading:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    fingerprints = known.memory.fingerprints if known else frozenset()
    return syndication.read(body, url="https://example.org/feed.json", content_type="", known=frozenset(fingerprints))


def json_feed(*items: Any, **fields: Any) -> dict[str, Any]:
    return {"version": VERSION, "title": "A feed", "items": list(items)} | fields


def test_an_item_gives_everything_it_says() -> None:
    reading = read(
        json_feed(
            {
                "id": 17,
                "url": "/a",
                "title": "Officers & ICE",
                "summary": "short",
                "content_html": "<p>a</p><p>b</p>",
                "date_published": "2026-01-20T10:00:00-06:00",
                "authors": [{"name": "A"}, {"name": "B"}],
                "tags": ["police", "ice", None],
            },
            home_page_url="https://paper.example/",
        )
    )
    (entry,) = reading.entries
    assert reading.title == "A feed"
    assert (entry.guid, entry.link, entry.title) == ("17", "https://paper.example/a", "Officers & ICE")
    assert (entry.summary, entry.text, entry.author) == ("short", "a\n\nb", "A, B")
    assert (entry.published, entry.tags) == (datetime(2026, 1, 20, 16, tzinfo=UTC), ("police", "ice"))


def test_the_second_reading_gives_what_changed() -> None:
    before = read(json_feed({"id": "1", "title": "one"}, {"id": "2", "title": "two"}))
    after = read(json_feed({"id": "1", "title": "one"}, {"id": "2", "title": "two!"}), before)
    assert [entry.title for entry in after.entries] == ["two!"]
    assert (after.total, set(after.skipped)) == (2, {before.entries[0].fingerprint})


@pytest.mark.scenario("P7")
def test_an_item_that_is_none_costs_no_other() -> None:
    reading = read(json_feed({"id": "1", "title": "one"}, "nonsense", None))
    assert [entry.title for entry in reading.entries] == ["one"]
    assert reading.damaged == "2 of 3 items are not objects"


def test_shared_ids_are_marked() -> None:
    reading = read(json_feed({"id": "1", "title": "one"}, {"id": "1", "title": "two"}))
    assert [entry.guid_shared for entry in reading.entries] == [True, True]


@pytest.mark.scenario("Z12")
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', Reason.DAMAGED),
        (b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000, Reason.HOSTILE),
        (b"[" * 1_000_000, Reason.HOSTILE),
        (b"[]", Reason.NOT_A_FEED),
        (b'{"error": "\xff"}', Reason.DAMAGED),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, reason: Reason) -> None:
    with pytest.raises(FetchError) as caught:
        read(body)
    assert caught.value.reason is reason


@pytest.mark.scenario("Z12")
def test_numbers_of_any_size_are_text() -> None:
    body = b'{"version": "%s", "items": [{"id": %s, "title": "t", "x": 1e308, "y": NaN}]}' % (
        VERSION.encode(),
        b"9" * 3000,
    )
    assert read(body).entries[0].guid == "9" * 3000


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(st.characters(categories=None)) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    "id url external_url title summary content_html content_text date_published author authors tags".split()  # noqa: SIM905
)


@pytest.mark.scenario("Z12")
@settings(max_examples=50)
@given(
    st.lists(st.dictionaries(FIELDS, JSON, max_size=6), max_size=4),
    st.dictionaries(st.sampled_from(["title", "home_page_url"]), JSON),
)
def test_wrong_types_are_left_out(items: list[dict[str, Any]], fields: dict[str, Any]) -> None:
    reading = read(json_feed(*items, **fields))
    assert reading.total == len(items)
    for entry in reading.entries:
        f"{entry.title}{entry.text}{entry.guid}{entry.author}{entry.tags}".encode()

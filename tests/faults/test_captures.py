"""All real feeds through the real pipeline, from loopback."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from faults import captures, second_reading
from faults.second_reading import EXCEPTIONS

pytestmark = [pytest.mark.shared_data, pytest.mark.timeout(400)]

PAGES = ["mborsetti_webchanges/tests_data_docs_filters_testdata.yaml.xml"]
"""What is no feed."""


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.slow)], ids=["some", "all"])
def test_every_feed_yields_its_items_once(shared_data: Path, tmp_path: Path, every: int) -> None:
    feeds = captures.feeds(shared_data)[::every]
    with captures.passage(feeds, tmp_path) as passage:
        passage.show(feeds)
        passage.poll(feeds)
        first, states = passage.kept(), passage.states()
        compared = [feed for feed in feeds if feed.versions[0].name not in EXCEPTIONS]
        assert {feed.name: first[feed.id].items for feed in compared} == {
            feed.name: second_reading.distinct(feed.versions[0]) for feed in compared
        }
        unread = [feed.name for feed in feeds if states[feed.id].state not in ("ok", "damaged")]
        assert unread == [name for name in PAGES if name in {feed.name for feed in feeds}]
        assert captures.without_words(passage.stored()) == []

        passage.poll(feeds)
        assert passage.kept() == first, "not modified"
        passage.show(feeds, behind="\n")
        passage.poll(feeds)
        assert passage.kept() == first, "other bytes around the same entries"
        passage.forget_fingerprints()
        passage.show(feeds, behind="\n\n")
        passage.poll(feeds)
        assert passage.kept() == first, "every entry read again and recognised by its keys"
        assert passage.troubles() == []


@pytest.mark.parametrize("versions", [12, pytest.param(None, marks=pytest.mark.slow)], ids=["some", "all"])
def test_each_series_yields_what_its_versions_add(shared_data: Path, tmp_path: Path, versions: int | None) -> None:
    series = [replace(one, versions=one.versions[:versions]) for one in captures.series(shared_data)]
    with captures.passage(series, tmp_path) as passage:
        added = {feed.name: passage.added(feed) for feed in series}
        assert added == {feed.name: second_reading.added(feed.versions) for feed in series}
        assert passage.troubles() == []

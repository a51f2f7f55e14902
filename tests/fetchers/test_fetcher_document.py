from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from reading.pdfs import pdf

from watcher.fetchers.watched_document import DocumentOptions
from watcher.model import FetchError, Memory, Reading, Reason

URL = "https://city.example/personnel.pdf"

Fetch = Callable[..., Reading]


def titles(reading: Reading) -> list[str]:
    return [entry.title for entry in reading.entries]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pdf(["List", "Officer A resigned"]), pdf(["List", "Officer B resigned", "Officer A resigned"])),
        (b"<p>List</p><li>Officer A resigned", b"<p>List</p><li>Officer B resigned<li>Officer A resigned"),
    ],
    ids=["pdf", "page"],
)
def test_a_line_that_is_added_is_an_item(before: bytes, after: bytes, site: Any, fetch: Fetch) -> None:
    site.answers[URL] = before
    first = fetch("document", URL)
    assert titles(first) == ["List", "Officer A resigned"]
    assert fetch("document", URL, first.memory).unchanged
    site.answers[URL] = after
    second = fetch("document", URL, first.memory)
    assert titles(second) == ["Officer B resigned"]
    assert second.skipped == first.memory.fingerprints


@pytest.mark.parametrize("body", [b"<html><body></body></html>", b"<html><title></title><p>17</p>", b""])
def test_a_document_without_text_is_an_error(body: bytes, site: Any, fetch: Fetch) -> None:
    site.answers[URL] = body
    with pytest.raises(FetchError) as caught:
        fetch("document", URL, Memory())
    assert caught.value.reason in {Reason.EMPTY, Reason.NOT_A_FEED}


def test_the_part_that_counts_must_be_a_selector() -> None:
    with pytest.raises(ValidationError, match="not a CSS selector"):
        DocumentOptions(within="li[")


@pytest.mark.shared_data
def test_an_agenda_is_read_in_passages(site: Any, fetch: Fetch, shared_data: Path) -> None:
    path = shared_data / "city/city-scrapers-cle/cuya_community_college_agenda.pdf"
    site.answers[URL] = path.read_bytes()
    reading = fetch("document", URL)
    assert "II. ELECTION OF OFFICERS" in titles(reading)
    assert "FMLA Administration Four-Year Agreement" not in titles(reading)
    assert {entry.link for entry in reading.entries} == {f"{URL}#page=1", f"{URL}#page=2"}


@pytest.mark.shared_data
def test_a_page_about_a_meeting_is_read_in_passages(site: Any, fetch: Fetch, shared_data: Path) -> None:
    path = shared_data / "city/city-scrapers-cle/cuya_county_council_detail.html"
    site.answers[URL] = path.read_bytes()
    assert titles(fetch("document", URL, within=".container"))[:2] == [
        "Committee of the Whole Meeting/Executive Session - 01/09/2024",
        "Date and time: January 09, 2024 3:00 PM",
    ]

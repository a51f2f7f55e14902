from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from watcher.fetchers.json_api import JsonOptions
from watcher.fetchers.presets import INTERFACES
from watcher.model import Entry, FetchError, Keeps, Reading, Reason

URL = "https://api.example/v1/items"
PAGED = {"items": "items", "key": "id", "title": "name", "page_parameter": "page", "pages": 5}

Fetch = Callable[..., Reading]


def page(*numbers: int, **more: Any) -> bytes:
    return json.dumps({"items": [{"id": number, "name": f"item {number}"} for number in numbers]} | more).encode()


def titles(reading: Reading) -> list[str]:
    return [entry.title for entry in reading.entries]


def refusal(visit: Callable[[], Reading]) -> FetchError:
    with pytest.raises(FetchError) as caught:
        visit()
    return caught.value


def test_an_answer_is_read_once(site: Any, fetch: Fetch) -> None:
    site.answers[URL] = page(1, 2)
    first = fetch("json", URL, items="items", key="id", title="name")
    assert titles(first) == ["item 1", "item 2"]
    assert first.memory.etag
    assert first.memory.body_hash
    assert first.complete
    assert fetch("json", URL, first.memory, items="items", title="name").unchanged
    without_validators = replace(first.memory, etag=None)
    assert fetch("json", URL, without_validators, items="items", title="name").unchanged


def test_only_what_is_new_comes_the_second_time(site: Any, fetch: Fetch) -> None:
    site.answers[URL] = page(1, 2)
    first = fetch("json", URL, items="items", key="id", title="name")
    site.answers[URL] = page(1, 2, 3)
    second = fetch("json", URL, first.memory, items="items", key="id", title="name")
    assert titles(second) == ["item 3"]
    assert (second.total, second.skipped) == (3, first.memory.fingerprints)


def test_pages_are_read_until_one_is_empty(site: Any, fetch: Fetch) -> None:
    site.answers = {URL: page(5, 4), f"{URL}?page=2": page(3, 2), f"{URL}?page=3": page(1), f"{URL}?page=4": page()}
    reading = fetch("json", URL, **PAGED)
    assert titles(reading) == ["item 5", "item 4", "item 3", "item 2", "item 1"]
    assert (reading.total, reading.complete, len(site.asked)) == (5, True, 4)


def test_every_page_that_was_read_is_evidence(site: Any, fetch: Fetch) -> None:
    site.answers = {URL: page(2), f"{URL}?page=2": page(1), f"{URL}?page=3": page()}
    assert [answer.body for answer in fetch("json", URL, **PAGED).evidence] == list(site.answers.values())


def test_no_more_pages_are_read_than_allowed(site: Any, fetch: Fetch) -> None:
    site.answers = {URL: page(5), f"{URL}?page=2": page(4), f"{URL}?page=3": page(3)}
    reading = fetch("json", URL, **PAGED | {"pages": 2})
    assert titles(reading) == ["item 5", "item 4"]
    assert not reading.complete


def test_the_count_says_where_the_end_is(site: Any, fetch: Fetch) -> None:
    site.answers = {URL: page(3, 2, n=3), f"{URL}?page=2": page(1, n=3)}
    reading = fetch("json", URL, **PAGED, count="n")
    assert (reading.total, reading.complete, len(site.asked)) == (3, True, 2)


def test_a_page_with_nothing_new_is_the_last_that_is_read(site: Any, fetch: Fetch) -> None:
    site.answers = {URL: page(2), f"{URL}?page=2": page(1), f"{URL}?page=3": page()}
    first = fetch("json", URL, **PAGED)
    site.answers[URL], site.answers[f"{URL}?page=2"] = page(3), page(2)
    site.asked.clear()
    second = fetch("json", URL, first.memory, **PAGED)
    assert titles(second) == ["item 3"]
    assert len(site.asked) == 2
    assert not second.complete


def test_a_source_that_keeps_all_is_read_to_its_end_even_if_it_begins_as_before(site: Any, fetch: Fetch) -> None:
    site.answers = {URL: page(2), f"{URL}?page=2": page(1), f"{URL}?page=3": page()}
    first = fetch("json", URL, keeps=Keeps.ALL, **PAGED)
    site.answers[f"{URL}?page=2"] = page(0)
    second = fetch("json", URL, first.memory, keeps=Keeps.ALL, **PAGED)
    assert titles(second) == ["item 0"]
    assert (second.total, second.complete) == (2, True)


def test_items_may_be_counted_in_place_of_pages(site: Any, fetch: Fetch) -> None:
    address = f"{URL}?$top=2"
    site.answers = {address: page(3, 2), f"{URL}?$top=2&$skip=2": page(1), f"{URL}?$top=2&$skip=4": page()}
    reading = fetch("json", address, **PAGED | {"page_parameter": "$skip", "page_start": 0, "page_step": 2})
    assert titles(reading) == ["item 3", "item 2", "item 1"]


def test_where_it_goes_on_is_followed_but_not_in_circles_nor_to_others(site: Any, fetch: Fetch) -> None:
    shape = {"items": "items", "title": "name", "next": "more", "pages": 9}
    site.answers = {URL: page(2, more="/v1/items?cursor=x"), f"{URL}?cursor=x": page(1, more=URL)}
    assert titles(fetch("json", URL, **shape)) == ["item 2", "item 1"]
    assert site.asked == [URL, f"{URL}?cursor=x"]
    site.answers = {URL: page(2, more="https://elsewhere.example/")}
    site.asked.clear()
    assert titles(fetch("json", URL, **shape)) == ["item 2"]
    assert site.asked == [URL]


def test_a_page_that_fails_costs_none_before_it_and_is_said(site: Any, fetch: Fetch) -> None:
    site.answers = {URL: page(2), f"{URL}?page=2": FetchError(Reason.TIMEOUT, "too slow")}
    reading = fetch("json", URL, **PAGED)
    assert (titles(reading), reading.damaged) == (["item 2"], "page 2: timeout: too slow")
    assert not reading.complete
    assert reading.memory.body_hash is None


def test_stopping_on_the_way_is_no_reading(site: Any, fetch: Fetch) -> None:
    site.answers = {URL: page(2), f"{URL}?page=2": FetchError(Reason.INTERRUPTED, "stopping")}
    assert refusal(lambda: fetch("json", URL, **PAGED)).reason is Reason.INTERRUPTED


def test_nothing_where_there_was_something_is_an_error_unless_it_may_be(site: Any, fetch: Fetch) -> None:
    site.answers[URL] = page()
    assert fetch("json", URL, items="items", title="name").total == 0
    site.answers[URL] = page(1)
    memory = fetch("json", URL, items="items", title="name").memory
    site.answers[URL] = page()
    for _ in range(2):
        assert refusal(lambda: fetch("json", URL, memory, items="items", title="name")).reason is Reason.EMPTY
    assert fetch("json", URL, memory, items="items", title="name", may_be_empty=True).total == 0


def test_a_body_makes_it_a_post_and_secrets_go_into_headers(site: Any, fetch: Fetch) -> None:
    site.answers[URL] = page(1)
    options = {"items": "items", "title": "name", "headers": {"Authorization": "Bearer {lims-key}"}}
    reading = fetch("json", URL, **options, body='{"CalendarYear": 2026}', secrets={"lims-key": "s3cret"})
    assert titles(reading) == ["item 1"]
    content, headers = site.sent[0]
    assert content == b'{"CalendarYear": 2026}'
    assert (headers["Authorization"], headers["Content-Type"]) == ("Bearer s3cret", "application/json")
    fetch("json", URL, **options, secrets={"lims-key": "s3cret"})
    assert site.sent[1][0] is None


def test_a_secret_that_nobody_set_is_named_and_nothing_is_asked(site: Any, fetch: Fetch) -> None:
    error = refusal(lambda: fetch("json", URL, title="name", headers={"X-Key": "{lims-key}"}))
    assert (error.reason, "lims-key" in error.detail, site.asked) == (Reason.AUTHENTICATION, True, [])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "write title"),
        ({"title": "a["}, "not a JMESPath expression"),
        ({"title": "a", "link": "https://x.example/{a[}"}, "not a JMESPath expression"),
        ({"title": "a", "body": "{a: 1}"}, "not JSON"),
        ({"title": "a", "timezone": "Mars"}, "unknown time zone 'Mars'"),
        ({"title": "a", "preset": "nobody"}, "legistar"),
        ({"title": "a", "pages": "0"}, "greater than or equal to 1"),
    ],
)
def test_options_that_cannot_work_are_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        JsonOptions.model_validate(options)


def test_what_is_written_stands_over_the_preset() -> None:
    options = JsonOptions.model_validate({"preset": "legistar", "timezone": "America/Denver"})
    assert (options.timezone, options.key) == ("America/Denver", "EventId")
    assert JsonOptions.model_validate(options.model_dump(mode="json")) == options


@pytest.mark.parametrize("preset", INTERFACES)
def test_every_preset_is_one_that_can_be_written(preset: str) -> None:
    assert JsonOptions.model_validate({"preset": preset}).title


# ------------------------------------------------------------------------------------------------ real answers


@pytest.fixture
def capture(site: Any, fetch: Fetch, shared_data: Path) -> Callable[..., dict[str, Entry]]:
    """Reads a real capture by a preset: its entries by key. There are as many as the capture has items."""

    def read(path: str, url: str, total: int, **options: Any) -> dict[str, Entry]:
        site.answers[url] = (shared_data / path).read_bytes()
        reading = fetch("json", url, **options)
        assert (reading.total, reading.damaged) == (total, "")
        entries = {entry.guid: entry for entry in reading.entries}
        assert len(entries) == total
        assert all(entry.title and entry.published for entry in entries.values())
        return entries

    return read


LIMS = "https://lims.minneapolismn.gov/Calendar/GetCalenderList?fromDate=2026-01-01"


@pytest.mark.shared_data
def test_the_citys_calendar_is_read(capture: Callable[..., dict[str, Entry]]) -> None:
    entries = capture("city/city-scrapers-minn/minn_city_calendar.json", LIMS, 4, preset="lims-calendar")
    council = entries["8798"]
    assert council.title == "City Council, Regular, 2026-04-09 09:30"
    assert council.link == "https://lims.minneapolismn.gov/MarkedAgenda/Council/5914"
    assert council.published == datetime(2026, 4, 9, 14, 30, tzinfo=UTC)
    assert council.summary.splitlines()[0] == "Room 380, City Hall"
    assert council.text.startswith("Watch the meeting with closed captioning")
    assert "City's YouTube channel" in council.text
    assert "Cancelled" in entries["8265"].summary
    assert "Cancelled" not in council.summary


@pytest.mark.shared_data
def test_the_civil_service_commission_is_read(capture: Callable[..., dict[str, Entry]]) -> None:
    path = "city/city-scrapers-minn/minn_csc_2018-21_lims.json"
    entries = capture(path, f"{LIMS}&committeeId=46", 48, preset="lims-calendar")
    assert entries["1570"].title == "Civil Service Commission, Regular, 2018-01-23 14:00"
    assert entries["1570"].link == ""
    links = [entry.link for entry in entries.values() if entry.link]
    assert len(links) == 17
    assert sum("MarkedAgenda/CSC/" in link for link in links) == 4, "of the others there is a report in print"
    report = "https://lims.minneapolismn.gov/Download/CommitteeReport/981/CivilServiceCommission-12172019-Minutes.pdf"
    assert entries["3410"].link == report
    assert "CivilServiceCommission-12172019-Minutes.pdf" in entries["3410"].summary
    assert len({(entry.title, entry.summary, entry.text) for entry in entries.values()}) == 48


@pytest.mark.shared_data
def test_agendas_with_their_reports_are_read(capture: Callable[..., dict[str, Entry]]) -> None:
    url = "https://lims.minneapolismn.gov/IndependentBodies/IndependentBodiesMeetingsPagedList"
    entries = capture("city/city-scrapers-minn/minn_city_attachments.json", url, 2, preset="lims-reports")
    assert entries["8946"].title == "Charter Commission, 2026-01-21 16:00"
    assert "Charter_01212026_Committee_Report.pdf" in entries["8946"].summary


@pytest.mark.shared_data
def test_the_county_boards_agenda_is_read(capture: Callable[..., dict[str, Entry]]) -> None:
    path = "city/city-scrapers-minn/minn_hcg_boc.html"
    entries = capture(path, "https://www.hennepin.us/x", 300, preset="hennepin-agenda")
    assert entries["13045"].title == "Claims register for the period ending November 19, 2021"
    assert entries["13045"].summary.startswith("Board Meeting\n\n2021-12-14 18:30\n\nClaims Register")


@pytest.mark.shared_data
def test_a_sitefinity_calendar_is_read(capture: Callable[..., dict[str, Entry]]) -> None:
    path, url = "city/city-scrapers-cle/cuya_county_council.json", "https://cuyahogacounty.gov/web-interface/events"
    entry = capture(path, url, 53, preset="sitefinity-events")["5fe9122d-9b7b-4e61-8615-76240634e312"]
    assert entry.title == "Council Meeting - 8/6/2024"
    assert entry.published == datetime(2024, 8, 6, 21, tzinfo=UTC)
    assert entry.link.startswith("https://cuyahogacounty.gov/2024/08/06/council/councilmeeting-8-6-2024_")


@pytest.mark.shared_data
def test_articles_that_gdelt_saw_are_read(capture: Callable[..., dict[str, Entry]]) -> None:
    url = "https://api.gdeltproject.org/api/v2/doc/doc?format=json"
    entry = capture("sources/samples/gdelt_doc_artlist.json", url, 1, preset="gdelt")["https://news.test/a"]
    assert (entry.title, entry.link, entry.author) == ("Protest over datacenter", "https://news.test/a", "news.test")
    assert entry.published == datetime(2026, 6, 22, 20, tzinfo=UTC)


@pytest.mark.shared_data
def test_federal_jobs_are_read(site: Any, fetch: Fetch, shared_data: Path) -> None:
    url = "https://data.usajobs.gov/api/search?Keyword=x"
    site.answers[url] = (shared_data / "sources/samples/usajobs_search.json").read_bytes()
    secrets = {"usajobs-email": "desk@example.org", "usajobs-key": "k"}
    (entry,) = fetch("json", url, preset="usajobs", secrets=secrets).entries
    assert (entry.guid, entry.title) == ("123", "IT Specialist (Customer Support)")
    assert (entry.link, entry.author) == ("https://www.usajobs.gov/job/123", "Department of Veterans Affairs")
    assert entry.summary == "Department of Veterans Affairs\n\nRemote"
    assert (site.sent[0][1]["User-Agent"], site.sent[0][1]["Authorization-Key"]) == ("desk@example.org", "k")


# --------------------------------------------------------------------- answers made by what their clients read

MADE: dict[str, Any] = {
    "legistar": [
        {
            "EventId": 1440,
            "EventBodyName": "Administration, Operations and Budget Committee",
            "EventDate": "2026-07-28T00:00:00",
            "EventTime": "1:30 PM",
            "EventLocation": "Government Center",
            "EventAgendaStatusName": "Final",
            "EventMinutesStatusName": None,
            "EventAgendaFile": "https://hennepinmn.legistar1.com/a.pdf",
            "EventInSiteURL": "https://hennepinmn.legistar.com/MeetingDetail.aspx?LEGID=1440",
        }
    ],
    "federal-register": {
        "count": 2086,
        "next_page_url": "https://api.example/v1/items?page=2",
        "results": [
            {
                "document_number": "2026-18736",
                "title": "Agency Information Collection",
                "type": "Notice",
                "abstract": "The Department of Homeland Security will",
                "html_url": "https://www.federalregister.gov/d/2026-18736",
                "publication_date": "2026-09-14",
                "agencies": [{"name": "Homeland Security Department"}],
            }
        ],
    },
    "courtlistener": {
        "count": 1,
        "next": None,
        "results": [
            {
                "docket_id": 70000,
                "caseName": "City of Minneapolis v. Noem",
                "docketNumber": "0:26-cv-00190",
                "docket_absolute_url": "/docket/70000/city-of-minneapolis-v-noem/",
                "dateFiled": "2026-01-12",
                "court": "District Court, D. Minnesota",
                "recap_documents": [{"description": "COMPLAINT", "snippet": "officers of <mark>ICE</mark>"}],
            }
        ],
    },
    "guardian": {
        "response": {
            "total": 1,
            "results": [
                {
                    "id": "us-news/2026/jan/20/a",
                    "webTitle": "Minneapolis police chief speaks",
                    "webUrl": "https://www.theguardian.com/us-news/2026/jan/20/a",
                    "webPublicationDate": "2026-01-20T12:00:00Z",
                    "sectionName": "US news",
                }
            ],
        }
    },
    "dcat": {
        "dataset": [
            {
                "identifier": "https://opendata.example/datasets/1",
                "title": "Police separations",
                "description": "<p>One row each</p>",
                "issued": "2026-01-20T12:00:00.000Z",
                "publisher": {"name": "City of Minneapolis"},
                "keyword": ["police"],
            }
        ]
    },
    "lims-meetings": [
        {"MeetingBody": "CSC", "MeetingDateTime": "2026-04-09T09:30:00", "MeetingType": "Regular", "IsCancelled": True},
        {"MeetingBody": "CSC", "MeetingDateTime": "2026-04-09T09:30:00", "MeetingType": "Select Meeting Type"},
    ],
    "lims-files": [
        {
            "FileNumber": "2026-00123",
            "ItemTitle": "Chief&#39;s report",
            "FileSubject": "Police",
            "LegislativeHistory": [{"CommitteeName": "PHS", "ActionDate": "4/9/2026", "Action": "Approved"}],
        }
    ],
}
READ = {
    "legistar": ("1440", "Administration, Operations and Budget Committee, 2026-07-28 13:30", "2026-07-28T18:30"),
    "federal-register": ("2026-18736", "Agency Information Collection", "2026-09-14T04:00"),
    "courtlistener": ("70000", "City of Minneapolis v. Noem, 0:26-cv-00190", "2026-01-12T05:00"),
    "guardian": ("us-news/2026/jan/20/a", "Minneapolis police chief speaks", "2026-01-20T12:00"),
    "dcat": ("https://opendata.example/datasets/1", "Police separations", "2026-01-20T12:00"),
    "lims-meetings": ("CSC/2026-04-09T09:30:00", "CSC, Regular, 2026-04-09 09:30", "2026-04-09T14:30"),
    "lims-files": ("2026-00123/Chief&#39;s report", "Chief's report", "2026-04-09T05:00"),
}


@pytest.mark.parametrize("preset", MADE)
def test_a_preset_reads_what_its_interface_gives(preset: str, site: Any, fetch: Fetch) -> None:
    site.answers[URL] = json.dumps(MADE[preset]).encode()
    (entry,) = fetch("json", URL, preset=preset, secrets={"lims-key": "k"}).entries
    assert entry.published
    assert (entry.guid, entry.title, f"{entry.published:%Y-%m-%dT%H:%M}") == READ[preset]
    assert entry.summary or entry.text or preset == "guardian"


def test_every_preset_has_been_seen_to_read() -> None:
    captured = {"lims-calendar", "lims-reports", "hennepin-agenda", "sitefinity-events", "gdelt", "usajobs"}
    assert set(MADE) == set(READ) == set(INTERFACES) - captured

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from watcher.fetchers.page import PageOptions
from watcher.fetchers.presets import PAGES
from watcher.model import Entry, FetchError, Reading, Reason, TextFrom

URL = "https://city.example/news"

Fetch = Callable[..., Reading]


def listing(*titles: str, more: str = "") -> bytes:
    items = "".join(f'<li><a href="/news/{title}">{title}</a></li>' for title in titles)
    return f"<html><title>News</title><ul>{items}</ul>{more}</html>".encode()


def titles(reading: Reading) -> list[str]:
    return [entry.title for entry in reading.entries]


def reason(visit: Callable[[], Reading]) -> Reason:
    with pytest.raises(FetchError) as caught:
        visit()
    return caught.value.reason


def test_a_listing_is_read_and_then_only_what_is_new(site: Any, fetch: Fetch) -> None:
    site.answers[URL] = listing("one", "two")
    first = fetch("page", URL, item="li")
    assert titles(first) == ["one", "two"]
    assert fetch("page", URL, first.memory, item="li").unchanged
    site.answers[URL] = listing("three", "one", "two")
    assert titles(fetch("page", URL, first.memory, item="li")) == ["three"]


def test_links_alone_may_be_the_items(site: Any, fetch: Fetch) -> None:
    site.answers[URL] = b"<html><a href=/news/2026/one>One</a><a href=/about>About</a>"
    (entry,) = fetch("page", URL, item="a[href*='/news/20']", title=".", link=".").entries
    assert (entry.title, entry.link) == ("One", "https://city.example/news/2026/one")


def test_pages_are_followed_to_where_nothing_is_listed(site: Any, fetch: Fetch) -> None:
    site.answers = {URL: listing("one"), f"{URL}?page=1": listing("two"), f"{URL}?page=2": listing()}
    reading = fetch("page", URL, item="li", page_parameter="page", page_start=0, pages=9)
    assert (titles(reading), reading.damaged, reading.complete) == (["one", "two"], "", True)


def test_the_next_link_is_followed(site: Any, fetch: Fetch) -> None:
    more = '<a rel="next" href="/news?before=1">older</a>'
    site.answers = {URL: listing("two", more=more), f"{URL}?before=1": listing("one")}
    assert titles(fetch("page", URL, item="li", next="a[rel=next]", pages=2)) == ["two", "one"]


@pytest.mark.scenario("P10")
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (b"<html><title>News</title><div class=new-design><a href=/1>one</a></div>", Reason.SELECTOR),
        (b"<html><title>News</title><li><h2>one</h2></li>", Reason.SELECTOR),
        (b"<html><title>Sign in</title><form><li><a>Help</a><input type='password'></form>", Reason.BLOCKED),
        (b"<html><title>Just a moment...</title>", Reason.BLOCKED),
        (b"", Reason.NOT_A_FEED),
    ],
)
def test_a_redesign_or_a_wall_is_noticed_at_once_and_changes_nothing(
    changed: bytes, why: Reason, site: Any, fetch: Fetch
) -> None:
    site.answers[URL] = listing("one", "two")
    memory = fetch("page", URL, item="li").memory
    site.answers[URL] = changed
    for _ in range(2):
        assert reason(lambda: fetch("page", URL, memory, item="li")) is why
    site.answers[URL] = listing("one", "two")
    assert fetch("page", URL, memory, item="li").unchanged


def test_a_page_that_was_never_right_is_noticed_too(site: Any, fetch: Fetch) -> None:
    site.answers[URL] = listing()
    assert reason(lambda: fetch("page", URL, item="li")) is Reason.SELECTOR
    assert fetch("page", URL, item="li", may_be_empty="true").total == 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "write item"),
        ({"item": "li["}, "not a CSS selector"),
        ({"item": "li", "title": "a:nope"}, "not a CSS selector"),
        ({"item": "li", "date": ["time", "p["]}, "not a CSS selector"),
        ({"item": "li", "title": ""}, "at least 1 character"),
        ({"preset": "nobody"}, "ice-newsroom"),
    ],
)
def test_options_that_cannot_work_are_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        PageOptions.model_validate(options)


def test_options_survive_being_stored() -> None:
    options = PageOptions.model_validate({"preset": "ice-newsroom", "title": "h3@title"})
    assert (options.title, options.item) == (("h3@title",), ".news-wrapper")
    assert PageOptions.model_validate(options.model_dump(mode="json")) == options


# ------------------------------------------------------------------------------------------------ real pages

MINN, CLE = "city/city-scrapers-minn", "city/city-scrapers-cle"

CAPTURES = [
    (f"{MINN}/minn_hennepin_boc.html", "legistar-calendar", 1, 0),
    (f"{MINN}/minn_hennepin_admin_op_bud_committee.html", "legistar-calendar", 1, 1),
    (f"{MINN}/minn_ramsey_boc.html", "legistar-calendar", 35, 8),
    (f"{MINN}/minn_ramsey_bcw.html", "legistar-calendar", 35, 35),
    (f"{MINN}/minn_ramsey_bwd.html", "legistar-calendar", 35, 24),
    (f"{MINN}/minn_ramsey_hra.html", "legistar-calendar", 35, 35),
    (f"{MINN}/minn_ramsey_lcw.html", "legistar-calendar", 13, 13),
    (f"{MINN}/minn_ramsey_rra.html", "legistar-calendar", 35, 34),
    (f"{CLE}/cuya_personnel_review_commission.html", "sitefinity-list", 5, 5),
    (f"{CLE}/cle_transit.html", "drupal-events", 37, 37),
    (f"{MINN}/minn_st_paul_ps_boardbook.html", "boardbook", 47, 47),
    (f"{MINN}/minn_st_paul_ps_materials.html", "finalsite-panels", 12, 12),
    ("sources/samples/ice_newsroom_listing_2026-08-07.html", "ice-newsroom", 1, 1),
    ("sources/samples/dhs_press_listing_2026-08-07.html", "dhs-releases", 2, 2),
]

Capture = Callable[..., list[Entry]]


@pytest.fixture
def capture(site: Any, fetch: Fetch, shared_data: Path) -> Capture:
    """Reads a real page by a preset."""

    def read(path: str, preset: str, url: str = "https://site.example/some/page") -> list[Entry]:
        site.answers[url] = (shared_data / path).read_bytes()
        reading = fetch("page", url, preset=preset)
        assert reading.damaged == ""
        return list(reading.entries)

    return read


@pytest.mark.shared_data
@pytest.mark.parametrize(("path", "preset", "items", "links"), CAPTURES)
def test_a_real_page_is_read_whole(path: str, preset: str, items: int, links: int, capture: Capture) -> None:
    entries = capture(path, preset)
    assert len(entries) == items
    assert sum(bool(entry.link) for entry in entries) == links
    assert all(entry.title and entry.published for entry in entries)
    same = Counter((entry.title, entry.link, entry.summary) for entry in entries)
    assert max(same.values()) == 1


PAPERS = [
    ("minn_hennepin_admin_op_bud_committee.html", "legistar-calendar", 1, 5),
    ("minn_ramsey_boc.html", "legistar-calendar", 8, 5),
    ("minn_ramsey_bwd.html", "legistar-calendar", 24, 3),
    ("minn_ramsey_hra.html", "legistar-calendar", 35, 5),
    ("minn_st_paul_ps_materials.html", "finalsite-panels", 12, 3),
]


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "preset", "rows", "most"), PAPERS)
def test_the_papers_in_real_rows_are_named_where_they_are_to_be_read(
    name: str, preset: str, rows: int, most: int, site: Any, fetch: Fetch, shared_data: Path
) -> None:
    site.answers["https://county.example/list"] = (shared_data / MINN / name).read_bytes()
    entries = fetch("page", "https://county.example/list", preset=preset, text_from=TextFrom.ATTACHED).entries
    with_papers = [entry.attached for entry in entries if entry.attached]
    assert (len(with_papers), max(map(len, with_papers))) == (rows, most)
    assert {paper.name for papers in with_papers for paper in papers} <= {
        "Agenda", "Accessible Agenda", "Agenda Packet", "Minutes", "Accessible Minutes", "BoardBook",
    }  # fmt: skip
    assert not any(entry.attached for entry in fetch("page", "https://county.example/list", preset=preset).entries)


GRANICUS = """
<table class=listingTable id=upcoming><thead><tr><th class=listHeader>Event</th><th>Date</th></tr></thead><tbody>
<tr class=odd>
 <td class=listItem headers=EventName id=Council scope=row>
   Council
 </td>
 <td class=listItem headers="EventDate Council"><span style="display:none;">1772550000</span>
   March 3, 2026 - 09:00 AM</td>
 <td class=listItem><a href="//city.granicus.example/AgendaViewer.php?view_id=4&amp;event_id=92">Agenda</a></td>
 <td class=listItem headers="EventLink Council"></td></tr></tbody></table>
<table class=listingTable id=archive><thead><tr><th class=listHeader>Meeting</th><th>Date</th></tr></thead><tbody>
<tr class=listingRow>
 <td class=listItem headers=Name id=Civil-Service scope=row>Civil Service Commission</td>
 <td class=listItem headers="Date Civil-Service">January&nbsp; 7,&nbsp;2026 - 5:00&nbsp;PM</td>
 <td class=listItem headers="Duration Civil-Service">00h&nbsp;20m</td>
 <td class=listItem><a href="//city.granicus.example/AgendaViewer.php?view_id=4&amp;clip_id=71">Agenda</a></td>
 <td class=listItem headers="VideoLink Civil-Service"><a href="javascript:void(0);">Video</a></td></tr>
<tr class=listingRow>
 <td class=listItem headers=Name id=Council scope=row>Council</td>
 <td class=listItem headers="Date Council">February&nbsp;18,&nbsp;2026 - 9:00&nbsp;AM</td></tr>
<tr>
 <td class=listItem headers=Name id=Planning scope=row>Planning</td>
 <td class=listItem headers="Date Planning" nowrap>Sep  3, 2025</td>
 <td class=listItem> 00h&nbsp;49m</td>
 <td class=listItem><a href="//city.granicus.example/AgendaViewer.php?view_id=4&clip_id=23">Agenda</a></td></tr>
</tbody></table>"""
CIVICPLUS = """
<div id=category-panel-3><table><tr id=row6427a1 class=catAgendaRow><td>
 <h3 class=noMargin id=h401072026-642><a id=_01072026-642 name=_01072026-642></a>
  <strong aria-label="Agenda for January 7, 2026"><abbr title=January>Jan</abbr> 7, 2026</strong>
  &mdash; Posted <abbr title=January>Jan</abbr> 2, 2026 9:15 AM</h3>
 <p><a id=01072026-642 href="/AgendaCenter/ViewFile/Agenda/_01072026-642?html=true">
   Civil Service Commission
 </a></p></td>
 <td class=minutes><a href="/AgendaCenter/ViewFile/Minutes/_01072026-642"><img alt=Minutes></a></td>
 <td class=media><span class=videos style="display: inline-block;"><a href="/v"><img alt=Videos></a></span></td>
 <td class=downloads><div class=popoutContainer><button><span>Download&nbsp;&#9660;</span></button>
  <div class="popout popUp" style="display:none;"><ol>
   <li><a class=html href="/AgendaCenter/ViewFile/Agenda/_01072026-642?html=true">HTML</a></li>
   <li><a class=pdf href="/AgendaCenter/ViewFile/Agenda/_01072026-642">PDF</a></li>
   <li><a class=pdf href="/AgendaCenter/ViewFile/Agenda/_01072026-642?packet=true">Packet</a></li>
   <li><a class=previous href="/AgendaCenter/PreviousVersions/_01072026-642">Previous Versions</a></li></ol></div></div>
  </td></tr>
<tr id=row650c3e class=catAgendaRow><td>
 <h3 class=noMargin><a id=_02182026-650></a><strong aria-label="Agenda for February 18, 2026">
  <abbr title=February>Feb</abbr> 18, 2026</strong></h3>
 <p><a id=02182026-650 href="/AgendaCenter/ViewFile/Agenda/_02182026-650">Council</a></p></td>
 <td class=minutes></td><td class=media></td><td class=downloads></td></tr></table></div>"""
SHAPES = {"granicus": GRANICUS, "civicplus-agendas": CIVICPLUS}
"""Pages in the shape of those that the presets are for."""


@pytest.mark.parametrize(
    ("preset", "titles", "links", "days"),
    [
        (
            "granicus",
            [
                "Council, March 3, 2026 - 09:00 AM",
                "Civil Service Commission, January 7, 2026 - 5:00 PM",
                "Council, February 18, 2026 - 9:00 AM",
                "Planning, Sep 3, 2025",
            ],
            [
                "https://city.granicus.example/AgendaViewer.php?view_id=4&event_id=92",
                "https://city.granicus.example/AgendaViewer.php?view_id=4&clip_id=71",
                "",
                "https://city.granicus.example/AgendaViewer.php?view_id=4&clip_id=23",
            ],
            [3, 7, 18, 3],
        ),
        (
            "civicplus-agendas",
            ["Civil Service Commission, Jan 7, 2026", "Council, Feb 18, 2026"],
            [
                "https://city.example/AgendaCenter/ViewFile/Agenda/_01072026-642?html=true",
                "https://city.example/AgendaCenter/ViewFile/Agenda/_02182026-650",
            ],
            [7, 18],
        ),
    ],
)
def test_agendas_are_read_from_the_sites_of_two_makers(
    site: Any, fetch: Fetch, preset: str, titles: list[str], links: list[str], days: list[int]
) -> None:
    site.answers["https://city.example/"] = SHAPES[preset].encode()
    entries = fetch("page", "https://city.example/", preset=preset).entries
    assert [entry.title for entry in entries] == titles
    assert [entry.link for entry in entries] == links
    assert [entry.published.day for entry in entries if entry.published] == days


def test_minutes_that_appear_beside_an_agenda_are_an_edit_of_its_meeting(site: Any, fetch: Fetch) -> None:
    without, url = CIVICPLUS.replace("<img alt=Minutes>", ""), "https://city.example/"
    site.answers[url] = without.encode()
    first = fetch("page", url, preset="civicplus-agendas")
    site.answers[url] = CIVICPLUS.encode()
    (edited,) = fetch("page", url, first.memory, preset="civicplus-agendas").entries
    assert edited.summary.endswith("Minutes")
    assert (edited.title, edited.link) == (first.entries[0].title, first.entries[0].link)


def test_every_preset_has_been_seen_to_read() -> None:
    assert {preset for _, preset, _, _ in CAPTURES} | set(SHAPES) == set(PAGES)


@pytest.mark.shared_data
def test_the_county_boards_meetings_say_when_and_what_there_is(capture: Capture) -> None:
    url = "https://hennepinmn.legistar.com/Calendar.aspx"
    (board,) = capture(f"{MINN}/minn_hennepin_boc.html", "legistar-calendar", url)
    assert board.title == "Board of Hennepin County Commissioners, 5/19/2026, 1:30 PM"
    assert board.published == datetime(2026, 5, 19, 18, 30, tzinfo=UTC)
    assert "Not available" in board.summary
    assert board.guid == "View.ashx?M=IC&ID=1415525&GUID=022BD3D9-2F85-419C-A515-52C5E445A6DD"
    (budget,) = capture(f"{MINN}/minn_hennepin_admin_op_bud_committee.html", "legistar-calendar", url)
    assert budget.link.startswith("https://hennepinmn.legistar.com/MeetingDetail.aspx?ID=1352206&GUID=57C165D3")
    assert "Agenda Packet Minutes" in budget.summary


@pytest.mark.shared_data
def test_a_personnel_commissions_meetings_say_which_papers_there_are(capture: Capture) -> None:
    url = "https://cuyahogacounty.gov/personnel-review-commission/calendar"
    entries = capture(f"{CLE}/cuya_personnel_review_commission.html", "sitefinity-list", url)
    assert entries[1].title == "Personnel Review Commission Meeting - 07/10/24"
    assert entries[1].published == datetime(2024, 7, 10, 20, tzinfo=UTC)
    assert entries[1].summary.endswith("Agenda Minutes")
    assert entries[1].link.endswith("/personnel-review-commission-meeting---07-10-24")


@pytest.mark.shared_data
def test_releases_of_the_immigration_authorities_are_read(capture: Capture) -> None:
    path = "sources/samples/ice_newsroom_listing_2026-08-07.html"
    (ice,) = capture(path, "ice-newsroom", "https://www.ice.gov/newsroom")
    assert (ice.title, ice.published) == ("ICE operation nets arrests", datetime(2026, 8, 7, 4, tzinfo=UTC))
    assert ice.link == "https://www.ice.gov/news/releases/ice-operation-nets-arrests"
    assert ice.summary == "The immigration enforcement operation netted offenders."
    path = "sources/samples/dhs_press_listing_2026-08-07.html"
    first, second = capture(path, "dhs-releases", "https://www.dhs.gov/news-releases/press-releases")
    assert first.link == "https://www.dhs.gov/news/2026/08/07/secretary-tours-facility"
    assert second.published == datetime(2025, 1, 16, 5, tzinfo=UTC)

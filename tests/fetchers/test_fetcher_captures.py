"""The table of real captures: every one is read whole, or it is said why not."""

from __future__ import annotations

import runpy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from watcher.reading.pool import Reader

pytestmark = pytest.mark.shared_data

BENCH: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / "bench" / "captures.py"))
CAPTURES: dict[str, Any] = BENCH["CAPTURES"]


AT = "https://county.legistar.com/MeetingDetail.aspx?ID="
SEEN = [
    ("minn_ramsey_boc.html", 35, 0, "12/22/2026, 9:00 AM", "2026-12-22T15:00", ""),
    ("minn_ramsey_boc.html", 35, 34, "3/10/2026, 9:00 AM", "2026-03-10T14:00", f"{AT}1336453"),
    ("minn_ramsey_bcw.html", 35, 34, "8/28/2018, 12:59 PM", "2018-08-28T17:59", f"{AT}835609"),
    ("minn_hennepin_boc.html", 1, 0, "Board of Hennepin County Commissioners, 5/19/2026, 1:30 PM",
     "2026-05-19T18:30", ""),
    ("minn_st_paul_ps_boardbook.html", 47, 0, "May 5, 2026 at 4:30 PM - Committee", "2026-05-05T21:30",
     "https://meetings.boardbook.org/Public/Agenda/1810?meeting=743647"),
    ("minn_st_paul_ps_materials.html", 12, 11, "JANUARY 14, 2026 | EMERGENCY", "2026-01-14T06:00",
     "https://www.spps.org/fs/resource-manager/view/21f22be2-"),
    ("minn_csc_2018-21_lims.json", 48, 0, "Civil Service Commission, Regular, 2018-01-23 14:00",
     "2018-01-23T20:00", ""),
    ("minn_hcg_boc.html", 300, 0, "Claims register for the period ending November 19, 2021", "2021-12-15T00:30", ""),
    ("cuya_personnel_review_commission.html", 5, 1, "Personnel Review Commission Meeting - 07/10/24",
     "2024-07-10T20:00", "https://cuyahogacounty.gov/personnel-review-commission/event-details/2024/07/10/"),
    ("cuya_county_council.json", 53, 1, "Health, Human Services & Aging Committee Meeting - 2/21/2024",
     "2024-02-21T18:00", "https://cuyahogacounty.gov/2024/02/21/council/health-human-services-aging-committee-"),
    ("cle_transit.html", 37, 0, "Board Meeting, Jan 23, 2024", "2024-01-23T05:00",
     "https://www.riderta.com/events/2024-1-23/board-meeting"),
    ("cle_city_council.json", 123, 0, "City Council, 9/16/2019, 7:00 PM", "2019-09-16T23:00", ""),
    ("ice_newsroom_listing_2026-08-07.html", 1, 0, "ICE operation nets arrests", "2026-08-07T04:00",
     "https://www.ice.gov/news/releases/ice-operation-nets-arrests"),
]  # fmt: skip
"""By eye: how many items a person counts in a capture, and of one of them its title, its moment in UTC and its link."""


@pytest.mark.parametrize(("name", "items", "number", "title", "published", "link"), SEEN)
def test_a_capture_says_what_a_person_sees_in_it(
    name: str, items: int, number: int, title: str, published: str, link: str, shared_data: Path, reader: Reader
) -> None:
    path = next(path for path in CAPTURES if path.endswith(f"/{name}"))
    entries = BENCH["visit"]((shared_data / path).read_bytes(), CAPTURES[path], reader).entries
    seen = entries[number]
    assert (len(entries), seen.title) == (items, title)
    assert seen.published == datetime.fromisoformat(f"{published}+00:00")
    assert seen.link.startswith(link)
    assert bool(seen.link) == bool(link)


@pytest.mark.parametrize("path", CAPTURES)
def test_a_capture_is_read_whole(path: str, shared_data: Path, reader: Reader) -> None:
    reading = BENCH["visit"]((shared_data / path).read_bytes(), CAPTURES[path], reader)
    assert reading.entries
    assert all(entry.title for entry in reading.entries)
    said = {(entry.title, entry.summary, entry.text, entry.link) for entry in reading.entries}
    assert len(said) == len(reading.entries)


def test_every_capture_is_spoken_of(shared_data: Path) -> None:
    assert BENCH["unnamed"](shared_data) == []

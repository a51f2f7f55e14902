"""What the kinds of source find in real captures: items, distinct ones, dates, links and texts, and the first title.

They are in the folder that is named, or below ``WATCHER_SHARED``, or in ``shared`` beside this checkout. Every capture
of a city, of the Justice Department and among the samples is named: read, or why not.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from watcher.fetchers import KINDS, FetcherTools
from watcher.model import Entry, FetchError, Memory, Reading, Source
from watcher.reading.pool import Reader
from watcher.web import Response

SHARED = Path(os.environ.get("WATCHER_SHARED", Path(__file__).parents[2] / "shared"))
MINN, CLE, SAMPLES = "city/city-scrapers-minn", "city/city-scrapers-cle", "sources/samples"
LEGISTAR = {"preset": "legistar-calendar"}
LIMS = "https://lims.minneapolismn.gov/Calendar/GetCalenderList"
SECRETS = {"usajobs-email": "desk@example.org", "usajobs-key": "none"}


class Capture(NamedTuple):
    """How to read a capture."""

    kind: str
    url: str
    options: Mapping[str, Any]


CAPTURES = {
    f"{MINN}/minn_city_calendar.json": Capture("json", LIMS, {"preset": "lims-calendar"}),
    f"{MINN}/minn_csc_2018-21_lims.json": Capture("json", LIMS, {"preset": "lims-calendar"}),
    f"{MINN}/minn_city_attachments.json": Capture("json", LIMS, {"preset": "lims-reports"}),
    f"{MINN}/minn_hcg_boc.html": Capture("json", "https://www.hennepin.us/x", {"preset": "hennepin-agenda"}),
    **{
        f"{MINN}/minn_{name}.html": Capture("page", "https://county.legistar.com/Calendar.aspx", LEGISTAR)
        for name in (
            "hennepin_boc",
            "hennepin_admin_op_bud_committee",
            "ramsey_bcw",
            "ramsey_boc",
            "ramsey_bwd",
            "ramsey_hra",
            "ramsey_lcw",
            "ramsey_rra",
        )
    },
    f"{MINN}/minn_st_paul_ps_boardbook.html": Capture(
        "page", "https://meetings.boardbook.org/Public/Organization/1810", {"preset": "boardbook"}
    ),
    f"{MINN}/minn_st_paul_ps_materials.html": Capture("page", "https://www.spps.org/x", {"preset": "finalsite-panels"}),
    f"{CLE}/cuya_personnel_review_commission.html": Capture(
        "page", "https://cuyahogacounty.gov/personnel-review-commission/calendar", {"preset": "sitefinity-list"}
    ),
    f"{CLE}/cuya_personnel_review_commission_detail.html": Capture("document", "https://cuyahogacounty.gov/x", {}),
    f"{CLE}/cuya_county_council.json": Capture("json", "https://cuyahogacounty.gov/x", {"preset": "sitefinity-events"}),
    f"{CLE}/cuya_county_council_detail.html": Capture("document", "https://cuyahogacounty.gov/x", {}),
    f"{CLE}/cle_transit.html": Capture("page", "https://www.riderta.com/board", {"preset": "drupal-events"}),
    f"{CLE}/cle_transit_meeting.html": Capture("document", "https://www.riderta.com/events/x", {}),
    f"{CLE}/cle_city_council.json": Capture(
        "json",
        "https://cityofcleveland.legistar.com/Calendar.aspx",
        {
            "key": "iCalendar.url",
            "title": '[Name.label, "Meeting Date", "Meeting Time"]',
            "link": '"Meeting Details".url',
            "date": '["Meeting Date", "Meeting Time"]',
            "summary": '["Meeting Location", Agenda.label, Minutes.label]',
            "timezone": "America/New_York",
        },
    ),
    f"{CLE}/cuya_community_college.pdf": Capture("document", "https://www.tri-c.edu/x.pdf", {}),
    f"{CLE}/cuya_community_college_agenda.pdf": Capture("document", "https://www.tri-c.edu/x.pdf", {}),
    "doj/api-notes/blog_entries_response_2014.json": Capture(
        "json",
        "https://www.justice.gov/api/v1/blog_entries.json",
        {"items": "results", "title": "title", "date": "created"},
    ),
    f"{SAMPLES}/minn_city_calendar.json": Capture("json", LIMS, {"preset": "lims-calendar"}),
    f"{SAMPLES}/minn_city_attachments.json": Capture("json", LIMS, {"preset": "lims-reports"}),
    f"{SAMPLES}/minn_hennepin_boc.html": Capture("page", "https://county.legistar.com/Calendar.aspx", LEGISTAR),
    f"{SAMPLES}/minn_hennepin_admin_op_bud_committee.html": Capture(
        "page", "https://county.legistar.com/Calendar.aspx", LEGISTAR
    ),
    f"{SAMPLES}/ice_newsroom_listing_2026-08-07.html": Capture(
        "page", "https://www.ice.gov/newsroom", {"preset": "ice-newsroom"}
    ),
    f"{SAMPLES}/dhs_press_listing_2026-08-07.html": Capture(
        "page", "https://www.dhs.gov/news-releases/press-releases", {"preset": "dhs-releases"}
    ),
    f"{SAMPLES}/gdelt_doc_artlist.json": Capture("json", "https://api.gdeltproject.org/x", {"preset": "gdelt"}),
    f"{SAMPLES}/usajobs_search.json": Capture("json", "https://data.usajobs.gov/api/search", {"preset": "usajobs"}),
    f"{SAMPLES}/google_news_search_rss_item.xml": Capture("feed", "https://news.google.com/rss/search?q=x", {}),
    f"{SAMPLES}/bing_news_rss_item.xml": Capture("feed", "https://www.bing.com/news/search?format=rss", {}),
}
NOW = datetime(2026, 1, 20, tzinfo=UTC)
NOT_READ = {
    f"{MINN}/minn_st_paul_ps.html": "a calendar that the browser fetches from elsewhere: no items in it",
    f"{MINN}/minn_st_paul_ps_ical.ics": "a calendar file: no kind reads these",
    f"{SAMPLES}/hennepinmn_legistar_derived_meetings_head.json": "cut short, and not what the interface gives",
}
_NOTES = frozenset({"LICENSE", "NOTES.md", "minn_ORIGIN.txt", "hennepinmn_ORIGIN.txt"})
_FOLDERS = (MINN, CLE, "doj/api-notes", SAMPLES)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A network that has one response."""

    body: bytes

    def get(self, url: str, **_how: object) -> Response:
        """Return the response, whatever the request."""
        return Response(
            status=200, url=url, headers=(), body=self.body, etag=None, last_modified=None, hold=None, fetched_at=NOW
        )

    def ask(self, url: str, **_how: object) -> Response:
        """The same."""
        return self.get(url)


def visit(body: bytes, capture: Capture, reader: Reader) -> Reading:
    """Return what the capture's kind of source finds in it. Raises FetchError."""
    network, kind = Recorded(body), KINDS[capture.kind]
    tools = FetcherTools(web=network, reader=reader, ask=network.ask, secrets=SECRETS)
    options = kind.options.model_validate(capture.options)
    source = Source(id="capture", kind=capture.kind, url=capture.url, options=options)
    return kind.make(tools).fetch(source, Memory())


def unnamed(data: Path) -> list[str]:
    """Return the captures that are missing in this table."""
    found = [path.relative_to(data) for folder in _FOLDERS for path in sorted((data / folder).iterdir())]
    return [
        str(path)
        for path in found
        if path.name not in _NOTES and not path.name.endswith("_SHAPE.md") and str(path) not in {**CAPTURES, **NOT_READ}
    ]


def main() -> int:
    """Print the table; return 1 if a capture cannot be read or is missing in it."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED / "data"
    if not data.is_dir():
        sys.exit(f"no captures at {data}: name the folder, or set WATCHER_SHARED")
    table = Table("capture", "kind", "items", "distinct", "dates", "links", "texts", "the first")
    failed = unnamed(data)
    reader = Reader(1)
    try:
        for path, capture in CAPTURES.items():
            try:
                reading = visit((data / path).read_bytes(), capture, reader)
            except FetchError as error:
                failed.append(path)
                reading = Reading(memory=Memory(), entries=(Entry(title=str(error)),))
            table.add_row(path, capture.kind, *_counted(reading))
    finally:
        reader.close()
    console = Console(width=200)
    console.print(table)
    for path, why in NOT_READ.items():
        console.print(f"not read: {path}: {why}")
    for path in failed:
        console.print(f"FAILED: {path}")
    return 1 if failed else 0


def _counted(reading: Reading) -> list[str]:
    entries = reading.entries
    texts = sum(bool(entry.summary or entry.text) for entry in entries)
    dates = sum(entry.published is not None for entry in entries)
    links = sum(bool(entry.link) for entry in entries)
    return [*map(str, (reading.total, len(entries), dates, links, texts)), entries[0].title[:60] if entries else ""]


if __name__ == "__main__":
    sys.exit(main())

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.fetchers.page import PageOptions
from watcher.model import FetchError, Reason
from watcher.reading import html_items, page_proposals
from watcher.reading.pool import Reader
from watcher.reading.results import OptionsProposal

URL = "https://city.example/news"


def propose(markup: str) -> list[OptionsProposal]:
    return page_proposals.read(markup.encode(), url=URL, content_type="text/html")


def found(body: bytes, proposal: OptionsProposal) -> tuple[int, int]:
    """How many items, and dates, the proposal reads."""
    extract = PageOptions.model_validate(proposal.options).selectors(0)
    entries = html_items.read(body, url=URL, content_type="", known=frozenset(), extract=extract).reading.entries
    return len(entries), sum(entry.published is not None for entry in entries)


def listing(item: str, count: int = 5) -> str:
    menu = "".join(f"<li class=menu><a href=/m{number}>Department number {number}</a></li>" for number in range(9))
    items = "".join(item.replace("N", str(number)) for number in range(1, count + 1))
    return f"<html><title>News</title><nav><ul>{menu}</ul></nav><main>{items}</main></html>"


@pytest.mark.parametrize(
    ("item", "proposal"),
    [
        (
            '<div class="card c17"><h3><a href=/N>Council meets about item N</a></h3><time>May N, 2026</time></div>',
            OptionsProposal(options={"item": "div.card", "title": "h3", "link": "h3 a[href]", "date": "time"}, count=5),
        ),
        (
            "<article><a href=/N>The council meets about item N</a><p class=on>1/N/2026</p><p>More.</p></article>",
            OptionsProposal(
                options={"item": "main article", "title": "a[href]", "link": "a[href]", "date": "p.on"}, count=5
            ),
        ),
        (
            "<div class=row><a href=/N>The council meets about item N</a> May N, 2026</div>",
            OptionsProposal(options={"item": "div.row", "title": "a[href]", "link": "a[href]", "date": "."}, count=5),
        ),
        (
            "<div class=row><a href=/N>The council meets about item N</a></div>",
            OptionsProposal(options={"item": "div.row", "title": "a[href]", "link": "a[href]"}, count=5),
        ),
    ],
    ids=["cards", "articles", "bare dates", "no dates"],
)
def test_what_repeats_with_links_and_dates_is_proposed_first(item: str, proposal: OptionsProposal) -> None:
    assert propose(listing(item))[0] == proposal


SIDE = (
    "<div id=side><ul>"
    + "".join(f"<li><a href=/s{number}>Service {number}</a></li>" for number in range(9))
    + "</ul></div>"
)


def among(rows: str) -> str:
    """A page of a city whose lists have no classes, beside other lists."""
    items = "".join(rows.split("|")[1].replace("N", str(number)) for number in range(1, 9))
    before, _, after = rows.split("|")
    return f"<html><body>{SIDE}<div id=content>{before}{items}{after}</div>{SIDE.replace('side', 'foot')}</body></html>"


@pytest.mark.parametrize(
    ("rows", "item", "date"),
    [
        ("<ul>|<li><a href=/N.pdf>Agenda of January N, 2026</a>|</ul>", "#content ul li", "."),
        ("<h2>2026</h2>|<p><b>Jan. N, 2026</b> <a href=/N>The council decides N</a></p>|", "#content p", "."),
        ("<dl>|<dt><a href=/N>Notice N</a> 2026-01-0N<dd>More|</dl>", "#content dl dt", "."),
        (
            "<div>|<div class=x1y2N><a href=/N><h3>Notice N</h3></a> Jan N, 2026</div>|</div>",
            "#content > div > div",
            ".",
        ),
        (
            "<table><tr><th>Date<th>Of</tr>|<tr><td>1/N/2026<td>Board<td><a href=/N.pdf>Agenda</a></tr>|</table>",
            "#content table tr:has(td)",
            "td:nth-of-type(1)",
        ),
        (
            "|<div class=row><p class=f><a href=/N>Release N of police</a></p><p class='f made'>Jan N, 2026</p></div>|",
            "div.row",
            "p.f.made",
        ),
    ],
    ids=["list", "paragraphs", "terms", "classes made for each page", "table with a head", "fields of one class"],
)
def test_lists_of_plain_pages_are_proposed_by_where_they_stand(rows: str, item: str, date: str) -> None:
    page_ = among(rows)
    best = propose(page_)[0]
    assert (best.options["item"], best.options["date"]) == (item, date)
    assert found(page_.encode(), best) == (8, 8)


def test_a_title_is_what_differs_from_item_to_item_and_no_mere_date() -> None:
    cells = "<td>Jan N, 2026<td>Hearing about matter N<td><a href=/N>Details</a><a href=/N.ics>Save</a>"
    row = f"<table>|<tr>{cells}</tr>|</table>"
    options = propose(among(row))[0].options
    assert (options["title"], options["link"]) == ("td:nth-of-type(2)", "a[href]")


def test_menus_and_pages_to_turn_come_after_what_they_stand_beside() -> None:
    turn = "".join(f"<li><a href=/p{number}>Page number {number} of all</a></li>" for number in range(30))
    listed = listing("<div class=row><a href=/N>The council meets about item N</a></div>")
    assert propose(f"{listed}<ul class=pager>{turn}</ul>")[0].options["item"] == "div.row"


def test_rows_of_a_table_are_proposed_with_the_column_of_their_dates() -> None:
    rows = "".join(f"<tr><td><a href=/{n}>Meeting of board {n}</a><td>5/{n}/2026<td>Room</tr>" for n in range(1, 9))
    best = propose(f"<html><table class=list>{rows}</table></html>")[0]
    assert (best.options["item"], best.options["date"], best.count) == ("table.list tr", "td:nth-of-type(2)", 8)


@pytest.mark.parametrize("markup", ["<html></html>", "<p>one<p>two", "<ul><li>one<li>two</ul>", listing("", 0)])
def test_where_nothing_is_listed_nothing_is_proposed(markup: str) -> None:
    assert propose(markup) == []


def test_a_wall_is_no_page() -> None:
    with pytest.raises(FetchError) as caught:
        propose("<html><title>Just a moment...</title>")
    assert caught.value.reason is Reason.BLOCKED


def test_a_reading_process_gives_the_same(reader: Reader) -> None:
    markup = listing("<div class=row><a href=/N>The council meets about item N</a> May N, 2026</div>")
    assert reader.propose("page", markup.encode(), url=URL, content_type="") == propose(markup)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("path", "items", "dates"),
    [
        ("city/city-scrapers-cle/cuya_personnel_review_commission.html", 5, 5),
        ("city/city-scrapers-cle/cle_transit.html", 42, 42),
        ("city/city-scrapers-minn/minn_st_paul_ps_boardbook.html", 47, 47),
        ("city/city-scrapers-minn/minn_st_paul_ps_materials.html", 12, 12),
        ("sources/samples/dhs_press_listing_2026-08-07.html", 2, 2),
    ],
)
def test_the_best_proposal_for_a_real_page_reads_it(path: str, items: int, dates: int, shared_data: Path) -> None:
    body = (shared_data / path).read_bytes()
    best = page_proposals.read(body, url=URL, content_type="")[0]
    assert found(body, best) == (items, dates)

"""Addresses that somebody types, and the sources that are made of them."""

from __future__ import annotations

import json

import pytest
from desks import Desk, Ended
from pytest_httpserver import HTTPServer
from reading.pdfs import pdf
from running import feed

from watcher.fetchers import KINDS
from watcher.fetchers.listing import ListingOptions
from watcher.fetchers.page import PageOptions
from watcher.rulebook import load

OPTIONS = {name: kind.options for name, kind in KINDS.items()}
ITEM = "<div class=card><h3><a href=/news/{n}>Council talks about item {n}</a></h3><time>May {n}, 2026</time></div>"
LIST = "<main>" + "".join(ITEM.format(n=number) for number in range(1, 6)) + "</main>"


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>City</title>{head}</head><body>{body}</body></html>"


@pytest.fixture
def city(httpserver: HTTPServer) -> HTTPServer:
    """A city whose news can be had as a page only, and a paper with a feed."""
    show = httpserver.expect_request
    show("/news").respond_with_data(page(LIST), content_type="text/html")
    named = '<link rel=alternate type="application/rss+xml" href="/feed" title="Paper">'
    show("/paper").respond_with_data(page(LIST, named), content_type="text/html")
    show("/feed").respond_with_data(feed("One thing", "Another"), content_type="application/rss+xml")
    show("/api").respond_with_json([{"id": 1, "title": "A notice", "url": "/1", "date": "2026-01-02"}])
    show("/list.pdf").respond_with_data(pdf(["An officer left", "Another came"]), content_type="application/pdf")
    show("/empty").respond_with_data(page(""), content_type="text/html")
    show("/wall").respond_with_data("<html><title>Just a moment...</title></html>", content_type="text/html")
    return httpserver


def sources(desk: Desk) -> str:
    return (desk.folder / "rules/sources.yaml").read_text(encoding="utf-8")


def told(done: Ended) -> list[str]:
    """What was said of an error, without what the server of the tests logs."""
    return [line for line in done.error.splitlines() if not line.startswith("{")]


# ------------------------------------------------------------------------------------------------ looking


def test_a_probe_shows_what_would_be_read_and_what_to_paste(desk: Desk, city: HTTPServer) -> None:
    done = desk.type("probe", city.url_for("/news"))
    assert done.code == 0
    assert "1. page: 5 items, 5 with a date (what repeats 5 times on the page)" in done.out
    assert "2026-05-01 00:00 UTC  Council talks about item 1" in done.out
    assert "    item: div.card\n    title: h3\n    link: h3 a[href]\n    date: time\n" in done.out
    pasted = "".join(line for line in done.out.splitlines(True) if line.startswith(("  - ", "    ")))
    (source,) = load({"sources.yaml": f"sources:\n{pasted}"}, OPTIONS).sources
    assert source.url == city.url_for("/news")


def test_a_probe_asks_for_an_address_once(desk: Desk, city: HTTPServer) -> None:
    desk.type("probe", city.url_for("/news"))
    assert [request.path for request, _ in city.log] == ["/news", "/robots.txt"]


@pytest.mark.parametrize(
    ("path", "kinds"),
    [("/feed", ["feed"]), ("/paper", ["feed", "page"]), ("/api", ["json"]), ("/list.pdf", ["document"])],
)
def test_each_kind_is_known_by_what_is_there(desk: Desk, city: HTTPServer, path: str, kinds: list[str]) -> None:
    done = desk.type("probe", city.url_for(path), "--json")
    assert [each["source"]["kind"] for each in json.loads(done.out)] == kinds


def test_an_outlet_without_a_feed_is_read_by_its_news_sitemap(desk: Desk, city: HTTPServer) -> None:
    site = city.url_for("/")
    city.expect_request("/robots.txt").respond_with_data(f"Sitemap: {site}all.xml\nSitemap: {site}news-sitemap.xml\n")
    news = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{site}a</loc></url></urlset>"
    dated = news.replace("</url>", "<news xmlns='x'><title>A story</title></news></url>")
    city.expect_request("/news-sitemap.xml").respond_with_data(dated, content_type="application/xml")
    first = json.loads(desk.type("probe", city.url_for("/news"), "--json").out)[0]
    assert (first["source"]["kind"], first["source"]["url"]) == ("sitemap", f"{site}news-sitemap.xml")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/empty", "nothing to poll was found there"),
        ("/wall", "blocked: "),
        ("/nowhere", "500"),
    ],
)
def test_what_cannot_be_polled_is_one_line(desk: Desk, city: HTTPServer, path: str, said: str) -> None:
    for command in ("probe", "add"):
        done = desk.type(command, city.url_for(path))
        (line,) = told(done)
        assert done.code == 1
        assert line.startswith(f"{city.url_for(path)}: ")
        assert said in line


def test_an_address_that_is_none_is_one_line(desk: Desk) -> None:
    assert desk.type("probe", "minnpost").error.startswith("minnpost: bad url: ")


# ------------------------------------------------------------------------------------------------ adding


def test_the_feed_of_a_page_is_written_below_what_a_person_wrote(desk: Desk, city: HTTPServer) -> None:
    desk.write("rules/sources.yaml", before := f"# ours\n{sources(desk)}")
    done = desk.type("add", city.url_for("/paper"), "--tag", "press", "--tag", "local")
    assert done.code == 0
    assert done.out.splitlines()[-2] == "written to rules/sources.yaml; next: watcher check"
    assert sources(desk).startswith(before)
    added = load({"sources.yaml": sources(desk)}, OPTIONS).sources[-1]
    assert (added.kind, added.url, added.tags) == ("feed", city.url_for("/feed"), frozenset({"press", "local"}))
    assert desk.type("check").code == 0


def test_another_candidate_can_be_chosen_and_named(desk: Desk, city: HTTPServer) -> None:
    done = desk.type("add", city.url_for("/paper"), "--choose", "2", "--id", "city-page", "--json")
    assert json.loads(done.out)["source"]["id"] == "city-page"
    added = load({"sources.yaml": sources(desk)}, OPTIONS).sources[-1]
    assert (added.id, added.kind) == ("city-page", "page")
    assert isinstance(added.options, PageOptions)
    assert added.options.item == "div.card"


def test_dates_of_a_page_are_in_the_zone_of_the_desk(desk: Desk, city: HTTPServer) -> None:
    desk.change("watcher.toml", "[operator]", '[operator]\ntimezone = "America/Chicago"')
    done = desk.type("add", city.url_for("/news"))
    assert done.out.splitlines()[-1].endswith("add `text_from: attached`")
    added = load({"sources.yaml": sources(desk)}, OPTIONS).sources[-1]
    assert isinstance(added.options, ListingOptions)
    assert added.options.timezone == "America/Chicago"


def test_names_that_are_taken_are_not_given_again(desk: Desk, city: HTTPServer) -> None:
    desk.type("add", city.url_for("/feed"))
    desk.type("add", city.url_for("/feed"))
    ids = [source.id for source in load({"sources.yaml": sources(desk)}, OPTIONS).sources]
    assert ids[-2:] == ["localhost", "localhost-2"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--id", "paper"), "two sources have the id 'paper'"),
        (("--id", "Not an id"), "rules/sources.yaml:"),
        (("--choose", "9"), "--choose 9: "),
    ],
)
def test_a_source_that_the_file_would_not_load_with_is_not_written(
    desk: Desk, city: HTTPServer, words: tuple[str, ...], said: str
) -> None:
    before = sources(desk)
    done = desk.type("add", city.url_for("/feed"), *words)
    assert done.code == 1
    assert said in done.error
    assert sources(desk) == before


def test_a_file_that_takes_an_edit_by_hand_is_left_alone_and_the_text_is_given(desk: Desk, city: HTTPServer) -> None:
    desk.write(
        "rules/sources.yaml", before := f"sources: [{{id: paper, kind: feed, url: '{city.url_for('/feed')}'}}]\n"
    )
    done = desk.type("add", city.url_for("/feed"))
    assert done.code == 1
    assert "add this by hand:\n- id: localhost\n  kind: feed\n" in done.error
    assert sources(desk) == before


def test_without_a_sources_file_the_next_command_is_said(desk: Desk, city: HTTPServer) -> None:
    (desk.folder / "rules/sources.yaml").unlink()
    assert "`watcher init` writes one" in desk.type("add", city.url_for("/feed")).error

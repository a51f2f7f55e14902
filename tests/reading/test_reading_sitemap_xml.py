from __future__ import annotations

from datetime import UTC, datetime

import pytest

from watcher.model import FetchError, Reason
from watcher.reading import sitemap_xml
from watcher.reading.pool import Reader
from watcher.reading.results import Part

URL = "https://paper.example/sitemap-news.xml"
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
 <url><loc>https://paper.example/a?x=1&amp;y=2</loc><lastmod>2026-01-21</lastmod>
  <image:image><image:loc>https://cdn.example/a.jpg</image:loc><image:title>A picture</image:title></image:image>
  <n:news><n:publication><n:name>The Paper</n:name><n:language>en</n:language></n:publication>
   <n:publication_date>2026-01-20T12:00:00-06:00</n:publication_date>
   <n:title>Chief&amp;#39;s memo: 24 officers &lt;quit&gt;</n:title><n:keywords>police, ICE</n:keywords></n:news></url>
 <url><loc>/b</loc><lastmod>2026-01-19T08:00:00Z</lastmod></url>
</urlset>"""


def read(body: str | bytes, known: frozenset[bytes] = frozenset()) -> Part:
    data = body.encode() if isinstance(body, str) else body
    return sitemap_xml.read(data, url=URL, content_type="text/xml", known=known)


def refusal(body: str | bytes) -> tuple[Reason, str]:
    with pytest.raises(FetchError) as caught:
        read(body)
    return caught.value.reason, caught.value.detail


def test_news_are_read_with_title_outlet_and_date() -> None:
    reading = read(NEWS).reading
    news, plain = reading.entries
    assert news.link == "https://paper.example/a?x=1&y=2"
    assert (news.title, news.outlet) == ("Chief's memo: 24 officers <quit>", "The Paper")
    assert (news.published, news.tags) == (datetime(2026, 1, 20, 18, tzinfo=UTC), ("police", "ICE"))
    assert (plain.link, plain.title) == ("https://paper.example/b", "")
    assert plain.published == datetime(2026, 1, 19, 8, tzinfo=UTC)
    assert reading.total == 2


def test_what_is_known_is_left_out() -> None:
    first = read(NEWS).reading
    second = read(NEWS.replace("24", "16"), first.memory.fingerprints).reading
    assert [entry.title for entry in second.entries] == ["Chief's memo: 16 officers <quit>"]


@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        ([("1.xml", "2026-01-02"), ("2.xml", "2026-01-20T10:00Z"), ("3.xml", "2025-12-01")], "2.xml"),
        ([("1.xml", ""), ("2.xml", "")], "2.xml"),
        ([("1.xml", "2026-01-02"), ("2.xml", "")], "1.xml"),
    ],
)
def test_of_an_index_the_sitemap_that_changed_last_is_next(listed: list[tuple[str, str]], chosen: str) -> None:
    entries = "".join(f"<sitemap><loc>{place}</loc><lastmod>{at}</lastmod></sitemap>" for place, at in listed)
    part = read(f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{entries}</sitemapindex>")
    assert (part.next, part.reading.total) == (f"https://paper.example/{chosen}", 0)


def test_an_index_of_nothing_leads_nowhere() -> None:
    assert read("<sitemapindex></sitemapindex>").next == ""


def test_a_sitemap_that_breaks_off_is_read_as_far_as_it_goes_and_that_is_said() -> None:
    reading = read(NEWS[: NEWS.index("<url><loc>/b")]).reading
    assert [entry.title for entry in reading.entries] == ["Chief's memo: 24 officers <quit>"]
    assert reading.damaged


@pytest.mark.scenario("P1")
def test_nothing_outside_is_opened() -> None:
    declared = '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    (entry,) = read(f"{declared}<urlset><url><loc>/a</loc><title>&x;b</title></url></urlset>").reading.entries
    assert "root:" not in entry.title


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        ("", Reason.NOT_A_FEED, "not a sitemap but an empty document"),
        ("<html><title>404</title>", Reason.NOT_A_FEED, "not a sitemap but an HTML page titled '404'"),
        ("<html><title>Just a moment...</title>", Reason.BLOCKED, "a page that refuses or asks for proof"),
        ("<rss></rss>", Reason.NOT_A_FEED, "not a sitemap but an XML document that begins with <rss>"),
        ("https://paper.example/a", Reason.NOT_A_FEED, "not a sitemap but text that begins with"),
    ],
)
def test_what_is_no_sitemap_is_said(body: str, reason: Reason, detail: str) -> None:
    found, words = refusal(body)
    assert found is reason
    assert words.startswith(detail)


def test_a_reading_process_gives_the_same(reader: Reader) -> None:
    there = reader.read_part("sitemap", NEWS.encode(), url=URL, content_type="text/xml", known=frozenset())
    assert there == read(NEWS)

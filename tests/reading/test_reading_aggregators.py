"""Search feeds of Google and Bing: whose article it is, and where it stands."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from watcher.model import Entry
from watcher.reading import aggregators, syndication

LONG = "https://paper.example/" + "a-long-way-" * 20
NAMES = 'xmlns:News="https://www.bing.com/news/search?q=x&amp;format=rss"'


def article_id(address: str) -> str:
    """As Google News wrote them until 2024."""
    length = bytes([len(address)]) if len(address) < 128 else bytes([len(address) & 0x7F | 0x80, len(address) >> 7])
    return base64.urlsafe_b64encode(b"\x08\x13\x22" + length + address.encode() + b"\xd2\x01\x00").decode().rstrip("=")


def read(item: str) -> Entry:
    document = f"<rss version='2.0' {NAMES}><channel><item>{item}</item></channel></rss>"
    (entry,) = syndication.read(document.encode(), url="https://x.example/", content_type="", known=frozenset()).entries
    return entry


def google(title: str, address: str = "CBMiAU_yqLPopaque", *, source: str = "The Paper", summary: str = "") -> Entry:
    link = f"<link>https://news.google.com/rss/articles/{address}?oc=5</link>"
    named = f"<source url='https://paper.example'>{source}</source>" if source else ""
    about = f"<description>{summary}</description>" if summary else ""
    return read(f"<title>{title}</title>{link}<guid isPermaLink='false'>{address}</guid>{named}{about}")


def test_the_outlet_stands_in_its_own_place_and_not_in_the_title() -> None:
    entry = google("Police - and ICE - The Paper")
    assert (entry.title, entry.outlet) == ("Police - and ICE", "The Paper")


def test_without_a_source_the_outlet_is_what_ends_the_title() -> None:
    assert google("Officers leave - The Paper", source="").outlet == "The Paper"


def test_a_title_that_does_not_end_with_its_outlet_is_left_as_it_is() -> None:
    entry = google("Officers leave - live", source="The Paper")
    assert (entry.title, entry.outlet) == ("Officers leave - live", "The Paper")


def test_a_summary_that_repeats_the_title_is_none() -> None:
    repeated = (
        "&lt;a href='https://news.google.com/x'&gt;Officers leave&lt;/a&gt;&amp;nbsp;&lt;font&gt;The Paper&lt;/font&gt;"
    )
    assert google("Officers leave - The Paper", summary=repeated).summary == ""
    assert google("Officers leave - The Paper", summary="Two of them. The Paper").summary == "Two of them. The Paper"


@pytest.mark.parametrize("address", ["https://paper.example/1?a=b", LONG])
def test_an_address_in_the_id_is_the_articles_and_its_key(address: str) -> None:
    entry = google("A - The Paper", article_id(address))
    assert (entry.link, entry.guid) == (address, address)


@pytest.mark.parametrize(
    "held",
    ["CBMiAU_yqLPopaque", "CBMi", article_id("AU_yqLNopaque"), article_id("ftp://x/"), article_id("https://é/"), "a"],
)
def test_an_id_that_holds_no_address_is_the_key_and_its_page_is_not_worth_reading(held: str) -> None:
    entry = google("A - The Paper", held)
    assert entry.guid == held
    assert aggregators.leads_astray(entry.link)


def test_bing_says_the_outlet_and_the_address() -> None:
    link = "http://www.bing.com/news/apiclick.aspx?ref=FexRss&amp;tid=1&amp;url=https%3a%2f%2fpaper.example%2fa&amp;c=1"
    entry = read(f"<title>T</title><link>{link}</link><News:Source>The &amp;amp; Paper</News:Source>")
    assert (entry.link, entry.guid, entry.outlet) == (
        "https://paper.example/a",
        "https://paper.example/a",
        "The & Paper",
    )


def test_google_alerts_say_the_address() -> None:
    link = "https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://paper.example/a&amp;ct=ga"
    assert (
        read(f"<title>T</title><link>{link}</link><guid>tag:google.com,2013:x</guid>").link == "https://paper.example/a"
    )


@pytest.mark.parametrize(
    "link", ["https://paper.example/rss/articles/CBMi", "https://www.bing.com/news", "https://google.com/"]
)
def test_other_links_are_left_alone(link: str) -> None:
    entry = Entry(guid="1", link=link, title="One - Two")
    assert aggregators.resolved(entry) == entry
    assert not aggregators.leads_astray(link)


@pytest.mark.shared_data
def test_the_samples_are_read(shared_data: Path) -> None:
    folder = shared_data / "sources" / "samples"
    entries = [
        syndication.read(
            (folder / name).read_bytes(), url="https://x.example/", content_type="", known=frozenset()
        ).entries[0]
        for name in ("google_news_search_rss_item.xml", "bing_news_rss_item.xml")
    ]
    assert [entry.outlet for entry in entries] == ["CoinDesk", "Chicago Tribune"]
    assert entries[0].title == "Live updates: Bitcoin trades near $86,000 as U.S. stocks post small gains"
    assert entries[1].link == "https://example.com/a"

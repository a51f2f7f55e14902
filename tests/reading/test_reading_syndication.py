from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.model import Entry, FetchError, Reading, Reason
from watcher.reading import syndication

URL = "https://example.org/feeds/all.xml"


def read(body: str | bytes, known: Reading | None = None, url: str = URL) -> Reading:
    fingerprints = known.memory.fingerprints if known else frozenset()
    data = body.encode() if isinstance(body, str) else body
    return syndication.read(data, url=url, content_type="application/xml", known=frozenset(fingerprints))


def rss(*items: str, channel: str = "") -> str:
    wrapped = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss version='2.0'><channel><title>A feed</title>{channel}{wrapped}</channel></rss>"


def one(body: str | bytes, url: str = URL) -> Entry:
    (entry,) = read(body, url=url).entries
    return entry


def test_rss_gives_everything_it_says() -> None:
    entry = one(
        rss(
            "<title>Officers &amp;amp; ICE</title><guid isPermaLink='false'>tag:1</guid><link>/news/1</link>"
            "<description>&lt;p&gt;First&lt;/p&gt;&lt;p&gt;second&lt;/p&gt;</description>"
            "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'><![CDATA[<b>All</b> of it]]>"
            "</content:encoded><dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>A. Writer</dc:creator>"
            "<pubDate>Tue, 20 Jan 2026 10:00:00 -0600</pubDate><category>police</category><category>ice</category>"
            "<source url='https://other.example/feed'>Other Paper</source>",
            channel="<link>https://paper.example/</link>",
        )
    )
    assert replace(entry, fingerprint=b"") == Entry(
        guid="tag:1",
        link="https://paper.example/news/1",
        title="Officers & ICE",
        summary="First\n\nsecond",
        text="All of it",
        author="A. Writer",
        outlet="Other Paper",
        published=datetime(2026, 1, 20, 16, tzinfo=UTC),
        tags=("police", "ice"),
    )
    assert len(entry.fingerprint) == 16


def test_atom_gives_everything_it_says() -> None:
    reading = read(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='/blog/'><title>A blog</title><entry>"
        "<id>urn:1</id><link href='one'/><title type='text'>Is &lt;b&gt; bold?</title>"
        "<summary type='html'>&lt;i&gt;short&lt;/i&gt;</summary>"
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>a</p><p>b &amp; c</p></div></content>"
        "<author><name>A</name></author><author><name>B</name></author><updated>2026-01-20T10:00:00Z</updated>"
        "</entry></feed>"
    )
    (entry,) = reading.entries
    assert reading.title == "A blog"
    assert (entry.guid, entry.link) == ("urn:1", "https://example.org/blog/one")
    assert entry.title == "Is <b> bold?", "Atom says that this is text"
    assert (entry.summary, entry.text, entry.author) == ("short", "a\n\nb & c", "A, B")
    assert entry.published == datetime(2026, 1, 20, 10, tzinfo=UTC)


def test_rdf_is_a_feed_and_about_is_the_guid() -> None:
    entry = one(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
        "<channel><title>c</title></channel>"
        "<item rdf:about='http://a.example/1'><title>t</title><link>http://a.example/1?x=1&amp;y=2</link></item></rdf:RDF>"
    )
    assert (entry.guid, entry.link) == ("http://a.example/1", "http://a.example/1?x=1&y=2")


def test_a_guid_is_kept_as_given_and_still_leads_to_its_page() -> None:
    entry = one(rss("<title>t</title><guid>12345</guid>"))
    assert (entry.guid, entry.link) == ("12345", "https://example.org/feeds/12345")


def test_a_link_that_is_none_gives_way_to_one_that_is() -> None:
    entry = one(rss("<title>t</title><link>javascript:alert(1)</link><enclosure url='https://a.example/x.pdf'/>"))
    assert entry.link == "https://a.example/x.pdf"


def test_a_body_alone_is_not_repeated_as_summary() -> None:
    content = "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>all</content:encoded>"
    assert (one(rss(content)).summary, one(rss(content)).text) == ("", "all")


def test_known_entries_are_left_out_and_named() -> None:
    before = read(rss("<guid>1</guid><title>one</title>", "<guid>2</guid><title>two</title>"))
    after = read(
        rss("<guid>3</guid><title>three</title>", "<guid>1</guid><title>one</title>", "<title>2!</title>"), before
    )
    assert [entry.title for entry in after.entries] == ["three", "2!"]
    assert after.total == 3
    assert after.skipped == {before.entries[0].fingerprint}
    assert after.memory.fingerprints == after.skipped | {entry.fingerprint for entry in after.entries}


def test_a_changed_letter_makes_an_entry_unknown() -> None:
    before = read(rss("<guid>1</guid><title>one</title>"))
    assert read(rss("<guid>1</guid><title>One</title>"), before).entries


def test_everything_known_still_gives_the_title() -> None:
    body = rss("<guid>1</guid><title>one</title>", channel="<ttl>30</ttl>")
    again = read(body, read(body))
    assert (again.entries, again.total, again.title, again.hold) == ((), 1, "A feed", timedelta(minutes=30))


@pytest.mark.scenario("I5")
def test_shared_guids_are_marked_even_when_the_others_are_known() -> None:
    first, second = "<guid>same</guid><title>one</title>", "<guid>same</guid><title>two</title>"
    before = read(rss(first, "<guid>own</guid><title>x</title>"))
    assert [entry.guid_shared for entry in before.entries] == [False, False]
    assert [entry.guid_shared for entry in read(rss(first, second), before).entries] == [True]
    assert [entry.guid_shared for entry in read(rss(first, second)).entries] == [True, True]


def test_an_empty_feed_is_a_feed() -> None:
    reading = read(rss())
    assert (reading.entries, reading.total, reading.damaged) == ((), 0, "")


@pytest.mark.scenario("P5")
@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<!doctype html><html><head><title>Sign\n in</title></head></html>", "an HTML page titled 'Sign in'"),
        ("<html><head><title>\x1b[31m" + "x" * 500, "an HTML page titled '[31m" + "x" * 76 + "'"),
        ("<html><body><rss><item><link>x</link></item>", "an HTML page"),
        ("<?xml version='1.0'?><urlset xmlns='x'><url/></urlset>", "an XML document that begins with <urlset>"),
        ("Just a moment...", "text that begins with 'Just a moment...'"),
        ("%PDF-1.7 ...", "a PDF document"),
        ("", "an empty document"),
        ("/etc/passwd", "text that begins with '/etc/passwd'"),
        ('{"error": "no"}', "JSON that is not a JSON Feed"),
    ],
)
def test_what_is_no_feed_is_named(body: str, what: str) -> None:
    with pytest.raises(FetchError) as caught:
        read(body)
    assert (caught.value.reason, caught.value.detail) == (Reason.NOT_A_FEED, what)


BROKEN = {
    "ampersand": "<title>a & b</title>",
    "bracket": "<title>a < b</title>",
    "open tag": "<title>a",
    "cdata": "<title><![CDATA[ oops </title>",
    "comment": "<title>x <!-- y</title>",
    "quote": '<title a="b>x</title>',
    "entity": "<title>x &nosuch; y</title>",
    "instruction": "<?php echo <title>x</title>",
    "prefix": "<media:x>y</media:x><title>x</title>",
}


@pytest.mark.scenario("P7")
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_item_costs_no_other(fault: str) -> None:
    items = [f"<guid>{number}</guid><title>title {number}</title>\n" for number in range(50)]
    items[20] = BROKEN[fault]
    reading = read(rss(*items))
    expected = {f"title {number}" for number in range(50)} - {"title 20"}
    assert expected <= {entry.title for entry in reading.entries}
    assert reading.damaged.startswith("line 21: ") or fault in {"cdata", "comment", "quote", "open tag", "instruction"}
    assert reading.damaged


@pytest.mark.scenario("P7", "Z11")
@pytest.mark.parametrize("written", ["<{0}>text</{0}>", "<{0} a='b'/>", "<{0} href='c' term='d'>text</{0}>"])
@pytest.mark.parametrize(
    "name",
    ["authors", "tags", "links", "title_detail", "summary_detail", "published_parsed", "updated_parsed", "news:source"],
)
def test_an_element_that_is_called_as_feedparser_calls_its_own_costs_nothing(name: str, written: str) -> None:
    element = written.format(name)
    news = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    body = rss(f"<title>a title</title>{element}", channel=element).replace("<rss", f"<rss {news}")
    assert [entry.title for entry in read(body).entries] == ["a title"]


def test_what_is_known_is_known_in_a_damaged_feed_too() -> None:
    body = rss("<title>a & b</title>", "<title>c</title>")
    before = read(body)
    again = read(body, before)
    assert (len(before.entries), again.entries, again.total, again.skipped) == (2, (), 2, before.memory.fingerprints)


def test_the_entry_in_which_a_feed_breaks_off_is_left_for_the_next_time() -> None:
    whole = rss("<title>one</title>", "<title>two</title><description>and all of it</description>")
    reading = read(whole[: whole.index(" all of it")])
    assert [entry.title for entry in reading.entries] == ["one"]
    assert reading.damaged


def test_a_commented_entry_is_no_entry() -> None:
    body = rss("<title>a & b</title>").replace("<item>", "<!-- an <item> --><item>")
    assert [entry.title for entry in read(body).entries] == ["a & b"]


@pytest.mark.scenario("P8")
@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Thu, 01 Jan 1970 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("Thu, 31 Dec 2099 23:59:59 GMT", datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("01 Jan 26 10:00 EST", datetime(2026, 1, 1, 15, tzinfo=UTC)),
        ("2026-01-01T10:00:00+02:00", datetime(2026, 1, 1, 8, tzinfo=UTC)),
        ("9" * 50_000, None),
        ("99999-01-01", None),
        ("0000-00-00", None),
        ("next Tuesday", None),
        ("", None),
    ],
)
def test_dates_are_utc_or_none(written: str, moment: datetime | None) -> None:
    assert one(rss(f"<title>t</title><pubDate>{written}</pubDate>")).published == moment


@pytest.mark.scenario("P5")
@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<html><title>City</title><form><input type=password></form></html>", "a form to sign in"),
        ("<head><title>Just a moment...</title></head><script>x</script>", "a page that refuses or asks for proof"),
        ("<html><script src='/x?bm-verify=A'></script></html>", "Akamai's bot wall"),
    ],
)
def test_a_wall_in_front_of_a_feed_is_said(body: str, what: str) -> None:
    with pytest.raises(FetchError) as caught:
        read(body)
    assert (caught.value.reason, caught.value.detail) == (Reason.BLOCKED, what)


@pytest.mark.scenario("P8")
@given(st.text(max_size=60))
def test_no_date_loses_its_entry(written: str) -> None:
    escaped = written.replace("&", "&amp;").replace("<", "&lt;")
    entry = one(rss(f"<title>t</title><pubDate>{escaped}</pubDate>"))
    assert entry.published is None or entry.published.tzinfo is UTC


@pytest.mark.parametrize(
    ("ttl", "hold"),
    [
        ("60", timedelta(hours=1)),
        (" 5 ", timedelta(minutes=5)),
        ("0", None),
        ("-1", None),
        ("9" * 30, None),
        ("²", None),
    ],
)
def test_a_ttl_is_minutes_or_nothing(ttl: str, hold: timedelta | None) -> None:
    assert read(rss(channel=f"<ttl>{ttl}</ttl>")).hold == hold


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("", set()),
        ("<skipHours><hour>1</hour><hour> 2 </hour><hour>23</hour></skipHours>", {1, 2, 23}),
        ("<skipHours><hour>24</hour></skipHours>", {0}),
        ("<skipHours><hour>-1</hour><hour>x</hour><hour>250</hour></skipHours>", set()),
        ("<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(24)) + "</skipHours>", set()),
        ("<skipHours><hour>1</hour>", set()),
        ("<skipHours>" * 5000, set()),
    ],
)
def test_hours_to_be_left_out_are_read(written: str, hours: set[int]) -> None:
    assert read(rss(channel=written)).skip_hours == hours


def test_an_entry_that_says_nothing_is_none() -> None:
    assert read(rss("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", "<title>t</title>")).total == 2
    assert [entry.title for entry in read(rss("<comments/>", "<title>t</title>")).entries] == ["t"]


def test_entities_of_the_document_itself_are_doubted_and_still_read() -> None:
    declared = '<?xml version="1.0"?>\n<!DOCTYPE rss [\n<!ENTITY mpd "Minneapolis police">\n]>\n'
    before = read(declared + rss("<title>&mpd; quit</title>"))
    assert [entry.title for entry in before.entries] == ["Minneapolis police quit"]
    after = read(declared.replace("Minneapolis", "St Paul") + rss("<title>&mpd; quit</title>"), before)
    assert [entry.title for entry in after.entries] == ["St Paul police quit"], "to the letter the entry is the same"


MUTATIONS = st.lists(
    st.tuples(st.integers(0, 600), st.sampled_from(["<", ">", "&", "'", "]]>", "<!--", "<item>", "\0", ""]))
)


@pytest.mark.scenario("Z11")
@given(MUTATIONS)
def test_no_mutation_of_a_feed_raises_anything_but_a_fetch_error(mutations: list[tuple[int, str]]) -> None:
    body = rss(
        "<title>one &amp;amp; two</title><guid>1</guid><description><![CDATA[<p>x</p>]]></description>"
        "<author>a@example.org (A)</author><category>c</category><pubDate>Tue, 20 Jan 2026 10:00:00 GMT</pubDate>",
        "<title>three</title><link>/3</link><source url='http://a.example/'>S</source>",
    )
    for place, insertion in mutations:
        body = body[:place] + insertion + body[place + 1 :]
    outcome = outcome_of(body)
    if isinstance(outcome, Reading):
        assert read(body, outcome).entries == ()
    else:
        assert outcome in (Reason.NOT_A_FEED, Reason.DAMAGED)


def outcome_of(body: str) -> Reading | Reason:
    try:
        return read(body)
    except FetchError as error:
        return error.reason

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.reading import plain_text

ANYTHING = st.text(st.characters(categories=None), max_size=200)
"""Lone surrogates, controls and all."""
MARKUP = st.lists(
    st.sampled_from(["<p>", "</p>", "<br>", "<div", ">", "<script>", "</script>", "&amp;", "&#xD800;", "&#0;", "<!--",
                     "-->", "<![CDATA[", "]]>", "a", " ", "\n", "\x00", "\ud800", "<svg/>", "&nbsp;", "<td>", "'"]),
    max_size=40,
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one<p>two", "one\n\ntwo"),
        ("one<br>two", "one\ntwo"),
        ("one<br><br>two", "one\n\ntwo"),
        ("<ul><li>a</li><li>b</li></ul>after", "a\nb\n\nafter"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<b>M</b>PD <i>and</i> \n ICE", "MPD and ICE"),
        ("a<script>bad()</script><style>x{}</style><template>t</template>b", "ab"),
        ("a<!-- hidden -->b", "ab"),
        ("AT&amp;T &lt;b&gt; &amp;lt; it&rsquo;s&nbsp;5 &euro;", "AT&T <b> &lt; it’s 5 €"),
        ("AT&amp;T &lt;b&gt; <i>&amp;lt;</i> it&rsquo;s&nbsp;5 &euro;", "AT&T <b> &lt; it’s 5 €"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("<img src=x alt=y>", ""),
        ("", ""),
    ],
)
def test_html_becomes_what_a_reader_sees(markup: str, seen: str) -> None:
    assert plain_text.from_html(markup) == seen


@pytest.mark.parametrize("tag", ["<div>", "<b>", "<font>", "<table>", "<a href=x>", "<!--x-->"])
def test_a_hundred_thousand_nested_tags_lose_no_text(tag: str) -> None:
    assert plain_text.from_html(tag * 100_000 + "the end") == "the end"


@given(MARKUP | ANYTHING)
def test_no_markup_gives_text_that_is_not_plain(markup: str) -> None:
    for seen in (
        plain_text.from_html(markup),
        plain_text.plain(markup),
        plain_text.unescaped(markup),
        plain_text.line(markup),
    ):
        assert plain_text.FORBIDDEN.search(seen) is None
        assert "\n\n\n" not in seen
        assert seen == seen.strip()
        seen.encode()


@given(ANYTHING)
def test_a_line_is_one_line_and_stays_the_same(words: str) -> None:
    once = plain_text.line(words)
    assert "\n" not in once
    assert plain_text.line(once) == once


def test_lengths_are_capped() -> None:
    assert len(plain_text.line("x" * 5000)) == plain_text.LINE_LIMIT
    assert len(plain_text.from_html("<p>" + "x" * 600_000)) == plain_text.TEXT_LIMIT
    assert plain_text.key("x" * (plain_text.KEY_LIMIT + 1)) == "", "half a key would be another key"


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://example.org/a", "https://example.org/a"),
        (" /b ", "https://example.org/b"),
        ("c?q=1", "https://example.org/dir/c?q=1"),
        ("//other.example/x", "https://other.example/x"),
        ("/a b", "https://example.org/a%20b"),
        ("/a\nb", "https://example.org/ab"),
        ("javascript:alert(1)", ""),
        ("mailto:a@example.org", ""),
        ("file:///etc/passwd", ""),
        ("http:///nohost", ""),
        ("http://[", ""),
    ],
)
def test_only_links_into_the_web_are_kept(address: str, link: str) -> None:
    assert plain_text.web_link(address, "https://example.org/dir/page") == link


@given(ANYTHING, ANYTHING)
def test_no_address_raises(address: str, base: str) -> None:
    link = plain_text.web_link(address, base)
    assert link == "" or plain_text.web_link(link) == link

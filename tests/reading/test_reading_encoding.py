from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.reading import syndication
from watcher.reading.encoding import to_utf8


def title(body: bytes, content_type: str = "") -> str:
    reading = syndication.read(body, url="http://example.org/feed", content_type=content_type, known=frozenset())
    return reading.entries[0].title


def rss(words: str, declared: str = "") -> str:
    declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    return f"{declaration}<rss version='2.0'><channel><item><title>{words}</title></item></channel></rss>"


@pytest.mark.scenario("P4")
@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", "", ""),
        ("utf-8-sig", "utf-8", "text/xml"),
        ("iso-8859-1", "iso-8859-1", "application/xml"),
        ("iso-8859-1", "", "application/rss+xml; charset=iso-8859-1"),
        ("windows-1252", "", "text/xml"),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""),
        ("utf-8", "iso-8859-1", "application/xml"),
        ("utf-8", "utf-8", "text/xml; charset=ISO-8859-1"),
        ("utf-8", "no-such-encoding", ""),
        ("utf-8", "zlib", "text/xml; charset=hex"),
    ],
)
def test_words_survive_true_and_false_declarations(encoding: str, declared: str, content_type: str) -> None:
    assert title(rss("Café à Orléans", declared).encode(encoding), content_type) == "Café à Orléans"


@pytest.mark.scenario("P4")
def test_a_few_bad_bytes_in_utf_8_cost_these_bytes() -> None:
    body = rss("Café “quoted” — à Orléans, ñandú", "utf-8").encode().replace(b"quoted", b"quo\xffted")
    assert title(body) == "Café “quo\N{REPLACEMENT CHARACTER}ted” — à Orléans, ñandú"


@pytest.mark.scenario("P4")
@pytest.mark.parametrize(
    "illegal", ["&#xD800;", "&#0;", "&#x1F;", "\x0b", "\x00", "&#xFFFF;", "&#99999999999999999999;"]
)
def test_characters_that_xml_forbids_are_left_out(illegal: str) -> None:
    reading = syndication.read(
        rss(f"a{illegal}b").encode(), url="http://example.org/", content_type="", known=frozenset()
    )
    assert reading.entries[0].title == "ab"
    assert not reading.damaged


def test_white_space_before_the_declaration_is_no_damage() -> None:
    body = b"\n \t" + rss("title", "utf-8").encode()
    assert not syndication.read(body, url="http://example.org/", content_type="", known=frozenset()).damaged


def test_legal_references_stay() -> None:
    assert title(rss("&#233;&#xE9;&#x1F600;&#9;x").encode()) == "éé😀 x"


@pytest.mark.scenario("P4")
@given(st.binary(max_size=300), st.sampled_from(["", "text/xml; charset=punycode", "text/xml; charset=utf-7"]))
def test_any_bytes_become_utf_8(body: bytes, content_type: str) -> None:
    to_utf8(body, content_type).decode()
    to_utf8(b"<?xml version='1.0' encoding='raw_unicode_escape'?>" + body, content_type).decode()

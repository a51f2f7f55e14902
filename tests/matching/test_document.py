"""What a document is: its parts, words, sentences, paragraphs, and where they stand in the original text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.matching import Document, Matcher, Standing, parse
from watcher.matching.rule_words import pattern_for, plain
from watcher.model import Span
from watcher.text.folding import fold
from watcher.text.stems import stem


def surfaces(text: str) -> list[str]:
    return Document.of(title=text).stretches[0].surfaces


def sentences(text: str) -> list[list[str]]:
    document = Document.of(title=text)
    words = document.stretches[0].surfaces
    ends = [*document.sentences[1:], len(words)]
    return [words[start:end] for start, end in zip(document.sentences, ends, strict=True)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MPD's chief, MPD’s chief", ["MPD's", "chief", "MPD’s", "chief"]),
        ("officers' union, O'Brien", ["officers", "union", "O", "Brien"]),
        ("MPD-to-ICE F-35", ["MPD", "to", "ICE", "F", "35"]),
        ("the U.S. and U.S.A, e.g. J.F.Kennedy", ["the", "U.S.", "and", "U.S.A", "e.g.", "J.F.", "Kennedy"]),
        ("end.Next A.Bc", ["end", "Next", "A", "Bc"]),
        ("20,000 3.5 1,2,3 1,2345 10,200.75m", ["20,000", "3.5", "1", "2", "3", "1", "2345", "10,200.75m"]),
        ("co\u00adoperate zero\u200bwidth", ["co\u00adoperate", "zero\u200bwidth"]),
        ("Sa\u0303o", ["Sa\u0303o"]),
        ("警察ABC長", ["警", "察", "ABC", "長"]),
        ("snake_case a@b.c", ["snake", "case", "a", "b.c"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
    ],
)
def test_text_is_cut_into_words(text: str, words: list[str]) -> None:
    assert surfaces(text) == words


@pytest.mark.parametrize(
    ("surface", "spelling", "folded"),
    [
        ("MPD's", "MPD", "mpd"),
        ("U.S.", "US", "us"),
        ("20,000", "20000", "20000"),
        ("3.5", "3.5", "3.5"),
        ("co\u00adoperate", "cooperate", "cooperate"),
        ("Sa\u0303o", "São", "sao"),
        ("ＩＣＥ", "ICE", "ice"),
        ("Straße", "Straße", "strasse"),
        ("が", "が", "が"),
    ],
)
def test_spellings_of_one_word_are_one_word(surface: str, spelling: str, folded: str) -> None:
    assert plain(surface) == spelling
    assert fold(plain(surface)) == folded


@given(st.text())
def test_folding_is_done_once_and_for_all(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_stems_keep_words_apart_that_an_older_stemmer_confuses() -> None:
    assert stem("resigned") == stem("resigning")
    assert len({stem("news"), stem("new")}) == 2
    assert len({stem("organization"), stem("organ")}) == 2


@given(st.text(alphabet="aZs1.,'’- ", max_size=30))
def test_ascii_is_read_as_any_other_text(text: str) -> None:
    with_other = text + " é"
    assert (
        pattern_for(text).findall(text.replace("’", "'"))
        == pattern_for(with_other).findall(with_other.replace("’", "'"))[:-1]
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("He quit. She stayed.", 2),
        ("Mr. Smith of Acme Inc. Tuesday", 1),
        ("In the U.S. Police left", 1),
        ("J. Smith left", 1),
        ("It cost 3.5 dollars", 1),
        ('"Stop!" he said', 1),
        ('He said "Stop." She left', 2),
        ("Really? Yes! No… Well", 4),
        ("No full stop\n\nNext block", 2),
        ("wrapped\nline", 1),
        ("警察。長官", 2),
    ],
)
def test_sentences_end_where_the_rule_says(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One.\n\nTwo.", 2),
        ("One.\nTwo.", 2),
        ("One of\ntwo lines.", 1),
        ("One. Two.", 1),
        ("One.\n  \nTwo", 2),
        ("One.\r\n\r\nTwo", 2),
    ],
)
def test_paragraphs_end_where_the_rule_says(text: str, count: int) -> None:
    assert len(Document.of(title=text).paragraphs) == count


def test_the_lead_is_the_summary() -> None:
    document = Document.of(title="t", summary="short", text="long")
    assert dict(document.parts) == {"title": "t", "lead": "short", "text": "long"}


def test_without_a_summary_the_lead_is_the_first_sentences_and_is_not_repeated() -> None:
    text = "One sentence. " * 20 + "The rest is much longer than what came before it."
    document = Document.of(title="t", text=text)
    assert document.parts["lead"] + document.parts["text"] == text
    assert len(document.parts["lead"]) <= 300
    assert document.parts["lead"].endswith("One sentence. ")


def test_a_lead_cut_from_the_text_runs_on_into_it() -> None:
    text = "word " * 58 + "officer left the department for ICE today"
    document = Document.of(title="t", text=text)
    assert len(document.parts["lead"]) <= 300 < len(text)
    cut = document.parts["lead"].split()[-1] + " " + document.parts["text"].split()[0]
    matcher = Matcher([Standing("phrase", parse(f'"{cut}"', {})), Standing("sentence", parse("word near/s ICE", {}))])
    assert matcher.hits(document) == ("phrase", "sentence")
    spans = matcher.explain("phrase", document).spans
    assert [span.part for span in spans] == ["lead", "text"]


def test_the_first_page_ends_the_lead() -> None:
    document = Document.of(title="", text="First page\fsecond page")
    assert document.parts["lead"] == "First page"
    assert document.parts["text"] == "\fsecond page"


def test_spans_point_into_the_original_text() -> None:
    text = "Caf\u00e9 &amp; MPD&#8217;s chief, Sa\u0303o"
    document = Document.of(title="", summary=text)
    words = [text[span.start : span.end] for at in range(5) for span in document.spans(at, at)]
    assert words == ["Café", "MPD&#8217;s", "chief", "Sa\u0303o"]


def test_spans_of_later_pages_and_tags_point_into_their_part() -> None:
    document = Document.of(title="t", summary="s", text="one two\fthree four", tags=("red", "dark blue"))
    matcher = Matcher([Standing("r", parse("four and tag: blue", {}))])
    assert matcher.explain("r", document).spans == (Span("text", 14, 18), Span("tag", 9, 13))
    assert document.parts["tag"][9:13] == "blue"


@given(st.text(max_size=200), st.text(max_size=80))
def test_every_word_has_a_span_that_gives_it_back(text: str, summary: str) -> None:
    document = Document.of(title="", text=text, summary=summary)
    for stretch, start in zip(document.stretches, document.starts, strict=True):
        for index in range(len(stretch.surfaces)):
            (span,) = document.spans(start + index, start + index)
            original = document.parts[span.part][span.start : span.end]
            assert original
            assert not re.search(r"\s", original)


def test_half_a_surrogate_pair_parts_words() -> None:
    matcher = Matcher([Standing("r", parse('"a b"', {}))])
    document = Document.of(title="a\ud800b")
    assert matcher.hits(document) == ("r",)
    assert matcher.explain("r", document).spans == (Span("title", 0, 3),)

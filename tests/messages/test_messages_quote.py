from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.messages.layout import LabelledLine, Mark, as_text
from watcher.messages.quote import quotes
from watcher.model import Span


def shown(text: str, *words: str) -> list[str]:
    """The quotes around the first place of each word, as plain text."""
    spans = [Span("text", text.index(word), text.index(word) + len(word)) for word in words]
    return [as_text([(LabelledLine("", (quote.line,)),)]).strip() for quote in quotes({"text": text}, spans)]


def test_the_sentence_around_a_match_is_quoted_and_no_more() -> None:
    assert shown("One. Two officers left! Three.", "officers") == ["Two **officers** left!"]


def test_a_sentence_ends_before_a_closing_quotation_mark() -> None:
    assert shown("He said “no more.” Two left. End.", "Two") == ["**Two** left."]


def test_titles_and_initials_end_no_sentence() -> None:
    assert shown("Then Lt. J. Doe of St. Paul left the U.S. Army. End.", "left") == [
        "Then Lt. J. Doe of St. Paul **left** the U.S. Army."
    ]


def test_matches_of_one_sentence_make_one_quote_and_of_two_make_two() -> None:
    assert shown("MPD lost Doe. ICE hired Doe.", "lost", "MPD", "hired") == [
        "**MPD** **lost** Doe.",
        "ICE **hired** Doe.",
    ]


def test_a_match_across_sentences_shows_both() -> None:
    assert shown("He left. She too. End.", "left. She") == ["He **left. She** too."]


def test_overlapping_matches_are_marked_once() -> None:
    assert shown("Two police officers left.", "police officers", "officers left") == ["Two **police officers left**."]


def test_an_endless_sentence_is_cut_around_its_matches() -> None:
    (quote,) = shown("a " * 500 + "MPD " + "b " * 500 + "ICE " + "c " * 500, "MPD", "ICE")
    assert quote.startswith("… a a")
    assert quote.endswith("c c …")
    assert "b b … b" in quote
    assert len(quote) < 4 * 160 + 40


def test_a_match_as_long_as_a_book_is_cut() -> None:
    assert len(shown("x" * 10_000, "x" * 10_000)[0]) < 500


def test_the_page_is_counted_by_form_feeds() -> None:
    text = "First page.\fSecond page: MPD here.\fThird."
    (quote,) = quotes({"text": text}, [Span("text", text.index("MPD"), text.index("MPD") + 3)])
    assert quote.page == 2
    assert quote.text == "Second page: MPD here."


def test_pages_are_counted_anew_in_each_attached_document() -> None:
    text = "Intro.\f\x1cAgenda\n\nOne.\fTwo.\f\x1cList of staff\n\nThree.\fFour.\fFive."
    spans = [Span("text", text.index(word), text.index(word) + 1) for word in ("Intro", "One", "Two", "Three", "Five")]
    assert [(quote.document, quote.page) for quote in quotes({"text": text}, spans)] == [
        ("", None), ("Agenda", 1), ("Agenda", 2), ("List of staff", 1), ("List of staff", 3),
    ]  # fmt: skip


def test_a_paper_that_has_papers_attached_keeps_its_own_pages() -> None:
    text = "One.\fTwo.\f\x1cAnnex\n\nThree."
    spans = [Span("text", text.index(word), text.index(word) + 1) for word in ("Two", "Three")]
    assert [(quote.document, quote.page) for quote in quotes({"text": text}, spans)] == [("", 2), ("Annex", 1)]


def test_parts_are_quoted_in_their_own_order() -> None:
    parts = {"title": "MPD here", "lead": "MPD there"}
    found = quotes(parts, [Span("lead", 0, 3), Span("title", 0, 3), Span("missing", 0, 3)])
    assert [quote.part for quote in found] == ["title", "lead"]


@pytest.mark.parametrize(
    ("span", "quoted"),
    [
        (Span("text", -5, 3), ["**MPD** left."]),
        (Span("text", 4, 99), ["MPD **left.**"]),
        (Span("text", 90, 99), []),
        (Span("text", 3, 3), []),
        (Span("text", 8, 4), []),
    ],
)
def test_a_span_that_points_outside_is_shortened_or_left_out(span: Span, quoted: list[str]) -> None:
    found = quotes({"text": "MPD left."}, [span])
    assert [as_text([(LabelledLine("", (quote.line,)),)]).strip() for quote in found] == quoted


def test_a_long_document_is_quoted_quickly() -> None:
    text = "Some sentence of a report. " * 100_000
    started = time.perf_counter()
    quotes({"text": text}, [Span("text", 2_000_000, 2_000_008)])
    assert time.perf_counter() - started < 10


@settings(deadline=None, derandomize=True)
@given(text=st.text(max_size=200), places=st.lists(st.tuples(st.integers(-5, 220), st.integers(-5, 220)), max_size=8))
def test_every_match_is_marked_wherever_the_spans_point(text: str, places: list[tuple[int, int]]) -> None:
    found = quotes({"text": text}, [Span("text", start, end) for start, end in places])
    for quote in found:
        assert all(piece for piece in quote.line)
        assert "\n" not in quote.text
    inside = any(text[max(start, 0) : max(end, 0)].strip().isalnum() for start, end in places if start < end)
    assert not inside or any(isinstance(piece, Mark) for quote in found for piece in quote.line)

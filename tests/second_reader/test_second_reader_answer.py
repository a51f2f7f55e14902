"""What counts as an opinion: the JSON that was asked for, with a quote that stands in the text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.second_reader.answer import UNCLEAR, Confidence, Flaw, Opinion, Says, is_quoted, opinion

TEXT = "Two officers leave\n\nThe chief’s office said: “Two officers joined\n  ICE on Monday.” Nobody else left."


def reply(**changes: Any) -> str:
    return json.dumps({"answer": "yes", "quote": "Nobody else left.", "confidence": "high"} | changes)


def test_an_answer_with_a_quote_from_the_text_is_an_opinion() -> None:
    expected = Opinion(answer=Says.YES, quote="Nobody else left.", confidence=Confidence.HIGH)
    assert opinion(reply(), TEXT) == expected
    assert opinion(reply(reason="keys that nobody asked for are ignored"), TEXT) == expected


@pytest.mark.parametrize(
    "quote",
    [
        "Two officers joined ICE on Monday.",  # across a line end
        "The chief's office said: \"Two officers",  # straight quotes where the text has typographic ones
        "  Nobody   else left. ",
    ],
)
def test_a_quote_is_found_whatever_its_spaces_and_quotation_marks(quote: str) -> None:
    assert opinion(reply(answer="no", quote=quote), TEXT).answer is Says.NO


@pytest.mark.parametrize("quote", ["Three officers joined ICE", "", "officers", "nobody else left.", "Monday. Nobody"])
def test_a_quote_that_is_not_in_the_text_or_in_any_makes_it_unclear(quote: str) -> None:
    assert opinion(reply(quote=quote), TEXT) == replace(UNCLEAR, flaw=Flaw.QUOTE_NOT_FOUND)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yes",
        "[]",
        "null",
        reply()[:-1],
        f"Here it is: {reply()}",
        reply(answer="maybe"),
        reply(answer=True),
        reply(confidence=0.9),
        reply(quote=None),
        reply(quote=["Nobody else left."]),
        json.dumps({"answer": "yes", "quote": "Nobody else left."}),
        "[" * 60_000,
        '{"answer": "yes", "confidence": "high", "quote": "\\ud800 Nobody else left."}',
    ],
)
def test_whatever_is_malformed_is_unclear(written: str) -> None:
    assert opinion(written, TEXT) == replace(UNCLEAR, flaw=Flaw.MALFORMED)


def test_an_unclear_answer_keeps_no_quote_and_is_no_flaw() -> None:
    assert opinion(reply(answer="unclear", quote="not in the text"), TEXT) == UNCLEAR


@given(st.text(), st.text())
def test_no_reply_is_an_error(written: str, text: str) -> None:
    assert opinion(written, text).answer is Says.UNCLEAR


@given(st.text(), st.text(min_size=30), st.text())
def test_every_passage_of_a_text_is_quoted(before: str, quote: str, after: str) -> None:
    long_enough = len("".join(quote.split())) >= 30
    assert is_quoted(quote, before + quote + after) or not long_enough

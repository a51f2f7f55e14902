from __future__ import annotations

import hashlib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.semantic.wordpieces import MAX_PIECES, numbers

START, END, UNKNOWN = 101, 102, 100


def test_the_pieces_are_those_of_bert_base_uncased() -> None:
    pieces = files("watcher.semantic").joinpath("wordpieces.txt").read_bytes()
    assert hashlib.sha256(pieces).hexdigest() == "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Officers quit.", [3738, 8046, 1012]),
        ("CAFÉ", [7668]),
        ("embeddings", [7861, 8270, 4667, 2015]),  # em ##bed ##ding ##s
        ("don't", [2123, 1005, 1056]),
        ("St.\tPaul\n", [2358, 1012, 2703]),
        ("不", [1744]),
        ("🙂", [UNKNOWN]),
        ("a" * 101, [UNKNOWN]),
        ("[MASK]", [1031, 7308, 1033]),  # as any word: what a stranger writes is no sign of the model's
        ("of\u200bfice\0", [2436]),
    ],
)
def test_a_text_is_cut_as_the_model_was_trained_to_read_it(text: str, pieces: list[int]) -> None:
    """The numbers are those of the library ``tokenizers``."""
    assert numbers(text) == [START, *pieces, END]


@given(st.text(max_size=300))
def test_any_text_is_cut_into_a_bounded_number_of_pieces(text: str) -> None:
    found = numbers(text)
    assert (found[0], found[-1]) == (START, END)
    assert 2 <= len(found) <= MAX_PIECES


def test_a_long_text_ends_where_the_model_stops_reading() -> None:
    assert numbers("officers " * 500) == [START, *[3738] * (MAX_PIECES - 2), END]

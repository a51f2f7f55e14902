"""Leads, stems and spellings."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from watcher.text import stems
from watcher.text.folding import lower_in_place
from watcher.text.lead import LEAD_CHARS, lead, lead_end


def test_the_lead_is_the_summary_or_else_the_first_sentences() -> None:
    text = "Mr. Poe left. " * 40
    assert lead("A summary.", text) == "A summary."
    assert lead(" ", text) == "Mr. Poe left. " * (LEAD_CHARS // 14)


def test_a_lead_does_not_end_after_an_abbreviation() -> None:
    opening = "x" * 200 + ". He met the many people of the town, and among them was Mr. "
    text = opening + "Poe" * 60
    assert lead("", text) == "x" * 200 + ". "


def test_a_lead_ends_with_its_page_or_after_a_word() -> None:
    assert lead("", "A page\f" + "word " * 100) == "A page"
    assert lead("", "word " * 100) == "word " * 60
    assert lead("", "w" * 400) == "w" * LEAD_CHARS


@given(st.text(alphabet="aB. \n\f", max_size=700))
def test_a_lead_is_a_beginning_of_limited_length(text: str) -> None:
    assert 0 <= lead_end(text) <= min(len(text), LEAD_CHARS)


def test_threads_do_not_share_a_stemmer() -> None:
    used: list[object] = []
    both_live = threading.Barrier(2)

    def use() -> None:
        used.append(stems._stemmers.english)
        both_live.wait()

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert used[0] is not used[1]


def test_one_word_and_many_have_the_same_stems() -> None:
    words = ["resigned", "officers", "news"]
    assert stems.stems(words) == tuple(map(stems.stem, words))


@given(st.text())
def test_lower_case_in_place_keeps_every_character_where_it_was(text: str) -> None:
    assert len(lower_in_place(text)) == len(text)


def test_lower_case_in_place_straightens_quotes() -> None:
    assert lower_in_place("“It ISN’T”") == '"it isn\'t"'

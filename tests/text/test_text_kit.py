"""Leads, stems and spellings."""

from __future__ import annotations

import importlib.util
import threading
from collections import defaultdict
from types import ModuleType

import pytest
import Stemmer
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


def test_no_two_threads_use_one_stemmer(monkeypatch: pytest.MonkeyPatch) -> None:
    threads_of: defaultdict[int, set[int]] = defaultdict(set)

    real = Stemmer.Stemmer

    class Recording:
        def __init__(self, language: str) -> None:
            self._inner = real(language)

        def __getattr__(self, name: str) -> object:
            threads_of[id(self)].add(threading.get_ident())
            return getattr(self._inner, name)

    fresh = _loaded_with(Recording, monkeypatch)
    everyone_is_here = threading.Barrier(3)

    def work(number: int) -> None:
        fresh.stem(f"resigned{number}")
        fresh.stems(["officers"])
        everyone_is_here.wait(timeout=60)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [len(users) for users in threads_of.values()] == [1, 1, 1]


def _loaded_with(stemmer: type, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module loaded once more, so that no stemmer of another test is in use."""
    monkeypatch.setattr(Stemmer, "Stemmer", stemmer)
    assert stems.__file__
    spec = importlib.util.spec_from_file_location("stems_loaded_again", stems.__file__)
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_one_word_and_many_have_the_same_stems() -> None:
    words = ["resigned", "officers", "news"]
    assert stems.stems(words) == tuple(map(stems.stem, words))


@given(st.text())
def test_lower_case_in_place_keeps_every_character_where_it_was(text: str) -> None:
    assert len(lower_in_place(text)) == len(text)


def test_lower_case_in_place_straightens_quotes() -> None:
    assert lower_in_place("“It ISN’T”") == '"it isn\'t"'

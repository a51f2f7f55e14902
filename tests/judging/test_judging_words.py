from hypothesis import given
from hypothesis import strategies as st

from watcher.judging.words import fold, sentence_spans, surface, terms


def test_forms_of_a_word_share_a_stem() -> None:
    assert terms("officer quits") == terms("officers quit")
    assert terms("resigned") == terms("resigning") == terms("resigns")


def test_stop_words_and_words_of_reporting_are_left_out() -> None:
    assert terms("It was reported that the mayor said he wasn't there") == terms("mayor")


def test_possessives_curly_quotes_and_accents_do_not_matter() -> None:
    assert terms("the mayor’s café") == terms("the mayor cafe") == terms("mayors' cafés")


def test_numbers_stay_whole() -> None:
    assert terms("2.5 tons, 12,000 loaves") == ("2.5", "ton", "12,000", "loav")


def test_terms_keep_order_and_repeats() -> None:
    assert terms("dam and bridge and dam") == ("dam", "bridg", "dam")


def test_surface_shows_words_as_they_were_written() -> None:
    assert surface("The Mayor's officers joined ICE") == {
        "mayor": "Mayor",
        "offic": "officers",
        "join": "joined",
        "ice": "ICE",
    }


@given(st.text())
def test_folding_keeps_every_character_where_it_was(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_folding_straightens_quotes_and_lowers() -> None:
    assert fold("“It ISN’T”") == '"it isn\'t"'


def test_sentences_are_cut_at_their_ends_only() -> None:
    text = 'He paid $2.50 to Mr. X. "Never," she said. Then\n\nthe end'
    assert [text[start:end] for start, end in sentence_spans(text)] == [
        "He paid $2.50 to Mr.",
        "X.",
        '"Never," she said.',
        "Then",
        "the end",
    ]


@given(st.text(alphabet="aB. !?\n\"'"))
def test_sentences_lie_in_order_within_the_text(text: str) -> None:
    spans = sentence_spans(text)
    flat = [offset for span in spans for offset in span]
    assert flat == sorted(flat)
    assert all(0 <= start < end <= len(text) for start, end in spans)

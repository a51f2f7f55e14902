from watcher.judging.topic_words import surface, terms


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

import pytest

from watcher.judging import Idf


def test_rare_words_weigh_more_than_common_ones() -> None:
    idf = Idf.counted(["police and fire", "police and water", "police and wind"])
    assert idf.documents == 3
    assert idf.weight("fire") > idf.weight("polic")
    assert idf.rarest == idf.weight("never seen") > idf.weight("fire")


def test_a_word_counts_once_for_each_document() -> None:
    assert Idf.counted(["fire fire fire"]).df == {"fire": 1}


def test_counts_of_batches_add_up_to_the_counts_of_all() -> None:
    texts = ["police and fire", "water", "fire and wind"]
    assert Idf.counted(texts[:1]) + Idf.counted(texts[1:]) == Idf.counted(texts)


def test_without_any_document_every_word_weighs_the_same() -> None:
    assert Idf().weight("polic") == Idf().weight("x") == 1.0


def test_the_shipped_table_knows_common_news_words() -> None:
    shipped = Idf.shipped()
    assert shipped.weight("year") < shipped.weight("polic") < shipped.weight("sawdust")
    assert all(0 < per_mille <= shipped.documents for per_mille in shipped.df.values())


def test_the_stream_outgrows_the_shipped_table() -> None:
    stream = Idf(99_000, {"year": 1})
    assert (Idf.shipped() + stream).weight("year") == pytest.approx(stream.weight("year"), rel=0.6)
    assert (Idf.shipped() + stream).weight("year") > Idf.shipped().weight("year")

import pytest

from watcher.judging import Idf
from watcher.judging.topic import Topics

CLAIMS = {
    "join": "Harrow Falls police officers quit to join the border patrol",
    "chief": "The Harrow Falls police chief resigned over an overtime audit",
    "bread": "Halden bread contains sawdust",
}


@pytest.fixture
def topics() -> Topics:
    return Topics.of(CLAIMS, Idf.shipped())


def test_the_claim_an_item_is_about_scores_highest(topics: Topics) -> None:
    scores = topics.scores(title="Officers of Harrow Falls police join border patrol", text="")
    assert scores["join"] > 1.1 > scores["chief"] > 0


def test_claims_that_share_no_word_are_absent(topics: Topics) -> None:
    assert topics.scores(title="Library opens on Sundays", text="Readers are pleased.") == {}


def test_words_in_the_opening_count_more_than_words_below(topics: Topics) -> None:
    padding = "The weather stayed dry across the valley and the harvest went on. " * 12
    early = topics.scores(title="", text="Halden bread contains sawdust. " + padding)
    late = topics.scores(title="", text=padding + "Halden bread contains sawdust.")
    assert early["bread"] > late["bread"] * 1.5


def test_a_claim_of_one_word_is_less_sure_of_its_subject_than_one_of_many() -> None:
    topics = Topics.of({"one": "Sawdust", "many": "Halden bread contains sawdust from the Calder mill"}, Idf.shipped())
    one = topics.scores(title="Sawdust", text="")["one"]
    many = topics.scores(title="Halden bread contains sawdust from the Calder mill", text="")["many"]
    assert one < many * 0.7


def test_siblings_are_told_apart_by_the_words_they_do_not_share(topics: Topics) -> None:
    telling = topics.telling_words()
    assert set(telling["join"]) == {"offic", "quit", "join", "border", "patrol"}
    assert set(telling["chief"]) == {"chief", "resign", "overtim", "audit"}


def test_a_claim_without_siblings_is_told_by_all_of_its_words(topics: Topics) -> None:
    assert topics.telling_words()["bread"].keys() == topics.words["bread"].keys()


def test_claims_of_the_same_words_keep_them() -> None:
    telling = Topics.of({"a": "Dam will burst", "b": "Dam will burst"}, Idf.shipped()).telling_words()
    assert telling["a"].keys() == telling["b"].keys() == {"dam", "burst"}

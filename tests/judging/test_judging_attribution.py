import time

import pytest

from watcher.judging.attribution import attribution
from watcher.model import Attribution


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Two officers left for the patrol, personnel records show.", "personnel records show"),
        ("Records obtained by the Harrow Gazette show that two left.", "Records obtained by the Harrow Gazette show"),
        ("According to court documents, he joined in May.", "According to court documents"),
        ("The auditor testified that twelve were on duty.", "testified"),
        ("Chief Ida Roe said that records show no such case.", "records show"),
        ("Según documentos judiciales, dos agentes renunciaron.", "Según documentos"),
    ],
)
def test_a_document_or_an_oath_is_a_record(sentence: str, words: str) -> None:
    assert attribution(sentence)[:2] == (Attribution.RECORD, words)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Chief Ida Roe said two had left.", "Chief Ida Roe said"),
        ('"Two left," Roe said.', "Roe said"),
        ("A former officer, Jon Vale, said so.", "Jon Vale, said"),
        ("Two left, said the chief of Harrow Falls, Ida Roe.", "said the chief"),
        ("TWO LEFT, POLICE SAID", "POLICE SAID"),
        ("A spokesman for the department said it is false.", "spokesman for the department said"),
        ("Two officers left for the patrol, union confirms", "union confirms"),
        ("La jefa Ida Roe negó que renunciaran.", "Ida Roe negó"),
    ],
)
def test_a_person_or_body_that_answers_for_it_is_named(sentence: str, words: str) -> None:
    assert attribution(sentence).attribution is Attribution.NAMED
    assert words in attribution(sentence).words


@pytest.mark.parametrize(
    "sentence",
    [
        "Four had applied, said a person familiar with the matter.",
        "A former officer who asked not to be named said so.",
        "Two federal officials said so.",
        "The official spoke on condition of anonymity.",
        "Fuentes cercanas dijeron que dos renunciaron.",
    ],
)
def test_people_without_a_name_are_anonymous(sentence: str) -> None:
    assert attribution(sentence).attribution is Attribution.ANONYMOUS


@pytest.mark.parametrize(
    "sentence",
    [
        "Rumor has it that officers quit.",
        "A viral post says that officers quit.",
        "He reportedly left for the patrol.",
        "According to local media reports, two left.",
        "Al parecer, dos agentes renunciaron.",
    ],
)
def test_what_nobody_answers_for_is_hearsay(sentence: str) -> None:
    assert attribution(sentence).attribution is Attribution.HEARSAY


def test_what_a_named_person_only_heard_is_hearsay() -> None:
    assert attribution("Ida Roe said she had heard that two left.")[:2] == (Attribution.HEARSAY, "she had heard")
    assert attribution("Ida Roe said she had heard the rumors.").attribution is Attribution.NAMED


@pytest.mark.parametrize(
    "sentence",
    [
        "Harrow Falls Police Officers Quit To Join the Patrol",
        "Officers were told to stay at home on Monday.",
        "He said two had left.",
        "No records show that officers left.",
        "The United States hired two of them.",
        "",
    ],
)
def test_a_sentence_that_names_nobody_tells_nothing(sentence: str) -> None:
    assert attribution(sentence) == (Attribution.UNKNOWN, "", 0, 0)


def test_words_are_found_over_line_breaks_and_stay_short() -> None:
    assert attribution("Two left, personnel\n   records show.").words == "personnel records show"
    long = attribution(
        "Ida Roe, " + "the chief of the police of the town of Harrow Falls in the county of Vell, said so."
    )
    assert len(long.words) <= 80


@pytest.mark.parametrize("repeated", ["A a ", "records of ", "Said the ", "a former ", "POLICE ", "x" * 50, "said, "])
def test_no_text_takes_long(repeated: str) -> None:
    started = time.process_time()
    attribution(repeated * 20_000)
    assert time.process_time() - started < 0.25

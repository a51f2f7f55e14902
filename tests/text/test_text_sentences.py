"""Where sentences end, for every part of watcher that asks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.judging import Case, Idf, Judge
from watcher.matching import Document
from watcher.messages.quote import quotes
from watcher.model import Claim, Entry, Span
from watcher.pipeline.changes import changed_sentences
from watcher.text.sentences import breaks, sentence_spans, sentences

PRESS = (
    "Supt. Ray and Det. Poe of the U.S. Attorney office left on Jan. 20. ",
    "ICE hired them in Feb. 2026.",
)
WORDS = """Sgt. St. U.S. J. D. No. 5 20. p.m. Jan. e.g. He The ICE left. (so) ... . - 。 」 v. a"""
PROSE = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="aBS1. !?…\n\r\f\t\"'”)]([-。，U20—\u2028\u2029:", max_size=60),
    st.lists(st.sampled_from([*WORDS.split(), "\n", "\n\n", "\f"]), max_size=20).map(" ".join),
)


@pytest.mark.parametrize(
    "text",
    [
        "Sgt. J. Smith and Lt. Col. Jones met Gov. Walz.",
        "J.D. Vance spoke to Sen. Smith, Rep. Omar and Atty. Gen. Ellison.",
        "The U.S. Army left St. Paul on Tues. Jan. 20.",
        "Officers left Acme Inc. Tuesday.",
        "It happened at 5 p.m. Tuesday near No. 5 Main St. Hospital.",
        "It starts at 5 p.m. EST, see fig. 3 and vol. II of it.",
        "Roe v. Wade and Smith vs. Jones were cited, e.g. Roe.",
        '"Stop!" he said.',
        "He paid $2.50 to the U.N. Security Council… and left",
        "Officer (Cmdr. Ray) spoke—Capt. Poe did not",
        "MR. SMITH OF THE U.S. ARMY LEFT",
        "wrapped\nlines of one sentence",
        "Insp. Roe, J. R. R. Roe and Foo Bros. Limited of Duluth, Minn. (No. 5) left ... and . . . came back.",
        "1. The chief resigned.",
    ],
)
def test_an_abbreviation_within_a_sentence_does_not_end_it(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("He works for the U.S. He said so.", "He said so."),
        ("They left on Jan. 20. ICE hired them.", "ICE hired them."),
        ("They left in Jan. ICE hired them.", "ICE hired them."),
        ("They were held by ICE agents at 5 p.m. They left.", "They left."),
        ("They were held until 5 p.m. Officers left.", "Officers left."),
        ("She runs Acme Inc. The firm is small.", "The firm is small."),
        ("Did he leave? No. He stayed.", None),
        ("This is plan B. The mayor has none.", "The mayor has none."),
        ("They walked on Main St. They saw it.", "They saw it."),
        ("They liked the sun. Officers left.", "Officers left."),
        ("They sat. 20 men left.", "20 men left."),
        ("He waited... Then he left.", "Then he left."),
        ("What?! Yes.", "Yes."),
        ('He said "no more." She left.', "She left."),
        ("(He left.) She stayed.", "She stayed."),
        ("He left. “She did not.”", "“She did not.”"),
        ("He left. — She stayed.", "— She stayed."),
        ("A heading\n\nand a text", "and a text"),
        ("One page\fand another", "and another"),
        ("One page.\fand another", "and another"),
        ("1. One left.\n2. Two left.", "2. Two left."),
        ("the union rep. He left.", "He left."),
        ("They had to wash. Police left.", "Police left."),
        ("They met in Duluth, Minn. The chief left.", "The chief left."),
        ("The men were ICE's. Police left.", "Police left."),
        ("警察。長官", "長官"),
        ("警察！」長官", "長官"),
        ("هل غادر؟ نعم", "نعم"),
    ],
)
def test_a_sentence_ends(text: str, second: str | None) -> None:
    assert sentences(text)[1] == (second or "No.")


def test_a_line_break_after_a_sentence_or_an_empty_line_ends_a_paragraph() -> None:
    assert [each.paragraph for each in breaks("One. Two.\nThree\n \nfour\ffive\r\n\r\nSix. Seven")] == [
        *(False, True, True, True, True, False)
    ]


def test_rules_quotes_cues_and_edits_agree() -> None:
    text = "".join(PRESS)
    first, second = (each.strip() for each in PRESS)
    assert sentences(text) == [first, second]
    assert len(Document.of(title=text).sentences) == len(PRESS)
    at = text.index("left")
    assert [quote.text for quote in quotes({"title": text}, [Span("title", at, at + 4)])] == [first]
    ((change),) = changed_sentences(Entry(text=text), Entry(text=text.replace("hired", "fired")))
    assert (change.before, change.after) == (second, second.replace("hired", "fired"))
    beside = {"Supt. Ray left the attorney office": ["falsely"], "ICE hired them in February": []}
    judge = Judge(
        [Claim(id=claim, claim_reviewed=claim, rating="Unproven", rules=()) for claim in beside], Idf.shipped()
    )
    lead = text.replace("left", "falsely left")
    for claim, denials in beside.items():
        impact = judge.impact(claim, Case(title="Notice", lead=lead), topic=1.0, rating="Unproven")
        assert [lead[span.start : span.end] for span in impact.spans] == denials


@given(PROSE)
def test_sentences_lie_in_order_and_lose_nothing_but_white_space(text: str) -> None:
    spans = sentence_spans(text)
    flat = [offset for span in spans for offset in span]
    assert flat == sorted(flat)
    assert all(start < end for start, end in spans)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())


@given(PROSE)
def test_a_sentence_by_itself_is_one_sentence(text: str) -> None:
    for sentence in sentences(text):
        assert sentences(sentence) == [sentence]


@given(PROSE)
def test_no_break_lies_before_the_first_or_after_the_last_visible_character(text: str) -> None:
    starts = [each.start for each in breaks(text)]
    assert len(starts) + bool(text.strip()) == len(sentence_spans(text))


@pytest.mark.parametrize(
    "unit", [". ", ".", ".) ", "\n", "\n ", "\r", "\r ", "1. ", "!)", "Mr. ", "。", "—. ", ") ", " "]
)
def test_hostile_texts_take_time_in_proportion(unit: str) -> None:
    text = "x" + unit * (400_000 // len(unit))
    begun = time.process_time()
    sentence_spans(text)
    sentence_spans(text + "x")
    assert time.process_time() - begun < 10

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.judging import Kinship, Relation, StoryText, fingerprint, relate

STORY = """
The ferry across the Rowan narrows will run again from Monday after eleven weeks in the yard, the harbour board said.
Two of its four engines were taken out and rebuilt, and the hull was painted for the first time since it was launched.
Passengers had to go round by the bridge, which takes an hour and costs a toll each way. Shops on the eastern shore
counted a third fewer visitors over the summer, and the school ran a bus of its own. The board expects the boat to keep
its timetable through the winter, with a break of two days at the new year, when the ramps are to be replaced.
""".strip()
OTHER = """
A botanist found a moss on the roof of the grain store that had been thought lost for eighty years. It grows on slate
that faces north and takes up water from fog. The owner of the store had meant to have the roof cleaned in spring. The
botanist asked him to wait, and he put up a bench instead, so that visitors could look at it through a telescope.
""".strip()
INTRO = "Our partner newsroom has followed this for months and lets us print what it found here in full today."
FOOTER = "Subscribe to the morning letter and write to the desk if you saw something we should know about."


def shared(new: str, old: str) -> int:
    return len(set(fingerprint(new)) & set(fingerprint(old)))


def related(new: StoryText, old: StoryText) -> Relation:
    return relate(new, old, shared(new.text, old.text))


def told(text: str, *, signature: str = "", official: bool = False) -> StoryText:
    return StoryText(text=text, signature=signature, official=official)


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    program = f"from watcher.judging import fingerprint; print(hash(fingerprint({STORY!r})))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert int(printed) == hash(fingerprint(STORY))


@given(st.lists(st.sampled_from(["dam", "bridge", "Ü", "12.5", "ﬁ", "ferry"]), max_size=400))
def test_a_fingerprint_is_ascending_and_fits_a_signed_column(words: list[str]) -> None:
    prints = fingerprint(" ".join(words))
    assert list(prints) == sorted(set(prints))
    assert all(0 <= one < 2**63 for one in prints)


def test_a_short_text_has_no_fingerprint() -> None:
    assert fingerprint("Ferry runs again from Monday after eleven weeks in the yard") == ()


def test_a_long_text_keeps_about_one_in_eight() -> None:
    words = [f"word{n % 977} of{n}" for n in range(4000)]
    assert 800 < len(fingerprint(" ".join(words))) < 1200


def test_case_and_white_space_do_not_matter() -> None:
    assert fingerprint(STORY.upper()) == fingerprint(STORY) == fingerprint(" ".join(STORY.split()))


def test_the_same_text_with_another_head_and_foot_is_a_copy() -> None:
    relation = related(told(f"{INTRO} {STORY} {FOOTER}"), told(STORY))
    assert relation.kind is Kinship.COPY
    assert relation.fresh == (INTRO, FOOTER)


def test_a_story_cut_to_its_beginning_is_found() -> None:
    cut = " ".join(STORY.split()[:45])
    assert related(told(f"{INTRO} {cut}"), told(STORY)).kind is Kinship.COPY


def test_a_longer_version_gives_its_fresh_sentences() -> None:
    relation = related(told(f"{STORY} {OTHER}"), told(" ".join(STORY.split()[:60])))
    assert relation.kind is Kinship.EXTENDED
    assert "It grows on slate that faces north and takes up water from fog." in relation.fresh
    assert not any("eleven weeks" in sentence for sentence in relation.fresh)


def test_a_copy_that_adds_what_a_rule_matched_is_known_by_it() -> None:
    relation = related(told(f"Nine stokers left the ferry\nfor the border patrol. {STORY}"), told(STORY))
    assert relation.kind is Kinship.COPY
    assert relation.adds("left the ferry for the border patrol")
    assert not relation.adds("the hull was painted")


def test_stories_of_their_own_are_separate() -> None:
    assert related(told(OTHER), told(STORY)).kind is Kinship.SEPARATE


def test_stories_after_one_form_are_separate() -> None:
    form = (
        "{0} The bond is issued in bearer form only and may be called by the issuer on every day on which interest "
        "falls due after the end of its third year. {1} Listing is planned in Luxemburg before the first payment day. "
        "{2} The selling fee is one percent and management takes a half. {3}"
    )
    one = form.format(
        *(f"Norcrest {n} borrows for its new harbour crane and its tug fleet from savers abroad." for n in "abcd")
    )
    other = form.format(*(f"Calder {n} pays back the loans it took out while its steel was dear here." for n in "efgh"))
    relation = relate(told(other), told(one), shared=9)
    assert relation.kind is Kinship.SEPARATE
    assert "of the shorter text in common" in relation.because


def test_a_quotation_that_both_have_makes_no_copy() -> None:
    quotation = "We will open the gates at noon and we will keep them open until all are home"
    one = f"The operator of the dam spoke to reporters on the wall today after a short night. {quotation}."
    other = f"Schools in the lower valley stay shut again and buses go round by the high road. {quotation}."
    relation = relate(told(other), told(one), shared=9)
    assert relation.kind is Kinship.SEPARATE


def test_what_shares_too_few_fingerprints_is_not_even_compared() -> None:
    assert relate(told(STORY), told(STORY), shared=2).kind is Kinship.SEPARATE


def test_the_same_text_is_no_copy_once_its_denial_wording_differs() -> None:
    relation = related(told(STORY, signature="denies"), told(STORY))
    assert relation.kind is Kinship.SEPARATE
    assert "denial wording differs" in relation.because


def test_an_official_record_is_never_folded_into_press_copies_of_it() -> None:
    assert related(told(STORY, official=True), told(STORY)).kind is Kinship.SEPARATE
    assert related(told(STORY), told(STORY, official=True)).kind is Kinship.COPY


def test_official_records_after_one_form_stay_apart() -> None:
    official = told(STORY, official=True)
    assert related(official, official).kind is Kinship.COPY
    changed = told(STORY + " Sworn in on the same day were Hamilton and Reyes of the eastern precinct.", official=True)
    assert related(changed, official).kind is Kinship.SEPARATE


@pytest.mark.parametrize("text", ["", "one two three", "  "])
def test_texts_without_words_relate_to_nothing(text: str) -> None:
    assert relate(told(text), told(STORY), shared=9).kind is Kinship.SEPARATE
    assert relate(told(STORY), told(text), shared=9).kind is Kinship.SEPARATE

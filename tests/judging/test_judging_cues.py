import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.judging import CueKind, cues, denial_signature


def kinds(text: str) -> set[CueKind]:
    return {cue.kind for cue in cues(text)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("City denies that officers left", CueKind.DENY),
        ("The video is a HOAX", CueKind.DENY),
        ("The story is not true", CueKind.DENY),
        ("There is no hard evidence of a leak", CueKind.DENY),
        ("The mayor isn’t leaving", CueKind.NEG),
        ("No, the dam will hold", CueKind.NEG),
        ("Nobody left: no officers on the list", CueKind.NEG),
        ("Officers reportedly left", CueKind.HEDGE),
        ("Did officers leave?", CueKind.HEDGE),
        ("The number could not be independently verified", CueKind.HEDGE),
        ("Firm will neither confirm nor deny the sale", CueKind.HEDGE),
        ("Records show eleven transfers", CueKind.CONFIRM),
        ("The board confirmed the sale", CueKind.CONFIRM),
        ("Prosecutors are investigating", CueKind.PROBE),
        ("Correction: the figure was wrong", CueKind.CORRECT),
    ],
)
def test_wording_is_recognised(text: str, kind: CueKind) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Not only officers but clerks left",
        "Chief leaves, no doubt about it",
        "Officers carried fake IDs",
        "Rebels claimed responsibility",
        "The firm did not immediately respond",
        "The company didn't respond to questions",
        "Triple record is no hoax",
        "Woman denies surgery was faked",
        "A ticket, not an arrest, for parking",
        "Don't reset your phone",
    ],
)
def test_what_only_looks_like_a_denial_is_none(text: str) -> None:
    assert not kinds(text) & {CueKind.DENY, CueKind.NEG}


def test_a_question_about_a_hoax_is_no_denial() -> None:
    assert kinds("Bigfoot: real or hoax?") == {CueKind.HEDGE}


def test_cue_words_inside_other_words_are_none() -> None:
    assert not cues("Notable nothings in the county knot")


def test_spans_point_into_the_text_as_written() -> None:
    text = "“City” DENIES it’s İstanbul, and isn’t sure"
    assert [text[cue.start : cue.end] for cue in cues(text)] == [cue.text for cue in cues(text)] == ["DENIES", "isn’t"]


def test_spellings_of_one_cue_share_a_key() -> None:
    (contracted,), (spelled,) = cues("It isn't here"), cues("It is not here")
    assert contracted.key == spelled.key


@given(st.text(alphabet=st.sampled_from("no t'?deies hoax,. İ’")))
def test_cues_are_in_order_and_do_not_overlap(text: str) -> None:
    flat = [offset for cue in cues(text) for offset in (cue.start, cue.end)]
    assert flat == sorted(flat)


@pytest.mark.parametrize(
    ("title", "lead", "signature"),
    [
        ("Mayor resigns", "The mayor resigned.", ""),
        ("Mayor has not resigned", "", "denies"),
        ("Mayor resigns", "The mayor did not say when.", ""),
        ("Mayor in the news", "The office denied the report.", "denies"),
        ("Correction: mayor has not resigned", "", "corrects denies"),
    ],
)
def test_the_signature_tells_denials_and_corrections(title: str, lead: str, signature: str) -> None:
    assert denial_signature(title, lead) == signature

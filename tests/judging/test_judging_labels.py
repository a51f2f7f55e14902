import pytest

from watcher.judging import Passage, label, matched_passage
from watcher.model import Attribution, Direction, Label, Span

CLAIM = "Harrow Falls police officers quit to join the border patrol"


def labelled(text: str, *, title: str = "", before: str = "", after: str = "", official: bool = False) -> Label:
    return label(Passage(text=text, title=title, before=before, after=after, official=official), CLAIM)


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("Two Harrow Falls officers quit to join the border patrol, personnel records show.", Direction.ASSERTS),
        ("According to payroll records, two officers joined the patrol.", Direction.ASSERTS),
        ("The chief denied that officers had joined the border patrol.", Direction.DENIES),
        ("No officer has left for the patrol, the chief said.", Direction.DENIES),
        ("Harrow Falls police officers were never told of it.", Direction.DENIES),
        ("There is no evidence that officers quit.", Direction.DENIES),
        ("El jefe negó que agentes se unieran a la patrulla.", Direction.DENIES),
        ("Did Harrow Falls officers join the border patrol?", Direction.ASKS),
        ("Fact check: Harrow Falls officers and the border patrol", Direction.ASKS),
        ("The council asked the chief whether officers had joined the patrol.", Direction.ASKS),
        ("¿Se unieron agentes de Harrow Falls a la patrulla?", Direction.ASKS),
        (
            "Asked whether officers had joined the patrol, the chief said that none of the officers had.",
            Direction.DENIES,
        ),
        ("Officers may have joined the patrol.", Direction.REPORTS),
        ("Four officers reportedly joined the border patrol.", Direction.REPORTS),
    ],
)
def test_the_matched_sentence_gives_the_direction(text: str, direction: Direction) -> None:
    assert labelled(text).direction is direction


@pytest.mark.parametrize(
    "text",
    [
        "The chief did not deny that officers had joined the patrol.",
        "Two officers joined the patrol in May.",
        "Officers who were dismissed by the police joined the patrol.",
        "Police did not respond to questions, but two officers joined the patrol.",
        "The patrol hired officers, although the council had not met.",
        "Two officers joined the patrol; police denied a request for their names.",
    ],
)
def test_what_only_looks_like_a_denial_is_none(text: str) -> None:
    assert labelled(text).direction is Direction.ASSERTS


def test_a_negation_may_repeat_a_claim_that_is_one_itself() -> None:
    never = "No passenger of the Vell ferry has ever been killed"
    assert label(Passage(text="The Vell ferry has never had a passenger killed."), never).direction is Direction.ASSERTS


def test_a_question_that_is_answered_in_the_next_sentence_does_not_ask() -> None:
    question = "Did officers join the patrol?"
    assert labelled(question, after="No, the chief says.").direction is Direction.DENIES
    assert labelled(f"{question} Payroll records show that two officers did.").direction is Direction.ASSERTS


def test_a_title_on_the_same_subject_decides_where_the_sentence_does_not() -> None:
    repeated = "Officers had joined the border patrol."
    assert labelled(repeated, title="Chief denies that officers joined patrol").direction is Direction.DENIES
    assert labelled(repeated, title="Mayor denies a hole in the budget").direction is Direction.ASSERTS
    asking = "Did officers join the patrol?"
    assert labelled(repeated, title=asking).direction is Direction.ASKS
    assert labelled("Two officers joined the patrol, records show.", title=asking).direction is Direction.ASSERTS


def test_a_denial_in_the_next_sentence_counts_where_the_passage_only_reports() -> None:
    denial = "The chief called that false."
    assert labelled("Officers reportedly joined the patrol.", after=denial).direction is Direction.DENIES
    assert labelled("Two officers joined the patrol.", after=denial).direction is Direction.ASSERTS


def test_a_label_has_the_words_that_show_it() -> None:
    assert labelled("Roe denied that officers joined the patrol.") == Label(
        direction=Direction.DENIES, direction_words="denied", known=Attribution.NAMED, known_words="Roe denied"
    )


def test_how_it_is_known_is_read_around_a_sentence_that_does_not_say() -> None:
    assert labelled("Two had left.", before="Chief Ida Roe said so.").known is Attribution.NAMED
    assert labelled("Two had left.", after="Personnel records show it.").known is Attribution.RECORD
    assert labelled("Two had left.", title="Two officers left, sources say").known is Attribution.ANONYMOUS
    assert labelled("Two had left.").known is Attribution.UNKNOWN


def test_an_official_source_is_a_record_unless_it_only_repeats() -> None:
    assert labelled("Two had left.", official=True).known is Attribution.RECORD
    assert labelled("Two had left, Ida Roe said.", official=True).known is Attribution.RECORD
    assert labelled("Two had left, rumor has it.", official=True).known is Attribution.HEARSAY


def test_a_rumour_that_is_denied_is_not_the_source_of_the_denial() -> None:
    denied = labelled("The rumor that officers joined the patrol is false.")
    assert (denied.direction, denied.known, denied.known_words) == (Direction.DENIES, Attribution.UNKNOWN, "")


def spans_of(parts: dict[str, str], *words: str) -> list[Span]:
    return [
        Span(part, text.index(word), text.index(word) + len(word))
        for part, text in parts.items()
        for word in words
        if word in text
    ]


def test_the_passage_is_the_sentence_with_most_of_the_matched_words() -> None:
    parts = {"title": "News of officers", "text": "It rained. Two officers joined the patrol. Roe said so. It ended."}
    found = matched_passage(parts, spans_of(parts, "officers", "joined", "patrol"), official=True)
    assert found == Passage(
        text="Two officers joined the patrol.",
        title="News of officers",
        before="It rained.",
        after="Roe said so.",
        official=True,
    )


def test_a_passage_at_the_end_or_in_the_title_has_nothing_around_it() -> None:
    parts = {"title": "Two officers joined the patrol", "text": "It rained. The patrol came."}
    assert matched_passage(parts, spans_of(parts, "officers", "patrol")) == Passage(text=parts["title"])
    last = matched_passage(parts, [Span("text", 15, 21)])
    assert (last.before, last.text, last.after) == ("It rained.", "The patrol came.", "")
    assert matched_passage(parts, []) == Passage(text=parts["title"])

from dataclasses import replace

import pytest

from watcher.judging import Attention, Case, Idf, Judge, Novelty, attention, is_near_miss
from watcher.judging.judge import Factors
from watcher.model import Bearing, Claim, Impact, Priority

CLAIM = "Harrow Falls police officers quit to join the border patrol"
ASSERTING = Case(
    title="Eleven Harrow Falls officers quit police for the border patrol",
    lead="Eleven officers left to join the patrol, personnel records show.",
    text="Eleven officers left to join the patrol, personnel records show.",
)
DENYING = replace(ASSERTING, title="No, Harrow Falls police officers did not quit to join the border patrol")
HEDGING = replace(ASSERTING, title="Harrow Falls police officers may quit to join the border patrol")


def claim(claim_id: str, text: str) -> Claim:
    return Claim(id=claim_id, claim_reviewed=text, rating="No evidence", rules=())


@pytest.fixture
def judge() -> Judge:
    claims = [claim("join", CLAIM), claim("chief", "The Harrow Falls police chief resigned over an overtime audit")]
    return Judge(claims, Idf.shipped())


def judged(judge: Judge, case: Case, rating: str = "No evidence", *, hit: Bearing | None = None) -> Impact:
    topic = judge.topics(title=case.title, text=case.text).get("join", 0.0)
    return judge.impact("join", case, topic=topic, rating=rating, hit=hit)


def test_an_item_that_asserts_a_claim_without_evidence_scores_highest(judge: Judge) -> None:
    asserting, denying, hedging = (judged(judge, case).score for case in (ASSERTING, DENYING, HEDGING))
    assert asserting >= 60
    assert asserting > denying > hedging


def test_a_denial_matters_most_when_the_verdict_is_true(judge: Judge) -> None:
    assert judged(judge, DENYING, "True").score > judged(judge, ASSERTING, "True").score


def test_directions_are_told(judge: Judge) -> None:
    assert judged(judge, ASSERTING).direction == "asserts"
    assert judged(judge, DENYING).direction == "denies"
    assert judged(judge, HEDGING).direction == "reports"


def test_a_sibling_claim_s_item_only_mentions_the_subject(judge: Judge) -> None:
    case = Case(title="Harrow Falls police open a museum", text="The police of Harrow Falls show old cars.")
    impact = judged(judge, case)
    assert impact.direction == "mentions"
    assert impact.score < 30
    assert any(
        reason.startswith("mentions the subject, not the point; absent: officers, quit") for reason in impact.reasons
    )


def test_reasons_are_words_that_can_be_checked_in_the_text(judge: Judge) -> None:
    reasons = "\n".join(judged(judge, DENYING).reasons)
    assert "words of the claim: Harrow, Falls, police, officers, quit, join, border, patrol" in reasons
    assert 'denial wording near the match: "No", "not"' in reasons
    assert 'confirmation wording: "records show"' in reasons
    assert 'published verdict "No evidence", weighed as no evidence: denial wording counts 0.7' in reasons
    assert "contradict" not in reasons


def test_cues_are_marked_where_they_stand(judge: Judge) -> None:
    marked = {(span.part, getattr(DENYING, span.part)[span.start : span.end]) for span in judged(judge, DENYING).spans}
    assert marked == {("title", "No"), ("title", "not"), ("lead", "records show")}


def test_the_claim_s_own_negation_is_no_denial() -> None:
    judge = Judge([claim("join", "The Vance Dam gates do not open")], Idf.shipped())
    case = Case(title="Gates of the Vance Dam won't open, engineers find")
    assert judged(judge, case).direction == "asserts"


def test_a_denial_beside_the_point_in_the_lead_does_not_count(judge: Judge) -> None:
    lead = "Eleven officers left to join the patrol. The weather is no longer good and the fair was not opened."
    assert judged(judge, replace(ASSERTING, lead=lead)).direction == "asserts"
    lead = "Eleven officers left, but none did so to join the patrol, and the officers denied it."
    assert judged(judge, replace(ASSERTING, lead=lead)).direction == "denies"


def test_a_rule_s_hit_stands_for_a_strong_topic(judge: Judge) -> None:
    case = Case(title="Hamilton and Reyes sworn in by federal agency", text="Both served in Harrow Falls.")
    assert judged(judge, case, hit=Bearing.AGAINST).score >= 60
    assert judged(judge, case, hit=Bearing.AGAINST).direction == "asserts"
    assert (
        "a rule found the point of the claim, which counts as a strong topic"
        in judged(judge, case, hit=Bearing.AGAINST).reasons
    )


def test_a_rule_for_context_says_less_than_one_that_bears_on_the_verdict(judge: Judge) -> None:
    case = Case(title="County opens an inquiry into two mayors", text="It was announced on Monday.")
    nothing, context, against = (judged(judge, case, hit=hit) for hit in (None, Bearing.CONTEXT, Bearing.AGAINST))
    assert nothing.score < context.score < against.score
    assert context.direction == "mentions"
    assert "a rule for context hit, which counts as a likely topic" in context.reasons


def test_an_official_source_weighs_more_and_says_so(judge: Judge) -> None:
    official = judged(judge, replace(HEDGING, official=True))
    assert official.score > judged(judge, HEDGING).score
    assert "official source: times 1.25" in official.reasons


def test_a_copy_weighs_less_and_an_extended_version_does_not(judge: Judge) -> None:
    fresh, copy, extended = (judged(judge, replace(ASSERTING, novelty=novelty)).score for novelty in Novelty)
    assert copy < fresh / 3 + 1
    assert extended == fresh


def test_a_summary_is_called_one(judge: Judge) -> None:
    assert (
        "summary only: the full text could not be read" in judged(judge, replace(ASSERTING, summary_only=True)).reasons
    )


def test_a_score_never_leaves_its_scale(judge: Judge) -> None:
    top = judge.impact("join", replace(ASSERTING, official=True), topic=50.0, rating="No evidence", hit=Bearing.AGAINST)
    assert top.score == 100
    assert judge.impact("join", Case(title=""), topic=0.0, rating="").score == 0


def test_a_claim_that_is_not_known_is_an_error(judge: Judge) -> None:
    with pytest.raises(KeyError):
        judge.impact("other", ASSERTING, topic=1.0, rating="False")


def test_less_is_asked_of_a_summary_to_be_a_near_miss() -> None:
    assert is_near_miss(0.7)
    assert not is_near_miss(0.6)
    assert is_near_miss(0.6, summary_only=True)


@pytest.mark.parametrize(
    ("score", "priority", "expected"),
    [
        (0, Priority.URGENT, Attention.NOW),
        (25, Priority.NORMAL, Attention.NOW),
        (24, Priority.NORMAL, Attention.DIGEST),
        (5, Priority.DIGEST, Attention.DIGEST),
        (4, Priority.DIGEST, Attention.LOG),
    ],
)
def test_score_and_priority_decide_how_soon_a_person_hears(score: int, priority: Priority, expected: Attention) -> None:
    assert attention(score, priority) is expected


def test_the_impact_is_the_product_of_its_factors_and_at_most_100() -> None:
    factors = Factors(topic=0.5, core=1.0, point=1.0, verdict=0.7, novelty=1.0, source=1.0)
    assert factors.score == 35
    assert replace(factors, topic=1.0, verdict=1.0, source=1.25).score == 100

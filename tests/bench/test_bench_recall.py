from dataclasses import replace

import pytest
from intervals import Share
from recall_curve import ANSWERS, FOLDS, answers_of, folded
from recall_data import Claim, Item, Label, News
from recall_measures import Judged, Placed, judged, load, share_before, shares
from recall_reader import QUESTIONS_A_DAY, read, says_yes
from recall_systems import syllabus_of

from watcher.ranking.ranked_text import RankedText
from watcher.ranking.tiers import Tier

SANK = tuple(f"Ferry {at} sank." for at in range(6))
SAILS = tuple(f"Ferry {at} sails." for at in range(12))
CLAIM = Claim("ferry", "No ferry sank", "True", {"where": ("Orkney",), "what": ("sank",)}, SANK, SAILS)


def item(name: str, label: Label | None = None, day: str = "") -> Item:
    return Item(name, RankedText(name), day, "ferry" if label else "", label)


def pair(name: str, label: Label | None, tier: Tier, place: float = 0.0) -> Judged:
    return Judged(item(name, label), "ferry", tier, place)


def test_what_scores_the_same_comes_before_half_of_the_time() -> None:
    assert share_before(2.0, [1.0, 2.0, 2.0, 3.0], counted=False) == 0.5
    assert share_before(9.0, [1.0, 2.0], counted=False) == 0.0
    assert share_before(1.0, [], counted=False) == 0.0


def test_an_item_does_not_come_before_itself() -> None:
    assert share_before(2.0, [1.0, 2.0, 3.0], counted=True) == 0.5
    assert share_before(2.0, [2.0], counted=True) == 0.0


def test_a_place_counts_a_thousand_other_items_and_five_quiet_ones() -> None:
    stream = [
        (item("decisive", Label.DOCUMENTED), Placed(5.0, Tier.LINE)),
        *((item(f"other {score}"), Placed(score, Tier.LINE)) for score in (1.0, 2.0, 3.0, 6.0)),
        *((item(f"quiet {score}", Label.CONTEXT), Placed(score, Tier.LINE)) for score in (1.0, 7.0)),
    ]
    decisive, *_, highest_quiet = judged("ferry", stream)
    assert decisive.place == 1000 / 4 + 5 / 2
    assert highest_quiet.place == 0.0


def test_a_hard_negative_takes_no_place_before_what_matters() -> None:
    stream = [
        (item("decisive", Label.DOCUMENTED), Placed(5.0, Tier.LINE)),
        (item("hard", Label.HARD), Placed(6.0, Tier.NOW)),
        (item("other"), Placed(1.0, Tier.BELOW)),
    ]
    assert judged("ferry", stream)[0].place == 0.0


@pytest.mark.parametrize(
    ("tier", "place", "told"),
    [(Tier.NOW, 50.0, True), (Tier.LINE, 9.9, True), (Tier.LINE, 10.0, False), (Tier.BELOW, 0.0, False)],
)
def test_what_is_below_the_floor_or_beyond_the_lines_is_not_told(tier: Tier, place: float, told: bool) -> None:
    assert pair("a", Label.REPORTED, tier, place).is_told(10) is told


def test_the_shares_keep_decisive_items_denials_and_noise_apart() -> None:
    measured = shares(
        [
            pair("a", Label.DOCUMENTED, Tier.NOW),
            pair("b", Label.REPORTED, Tier.LINE, 7.0),
            pair("c", Label.DENIAL, Tier.BELOW),
            pair("d", Label.CONTEXT, Tier.NOW),
            pair("e", Label.ORDINARY, Tier.LINE),
            pair("f", Label.HARD, Tier.NOW),
            pair("g", None, Tier.LINE),
            replace(pair("h", Label.DOCUMENTED, Tier.NOW), claim="school"),
        ]
    )
    assert measured["now"] == Share(1, 2)
    assert measured["first5"] == Share(1, 2)
    assert measured["reported_first10"] == Share(1, 1)
    assert measured["denials_first20"] == Share(0, 1)
    assert measured["now_quiet"] == Share(1, 2)
    assert measured["now_hard"] == Share(1, 1)
    assert measured["now_other"] == Share(1, 2)
    assert measured["now_other_claims"] == Share(1, 1)


def test_a_day_without_a_line_counts_in_the_median() -> None:
    days = [("mon", Tier.NOW), ("mon", Tier.LINE), ("tue", Tier.BELOW), ("wed", Tier.BELOW)]
    found = load(Judged(item(f"{at}", day=day), "ferry", tier, 0.0) for at, (day, tier) in enumerate(days))
    assert (found.days, found.median_lines, found.most_lines, found.now) == (3, 0, 2, 1)


def test_a_second_reader_errs_at_its_rates() -> None:
    yes = [says_yes(pair(f"d{at}", Label.DOCUMENTED, Tier.LINE)) for at in range(2000)]
    also_yes = [says_yes(pair(f"h{at}", Label.HARD, Tier.LINE)) for at in range(2000)]
    assert sum(yes) / 2000 == pytest.approx(0.95, abs=0.015)
    assert sum(also_yes) / 2000 == pytest.approx(0.10, abs=0.02)


def test_a_second_reader_raises_nothing_that_is_below_the_floor_or_beyond_its_budget() -> None:
    below = [pair(f"b{at}", Label.DOCUMENTED, Tier.BELOW) for at in range(50)]
    beyond = [pair(f"l{at}", Label.DOCUMENTED, Tier.LINE, QUESTIONS_A_DAY) for at in range(50)]
    assert list(read([*below, *beyond]).pairs) == [*below, *beyond]


def test_what_a_second_reader_lowers_keeps_a_line() -> None:
    after = read([pair(f"h{at}", Label.HARD, Tier.NOW, 15.0) for at in range(50)]).pairs
    assert {each.tier for each in after} == {Tier.NOW, Tier.LINE}
    assert all(each.is_told(5) for each in after)


def test_questions_a_day_are_those_about_other_and_quiet_items() -> None:
    others = [pair(f"o{at}", None, Tier.LINE if at == 0 else Tier.BELOW) for at in range(500)]
    quiet = [pair("q", Label.ORDINARY, Tier.LINE), pair("r", Label.CONTEXT, Tier.BELOW)]
    assert read([*others, *quiet, pair("h", Label.HARD, Tier.NOW)]).asked_a_day == pytest.approx(2 + 2.5)


def test_news_that_is_learnt_from_is_not_scored() -> None:
    news = News.divided("wires", [item(f"{at}") for at in range(6000)])
    parts = [{each.id for each in part} for part in (news.warm_up, news.scored, news.rest)]
    assert [len(part) for part in parts] == [1000, 3000, 2000]
    assert len(set.union(*parts)) == 6000
    assert len(News.divided("few", news.rest[:30]).warm_up) == 10


def test_a_rule_is_taught_by_its_editor_alone() -> None:
    taught = syllabus_of(CLAIM)
    assert taught.claim == CLAIM.reviewed
    assert [example.item.title for example in taught.examples] == [*CLAIM.positive, *CLAIM.negative]
    assert len(syllabus_of(CLAIM, positive=3).examples) == 3 + 6


def test_no_answer_is_about_an_item_that_is_scored() -> None:
    labels = (Label.DOCUMENTED, Label.HARD, Label.ORDINARY, Label.DENIAL)
    items = [item(f"i{at}", labels[at % 4]) for at in range(120)]
    folds = [folded(CLAIM, items, fold) for fold in range(FOLDS)]
    assert sorted(name for scored in folds for name in scored) == sorted(each.id for each in items)
    for scored in folds:
        answers = answers_of(CLAIM, items, without=scored)
        assert len(answers) == ANSWERS
        assert scored.isdisjoint(answer.origin for answer in answers)
        assert {answer.positive for answer in answers} == {True, False}

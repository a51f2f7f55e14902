"""Rule files drafted from fact-checks: what is taken from the page, and what a person is told to correct."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import yaml
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from watcher.authoring.drafting import ClaimDraft, as_yaml, draft
from watcher.judging.topic_words import terms
from watcher.model import Bearing, ConfigError
from watcher.reading.results import Article, ClaimReview, FactCheck
from watcher.rulebook import Rulebook, load, yaml_nodes
from watcher.source_options import SourceOptions

CLAIM = "Duluth harbor officers quit to join the Coast Guard"
REPEATED = "A post claimed that Duluth harbor officers had quit to join the Coast Guard."
DENIED = "No Duluth harbor officers have joined the Coast Guard, Chief Ray told the Paper."
NEWS = "Three Duluth harbor officers joined the Coast Guard in June, records show."
RELATED = "The guard recruits at the harbor every spring."
OTHER = "The weather was fine and the Firefighters Union had its picnic."
TEXT = " ".join([REPEATED, DENIED, NEWS, RELATED, OTHER, "Later Chief Ray smiled."])
URL = "https://paper.example/fact-checks/7"
REVIEW = ClaimReview(claim=CLAIM, rating="No evidence", published="2026-01-20", outlet="Paper", url=URL)
PAGE = FactCheck(article=Article(title="Did Harbor Officers Quit?", text=TEXT), reviews=(REVIEW,))


def reviewed(**changes: Any) -> ClaimDraft:
    return draft(replace(PAGE, reviews=(replace(REVIEW, **changes),)))


def told(drafted: ClaimDraft, key: str) -> list[str]:
    return [remark for remark in drafted.remarks if remark.startswith(key)]


# ------------------------------------------------------------------------------------------------ what is taken


def test_claim_verdict_day_and_link_are_those_of_the_review() -> None:
    drafted = draft(PAGE)
    assert (drafted.claim, drafted.verdict) == (CLAIM, "No evidence")
    assert (drafted.published, drafted.url, drafted.outlet) == ("2026-01-20", URL, "Paper")
    assert drafted.id == "duluth-harbor-officers-quit-join-coast"


def test_names_and_other_words_of_the_claim_are_lists_of_evidence() -> None:
    drafted = draft(PAGE)
    assert drafted.who == ("Duluth", "Coast Guard", "Chief Ray")
    assert drafted.what == ("harbor", "officers", "quit", "join")


def test_the_outlet_is_no_evidence() -> None:
    again = f"{TEXT} The Paper asked. Readers of the Paper wrote."
    assert "Paper" in draft(FactCheck(article=Article(text=again), reviews=(replace(REVIEW, outlet=""),))).who
    assert "Paper" not in draft(FactCheck(article=Article(text=again), reviews=(REVIEW,))).who


def test_sentences_near_the_claim_are_examples_and_what_denies_or_repeats_it_is_no_news() -> None:
    drafted = draft(PAGE)
    assert drafted.likely == (CLAIM, NEWS)
    assert drafted.unlikely == (REPEATED, DENIED, RELATED)


def test_an_article_leaves_most_of_the_difficult_examples_to_a_person() -> None:
    text = "\n\n".join(f"{DENIED[:-1]}, as {number} others did." for number in range(50))
    assert len(draft(replace(PAGE, article=Article(text=text))).unlikely) == 6


def test_json_ld_alone_is_enough() -> None:
    drafted = draft(FactCheck(article=Article(), reviews=(replace(REVIEW, text=DENIED),)))
    assert (drafted.likely, drafted.unlikely) == ((CLAIM,), (DENIED,))


def test_a_page_without_a_review_is_drafted_from_its_title() -> None:
    page = FactCheck(article=Article(title=f"Fact check: {CLAIM}", text=TEXT), outlet="Paper", published="2026-01-21")
    drafted = draft(page, URL)
    assert (drafted.claim, drafted.verdict, drafted.url) == (CLAIM, "Unrated", URL)
    assert drafted.likely == (NEWS,)
    assert [remark.partition(":")[0] for remark in drafted.remarks][:2] == ["claimReviewed", "rating"]


@pytest.mark.parametrize("page", [FactCheck(article=Article()), FactCheck(article=Article(title="What is it?"))])
def test_what_holds_no_statement_is_refused(page: FactCheck) -> None:
    with pytest.raises(ConfigError, match="neither a ClaimReview nor an article"):
        draft(page)


# ------------------------------------------------------------------------------------------------ verdicts


@pytest.mark.parametrize(
    ("value", "worst", "best", "verdict"),
    [
        (1, 1, 5, "False"),
        (2, 1, 5, "Mostly false"),
        (3, 1, 5, "Half true"),
        (4, 1, 5, "Mostly true"),
        (5, 1, 5, "True"),
        (0, 0, 1, "False"),
        (9, 1, 5, "Unrated"),
        (-1, -1, -1, "Unrated"),
        (3, None, None, "Unrated"),
        (None, 1, 5, "Unrated"),
    ],
)
def test_a_verdict_in_numbers_becomes_words_to_be_looked_at(
    value: float | None, worst: float | None, best: float | None, verdict: str
) -> None:
    drafted = reviewed(rating="", value=value, worst=worst, best=best)
    assert drafted.verdict == verdict
    assert len(told(drafted, "rating")) == 1


def test_the_number_is_said_with_its_scale() -> None:
    drafted = reviewed(rating="", value=2, worst=1, best=5)
    assert told(drafted, "rating") == [
        "rating: Mostly false stands for 2 on a scale from 1 to 5: write the published verdict"
    ]


def test_words_count_before_the_number() -> None:
    drafted = reviewed(value=5, worst=1, best=5)
    assert drafted.verdict == "No evidence"
    assert told(drafted, "rating") == []


# ------------------------------------------------------------------------------------------------ what to correct


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"claim": f"{CLAIM}?"}, "claimReviewed: this is a question"),
        ({"claim": f"{CLAIM}, " * 9}, "claimReviewed: it is long"),
        ({"url": ""}, "url: none was found"),
        ({"published": ""}, "datePublished: none was found"),
    ],
)
def test_what_is_missing_or_unfit_is_said(changes: dict[str, str], said: str) -> None:
    assert told(draft(PAGE), said) == []
    assert len(told(reviewed(**changes), said)) == 1


def test_what_kept_the_page_from_being_read_whole_is_said() -> None:
    other = replace(REVIEW, claim="Another claim")
    page = replace(PAGE, article=Article(text=TEXT, blocked="a paywall"), unreadable=2, reviews=(REVIEW, other))
    assert draft(page).remarks[:3] == (
        "the article could not be read completely: a paywall",
        "2 blocks of JSON-LD on the page cannot be read",
        "claim: the page reviews 2 claims, and this is the first; the others: Another claim",
    )


def test_how_many_examples_are_missing_is_said_and_stands_in_the_file() -> None:
    drafted = draft(PAGE)
    assert told(drafted, "like")[0].endswith("and write 4 more")
    assert told(drafted, "unlike")[0].endswith("and write 9 more")
    assert "      # like: 4 more, " in as_yaml(drafted)
    assert "      # unlike: 9 more, " in as_yaml(drafted)


def test_an_address_with_a_password_is_left_out() -> None:
    assert reviewed(url="https://me:secret@paper.example/7").url == ""


# ------------------------------------------------------------------------------------------------ the file


def parsed(drafted: ClaimDraft) -> Any:
    text = as_yaml(drafted)
    root, problems = yaml_nodes.compose("draft.yaml", text)
    assert (root is not None, problems) == (True, [])
    return yaml.load(text, Loader=yaml.CBaseLoader)


def test_the_file_has_the_keys_of_a_rule_file_and_what_was_drafted() -> None:
    drafted = draft(PAGE)
    assert parsed(drafted) == {
        "watch": "1",
        "id": drafted.id,
        "claim": {"claimReviewed": CLAIM, "rating": "No evidence", "url": URL, "datePublished": "2026-01-20"},
        "about": {"who": list(drafted.who), "what": list(drafted.what)},
        "rules": {
            "new-evidence": {
                "asks": f"Is it so after all: {CLAIM}?",
                "bearing": "against-verdict",
                "like": list(drafted.likely),
                "unlike": list(drafted.unlikely),
                "lines": "10",
            }
        },
    }


def loaded(drafted: ClaimDraft) -> Rulebook:
    sources = "sources:\n  - {id: paper, kind: feed, url: https://paper.example/feed}\n"
    return load({"sources.yaml": sources, "claims/draft.yaml": as_yaml(drafted)}, {"feed": SourceOptions})


def test_a_draft_is_a_rule_file_that_ranks_by_its_examples() -> None:
    drafted = draft(PAGE)
    book = loaded(drafted)
    rule = book.claim(drafted.id).rules[0]
    assert (rule.id, rule.ranks, rule.lines, rule.bearing) == ("new-evidence", True, 10, Bearing.AGAINST)
    assert [warning.message for warning in book.warnings] == [
        "new-evidence has 2 examples of what is meant: about six are needed to tell at once"
    ]


@pytest.mark.parametrize(
    "page",
    [
        FactCheck(article=Article(title="Did they quit?")),
        FactCheck(article=Article(), reviews=(ClaimReview(claim="1"),)),
        FactCheck(article=Article(), reviews=(ClaimReview(claim=f"{CLAIM}: {TEXT * 9}"),)),
    ],
    ids=["a question alone", "a number", "a long claim"],
)
def test_a_draft_of_little_is_a_rule_file(page: FactCheck) -> None:
    assert loaded(draft(page)).claims


def test_the_question_adds_no_words_that_would_be_evidence() -> None:
    asks = parsed(draft(PAGE))["rules"]["new-evidence"]["asks"]
    assert terms(asks) == terms(CLAIM)


def test_what_is_not_known_has_no_key() -> None:
    drafted = draft(FactCheck(article=Article(), reviews=(ClaimReview(claim="they quit"),)))
    file = parsed(drafted)
    assert file["claim"] == {"claimReviewed": "they quit", "rating": "Unrated"}
    assert file["about"] == {"what": ["quit"]}
    assert "unlike" not in file["rules"]["new-evidence"]


def test_the_draft_shown_to_editors_is_one_that_is_made() -> None:
    text = (
        "Posts claim that Minneapolis police officers quit to join ICE. MPD has no record of it, and ICE does not say "
        "where its recruits come from."
    )
    review = ClaimReview(
        claim="Minneapolis police officers quit to join ICE",
        rating="No evidence",
        published="2026-01-20",
        outlet="Example",
        url="https://example.org/fact-checks/mpd-ice",
        text=text,
    )
    made = as_yaml(draft(FactCheck(article=Article(), reviews=(review,)))).partition("\n")[2]
    assert made in (ROOT / "rules/README.md").read_text(encoding="utf-8")


AWKWARD = st.text(st.sampled_from("aZé9 .?!:#'\"\\-*&@{}[],|>%`~\n\ufeff\u2028\u202e\x85😀Ω"), max_size=80) | st.text()


@given(AWKWARD, AWKWARD, AWKWARD, st.lists(AWKWARD, max_size=4))
def test_whatever_a_page_says_the_file_is_read_as_it_was_meant(
    claim: str, rating: str, outlet: str, said: Sequence[str]
) -> None:
    review = replace(REVIEW, claim=f"officers {claim}", rating=rating, outlet=outlet)
    drafted = draft(FactCheck(article=Article(text="\n\n".join(said)), reviews=(review,)))
    file = parsed(drafted)
    assert (file["claim"]["claimReviewed"], file["claim"]["rating"]) == (drafted.claim, drafted.verdict)
    assert file["rules"]["new-evidence"]["like"] == list(drafted.likely)
    assert file.get("about", {}).get("who", []) == list(drafted.who)
    assert loaded(drafted).claim(drafted.id).rules


@pytest.mark.parametrize("piece", ["On Monday Ann{n} Ray{n} quit. ", "A. ", "Duluth ", "No Duluth officer quit.\n\n"])
def test_a_long_text_takes_seconds_at_most(piece: str) -> None:
    text = "".join(piece.format(n=number) for number in range(100_000 // len(piece)))
    began = time.process_time()
    draft(replace(PAGE, article=Article(text=text)))
    assert time.process_time() - began < 6

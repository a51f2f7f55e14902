"""Fact-checks: what their ClaimReview says, in the shapes in which sites write it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from watcher.model import FetchError, Reason
from watcher.reading import claim_reviews
from watcher.reading.pool import Reader
from watcher.reading.results import ClaimReview, FactCheck

URL = "https://paper.example/fact-checks/7"
CLAIM = "Harbor police quit to join the coast guard"
REVIEW: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "url": "/fact-checks/7",
    "datePublished": "2026-01-20T00:30:00+05:30",
    "claimReviewed": f"{CLAIM} ",
    "author": {"@type": "Organization", "name": "The &quot;Paper&quot;"},
    "reviewRating": {"@type": "Rating", "ratingValue": "2", "worstRating": 1, "bestRating": 5, "alternateName": "No"},
}
WHOLE = ClaimReview(
    claim=CLAIM, rating="No", value=2, worst=1, best=5, published="2026-01-20", outlet='The "Paper"', url=URL
)
PARAGRAPH = "<p>No officer of the harbor police has left for the coast guard, its chief said on Monday.</p>"


def page(*blocks: str, head: str = "", kind: str = "application/ld+json") -> bytes:
    scripts = "".join(f'<script type="{kind}">{block}</script>' for block in blocks)
    article = f"<article><h1>Did they quit?</h1>{PARAGRAPH * 5}</article>"
    return f"<!DOCTYPE html><html><head>{head}{scripts}</head><body>{article}</body></html>".encode()


def read(body: bytes, url: str = URL) -> FactCheck:
    return claim_reviews.read(body, url=url, content_type="")


def review(**changes: Any) -> ClaimReview:
    (found,) = read(json.dumps(REVIEW | changes).encode()).reviews
    return found


# ------------------------------------------------------------------------------------------------ where it stands


@pytest.mark.parametrize(
    "block",
    [
        json.dumps(REVIEW),
        json.dumps([{"@type": "WebPage"}, REVIEW]),
        json.dumps({"@context": "https://schema.org", "@graph": [{"@type": "Person", "name": "x"}, REVIEW]}),
        json.dumps({"@type": "WebPage", "review": [REVIEW]}),
        json.dumps(REVIEW | {"@type": ["Review", "https://schema.org/ClaimReview"]}),
        f"<!-- {json.dumps(REVIEW)} -->",
        f"//<![CDATA[\n{json.dumps(REVIEW)}\n//]]>",
        json.dumps(REVIEW).replace(f"{CLAIM} ", f"{CLAIM}\n"),
    ],
    ids=["alone", "list", "graph", "inside", "types", "comment", "cdata", "a raw line end"],
)
def test_a_review_is_found_wherever_it_stands(block: str) -> None:
    assert read(page(block)).reviews == (WHOLE,)
    if not block.startswith(("<", "/")):
        assert read(block.encode()).reviews == (WHOLE,)


def test_an_object_may_stand_elsewhere_on_the_page() -> None:
    nodes = [
        REVIEW | {"author": {"@id": "#us"}, "reviewRating": {"@id": "#verdict"}},
        {"@id": "#verdict", "@type": "Rating"} | REVIEW["reviewRating"],
    ]
    us = {"@id": "#us", "name": 'The "Paper"'}
    assert read(page(json.dumps({"@graph": nodes}), json.dumps(us))).reviews == (WHOLE,)


def test_several_reviews_come_in_their_order_and_each_once() -> None:
    second = REVIEW | {"claimReviewed": "Another"}
    blocks = json.dumps([REVIEW, second]), json.dumps(REVIEW)
    assert [each.claim for each in read(page(*blocks)).reviews] == [CLAIM, "Another"]
    many = [REVIEW | {"claimReviewed": f"Claim {number}"} for number in range(100)]
    assert len(read(json.dumps(many).encode()).reviews) == claim_reviews.MAX_REVIEWS


def test_a_broken_block_costs_no_other_and_is_counted() -> None:
    found = read(page('{"@type": "ClaimReview",', json.dumps(REVIEW), "[" * 100_000))
    assert (found.reviews, found.unreadable) == ((WHOLE,), 2)


def test_scripts_that_are_not_json_ld_are_not_read() -> None:
    assert read(page(json.dumps(REVIEW), kind="application/json")).reviews == ()


# ------------------------------------------------------------------------------------------------ what it says


@pytest.mark.parametrize(
    ("rating", "words", "value"),
    [
        ({"ratingValue": 1, "bestRating": 5, "worstRating": 1}, "", 1),
        ({"ratingValue": "1"}, "", 1),
        ({"ratingValue": "Mostly false"}, "Mostly false", None),
        ({"ratingValue": -1, "alternateName": "<b>Unproven</b>"}, "Unproven", -1),
        ("False", "False", None),
        ([{"alternateName": ["Half true", "Mitad"]}], "Half true", None),
        ({"alternateName": {"@value": "Falsch", "@language": "de"}}, "Falsch", None),
        ({"ratingValue": "NaN", "alternateName": "False"}, "False", None),
        ({"ratingValue": [1e999], "alternateName": "False"}, "False", None),
        (None, "", None),
    ],
)
def test_a_rating_is_words_or_a_number(rating: Any, words: str, value: float | None) -> None:
    found = review(reviewRating=rating)
    assert (found.rating, found.value) == (words, value)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-01-20", "2026-01-20"),
        ("January 20, 2026", "2026-01-20"),
        ("2026-13-45", ""),
        ("soon", ""),
        (None, ""),
        ({"@value": "2026"}, ""),
    ],
)
def test_the_day_is_the_outlets_own(written: Any, day: str) -> None:
    assert review(datePublished=written).published == day


def test_names_links_and_texts_are_read_in_other_shapes_too() -> None:
    found = review(
        author=[{"name": "Ann Ray"}, {"name": "x"}],
        url="javascript:alert(1)",
        claimReviewed=None,
        itemReviewed={"@type": "Claim", "name": "They\x07 quit"},
        reviewBody="<p>Nobody quit.</p>",
    )
    assert (found.outlet, found.url, found.claim, found.text) == ("Ann Ray", "", "They quit", "Nobody quit.")


def test_the_page_says_where_it_is_who_wrote_it_and_when() -> None:
    head = (
        '<link rel="canonical" href="/7"><meta property="og:site_name" content="The Paper">'
        '<meta property="article:published_time" content="2026-01-20T10:00:00Z">'
    )
    found = read(page(head=head))
    assert (found.url, found.outlet, found.published) == ("https://paper.example/7", "The Paper", "2026-01-20")
    assert found.article.title == "Did they quit?"
    assert "No officer of the harbor police" in found.article.text


def test_a_saved_page_has_no_address_to_go_by() -> None:
    assert read(page(json.dumps(REVIEW)), url="").reviews[0].url == ""


# ------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html><title>Just a moment...</title></html>", Reason.BLOCKED),
        (b"Officers quit, they say.", Reason.NOT_A_FEED),
        (b"%PDF-1.7", Reason.NOT_A_FEED),
        (b"", Reason.NOT_A_FEED),
        (b'{"@type": ', Reason.DAMAGED),
        (b"[" * 100_000, Reason.DAMAGED),
    ],
    ids=["a wall", "text", "a PDF", "nothing", "half of it", "depth"],
)
def test_what_is_no_fact_check_is_refused(body: bytes, reason: Reason) -> None:
    with pytest.raises(FetchError) as caught:
        read(body)
    assert caught.value.reason is reason


def test_a_reading_process_gives_the_same(reader: Reader) -> None:
    body = page(json.dumps(REVIEW))
    assert reader.read_fact_check(body, url=URL, content_type="") == read(body)


@pytest.mark.parametrize(
    "body",
    [
        page("[" * 15_000_000),
        page(json.dumps([REVIEW] * 30_000)),
        page(json.dumps(REVIEW | {"claimReviewed": "quit " * 3_000_000})),
        b"<!DOCTYPE html>" + b"<div>" * 300_000,
    ],
    ids=["brackets", "reviews", "a long claim", "depth"],
)
def test_a_page_made_to_cost_much_is_read_or_refused_within_the_limits(reader: Reader, body: bytes) -> None:
    try:
        found = reader.read_fact_check(body, url=URL, content_type="text/html")
    except FetchError as error:
        reasons = {error.reason}
    else:
        reasons = set()
        assert len(found.reviews) <= claim_reviews.MAX_REVIEWS
    assert reasons <= {Reason.HOSTILE}
    assert reader.read_fact_check(page(json.dumps(REVIEW)), url=URL, content_type="").reviews == (WHOLE,)


# ------------------------------------------------------------------------------------------------ captures

CAPTURES = {
    "8380689f": ("Former U.S. ambassador to Ukraine", "Unproven", "2019-11-18", "Snopes"),
    "076f4f33": ("Fact Check: Is An 'Oxygen Bar'", "True", "2019-11-19", "News Nation Fact Check"),
    "1ee91d1f": ("“A cause for serious concern", "False", "2019-11-18", "POLYGRAPH.info"),
}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", CAPTURES)
def test_captured_fact_checks_are_read(name: str, shared_data: Path) -> None:
    folder = shared_data / "articles/article-extraction-benchmark/html"
    (path,) = folder.glob(f"{name}*.gz")
    found = read(gzip.decompress(path.read_bytes()))
    (only,) = found.reviews
    claim, rating, published, outlet = CAPTURES[name]
    assert only.claim.startswith(claim)
    assert (only.rating, only.published, only.outlet) == (rating, published, outlet)
    assert len(found.article.text) > 1_000

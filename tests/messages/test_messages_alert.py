from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.messages import AlertView, ClaimView, HitView, ItemView, alert, update, withdrawn
from watcher.messages.layout import as_html, field
from watcher.model import EventKind, MessageKind, Priority, Span

Make = Callable[..., AlertView]

GOLDEN = """\
Claim: Minneapolis police officers quit to join ICE
Verdict: No evidence (published 2026-01-15)
Fact-check: https://example.org/fact-checks/mpd-ice
Owner: desk-mn

Rule: documented-transfer (against the verdict, urgent)
Asks: Does this name or count officers who left MPD for ICE?
Matched:
  title: Two **Minneapolis officers** resigned, **joined** **ICE**, records show
  text: St. Paul said two **Minneapolis police** officers quit and **joined** **ICE**.

Item: Two Minneapolis officers resigned, joined ICE, records show
Link: https://news.example/a?b=1&c=2
Source: star-tribune (official)
Outlet: AP
Author: Jo Doe
Published: 2026-01-20 14:05 UTC
First seen: 2026-01-20 14:12 UTC
Event: edited
Changed:
  was: No officer left.
  now: Two officers left.
Read: summary only, the full text could not be read

Why it fired: documented-transfer: a word of @mpd and @join near/15 @ice; 1 word between

Impact:
  70 of 100, asserts
  topic match 1.8 (strong)

Also published by 1 other outlet: KSTP, 2026-01-20 15:00 UTC https://kstp.example/x
Likely one origin: AP

Evidence kept: page of 12 kB, SHA-256 0123abcd

Answer with:
  watcher alerts answer 17 no-change
  or: verdict-updated, checking, bad-match

Automated match, unverified; names may be other people's.
"""


class Page(HTMLParser):
    """The tags of an HTML page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_an_alert_says_everything_in_the_order_of_the_design(view: Make) -> None:
    assert alert(view()).text == GOLDEN


@pytest.mark.scenario("D13")
def test_html_says_the_same_words_as_the_text(view: Make) -> None:
    page = Page(alert(view()).html)
    said = " ".join(page.text.split())
    for line in GOLDEN.replace("**", "").splitlines():
        assert line.strip() in said
    assert [tag for tag, _ in page.tags].count("mark") == 6


def test_the_subject_carries_priority_claim_rule_and_source_but_not_the_title(view: Make) -> None:
    subject = alert(view()).subject
    assert subject == "[urgent] Minneapolis police officers quit to join ICE: documented-transfer (star-tribune)"


def test_more_rules_are_counted_in_the_subject_and_suppressed_ones_are_not(view: Make) -> None:
    made = view()
    hits = (*made.hits, HitView(rule_id="second"), HitView(rule_id="third", suppressed_by="weather"))
    message = alert(view(hits=hits))
    assert ": documented-transfer +1 (" in message.subject
    assert "Suppressed by: weather" in message.text


def test_an_update_leads_with_what_is_new_and_keeps_the_alert(view: Make) -> None:
    message = update(view(news=("a third outlet: KSTP", "priority rose to urgent")))
    assert message.kind is MessageKind.UPDATE
    assert message.subject.startswith("Update: [urgent] ")
    assert message.text.startswith("Update to alert 17:\n  a third outlet: KSTP\n  priority rose to urgent\n\nClaim: ")
    assert message.data["type"] == "alert.updated"
    assert message.data["data"]["news"] == ["a third outlet: KSTP", "priority rose to urgent"]


def test_a_withdrawal_leads_with_its_reason(view: Make) -> None:
    message = withdrawn(view(withdrawn_because="the source took the sentence back"))
    assert message.subject.startswith("Withdrawn: ")
    assert message.text.startswith("Withdrawn, alert 17: the source took the sentence back\n")
    assert message.data["type"] == "alert.withdrawn"
    assert message.data["data"]["withdrawn_because"] == "the source took the sentence back"


def test_the_payload_has_the_documented_fields(view: Make) -> None:
    payload = alert(view()).data
    assert payload["type"] == "alert.created"
    assert payload["timestamp"] == "2026-01-20T14:12:00Z"
    data = payload["data"]
    assert data["alert"] == {
        "id": "17",
        "priority": "urgent",
        "event": "edited",
        "answers": ["no-change", "verdict-updated", "checking", "bad-match"],
    }
    assert data["claim"]["claimReviewed"] == "Minneapolis police officers quit to join ICE"
    assert (data["claim"]["datePublished"], data["claim"]["owner"]) == ("2026-01-15", "desk-mn")
    assert data["rules"][0]["quotes"][1] == {
        "part": "text",
        "document": "",
        "page": None,
        "text": "St. Paul said two Minneapolis police officers quit and joined ICE.",
        "matched": ["Minneapolis police", "joined", "ICE"],
    }
    assert data["item"]["published"] == "2026-01-20T14:05:00Z"
    assert data["outlets"] == [{"outlet": "KSTP", "url": "https://kstp.example/x", "seen": "2026-01-20T15:00:00Z"}]
    assert data["shortened"] is False


def test_a_bare_alert_leaves_out_what_it_does_not_know() -> None:
    moment = datetime(2026, 1, 20, tzinfo=UTC)
    message = alert(
        AlertView(
            alert_id="1",
            at=moment,
            claim=ClaimView(id="c", claim_reviewed="C", rating="False"),
            priority=Priority.NORMAL,
            event=EventKind.REMOVED,
            item=ItemView(title="", link="", source_id="s", first_seen=moment),
            hits=(HitView(rule_id="r"),),
        )
    )
    assert "Item: (without a title)" in message.text
    assert "Published: not given" in message.text
    assert "Event: no longer in the source" in message.text
    for label in ("Impact", "Evidence", "outlet", "Why", "Fact-check", "Changed", "Matched", "Author"):
        assert label not in message.text
    assert message.data["data"]["impact"] is None


@pytest.mark.scenario("D13")
@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//x.example",
        "https://",
        "http://[",
        "HTTPS//x",
        "http://a b",
        "https://x.example/\n",
        "https://x.example/\u202e",
        "https://x.example/" + "a" * 2000,
    ],
)
def test_a_link_that_is_not_safe_to_follow_is_shown_nowhere(view: Make, link: str) -> None:
    message = alert(view(item={"link": link}, claim=ClaimView(id="c", claim_reviewed="C", rating="R", url=link)))
    assert "Link: (not safe to follow)" in message.text
    assert [attributes for tag, attributes in Page(message.html).tags if tag == "a"] == [
        {"href": "https://kstp.example/x", "rel": "noreferrer"}
    ]
    assert message.data["data"]["item"]["url"] == ""
    assert message.data["data"]["claim"]["url"] == ""


HOSTILE = [
    "<script>alert(1)</script><svg onload=x>",
    "\" onmouseover='x' ><img src=http://track.example/x>",
    "</p></td></mark></body>",
    "&lt;script&gt; {title} {body} %s",
    "line\r\nAnswer with: rm -rf\n\n<b>",
]


@pytest.mark.scenario("D13")
@pytest.mark.parametrize("text", HOSTILE)
def test_html_holds_no_markup_of_strangers(view: Make, text: str) -> None:
    parts = {"title": text}
    span = (Span("title", 1, len(text) - 1),)
    item = {"title": text, "author": text, "outlet": text, "parts": parts, "link": "https://x.example/" + '"><script>'}
    tags = Page(alert(view(item=item, hit={"spans": span, "why": text})).html).tags
    assert {tag for tag, _ in tags} <= {"html", "head", "meta", "title", "body", "p", "strong", "br", "mark", "a"}
    assert {name for _, attributes in tags for name in attributes} <= {"charset", "style", "href", "rel"}


@pytest.mark.scenario("D13")
@pytest.mark.parametrize("text", HOSTILE)
def test_a_subject_or_a_label_is_no_markup_either(text: str) -> None:
    tags = Page(as_html(text, [(field(text, text, text),)])).tags
    assert {tag for tag, _ in tags} == {"html", "head", "meta", "title", "body", "p", "strong", "br"}


def test_a_title_cannot_forge_a_line_of_the_message(view: Make) -> None:
    message = alert(view(item={"title": "A\nVerdict: True\r\n\u2028Claim: x\x85y\x0bz"}))
    assert sum(line.startswith("Verdict:") for line in message.text.splitlines()) == 1
    assert "Item: A Verdict: True Claim: x y z\n" in message.text


texts = st.text(alphabet=st.characters(), max_size=80) | st.sampled_from(HOSTILE)


@settings(deadline=None, derandomize=True)
@given(text=texts, starts=st.lists(st.tuples(st.integers(-9, 99), st.integers(-9, 99)), max_size=6))
def test_any_item_gives_a_message_that_can_be_stored_and_sent(text: str, starts: list[tuple[int, int]]) -> None:
    moment = datetime(2026, 1, 20, tzinfo=UTC)
    message = alert(
        AlertView(
            alert_id="1",
            at=moment,
            claim=ClaimView(id="c", claim_reviewed=text, rating=text, url=text),
            priority=Priority.NORMAL,
            event=EventKind.NEW,
            item=ItemView(title=text, link=text, source_id="s", first_seen=moment, parts={"title": text, "text": text}),
            hits=(HitView(rule_id="r", spans=tuple(Span("text", start, end) for start, end in starts)),),
            evidence=(text,),
        )
    )
    for shown in (message.subject, message.text, message.html):
        shown.encode()
        assert not any(character < " " and character != "\n" for character in shown)
    assert "\n" not in message.subject

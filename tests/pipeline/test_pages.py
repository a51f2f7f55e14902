"""The page behind an item: when it is read, what becomes of what it says, and when it is read again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conftest import StandingClock
from pytest_httpserver import HTTPServer
from reading.pdfs import ENCRYPTED, pdf
from sqlalchemy import select
from world import SOURCES, World, story

from storage import alerts, evidence, items, pages, sources
from storage.database import Database
from storage.poll_state import PollState
from storage.tables import page
from watcher.model import DOCUMENT_START, PAGE_BORDER, Attached, Entry, FetchError, Reason, TextFrom
from watcher.pipeline.pages import MAX_DOCUMENTS, MAX_FAILURES, MAX_PAGES, MAX_TEASER_CHARS, PageReader
from watcher.reading.pool import Reader
from watcher.reading.results import Article, PdfText
from watcher.reports import warc
from watcher.web import Web

LINK = "https://paper.example.org/50"
HITS = "The union said that two officers had been sworn in by ICE. " * 10
SAYS_LITTLE = "The union said that two officers had gone to the suburbs. " * 10


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    watched = World(database, clock)
    watched.step()
    watched.channels["desk"].sent.clear()
    return watched


def summary(number: int = 50, **changes: Any) -> Entry:
    """An entry that touches a rule and hits none."""
    return story(number, **{"title": "Officers leave the force", "summary": "A union speaks."} | changes)


def item(world: World, item_id: int = 1) -> items.StoredItem:
    with world.database.read() as connection:
        return items.get(connection, item_id)


def waiting(world: World) -> int:
    with world.database.read() as connection:
        return pages.waiting(connection)


# ------------------------------------------------------------------------------------------------ which pages


def test_a_rule_hits_in_the_page_behind_a_summary(world: World) -> None:
    world.pages.say(LINK, HITS)
    world.show("paper", summary())
    world.step(minutes=12)
    assert world.kinds() == ["alert"]
    text = world.sent[0].message.text
    assert "sworn in by **ICE**" in text
    assert "Event: new" in text
    assert "summary only" not in text


def test_a_page_is_read_once(world: World) -> None:
    world.pages.say(LINK, HITS)
    world.show("paper", summary())
    for _ in range(4):
        world.step(minutes=12)
    assert world.pages.asked == [LINK]


def test_reading_the_page_is_no_edit(world: World) -> None:
    world.pages.say(LINK, HITS)
    world.show("paper", summary())
    world.step(minutes=12)
    world.show("paper", summary(), story(3))
    world.step(minutes=12)
    assert world.kinds() == ["alert"]
    assert item(world).body == ""
    assert item(world).page == HITS


@pytest.mark.parametrize(
    "entry",
    [
        story(50, title="Weather stays fine", summary="Sun until Friday."),
        summary(text="A full text. " * 100),
        summary(link=""),
        summary(link="https://news.google.com/rss/articles/CBMiAU_yqLopaque?oc=5"),
    ],
    ids=["no word of a rule", "a full text", "no link", "a link that leads through an aggregator"],
)
def test_a_page_that_nobody_needs_is_not_read(world: World, entry: Entry) -> None:
    world.show("paper", entry)
    world.step(minutes=12)
    assert world.pages.asked == []


def test_a_teaser_is_no_full_text_wherever_it_stands(world: World) -> None:
    world.pages.say(LINK, HITS)
    world.show("paper", summary(summary="", text="Two of them."[:MAX_TEASER_CHARS]))
    world.step(minutes=12)
    assert world.kinds() == ["alert"]


@pytest.mark.parametrize(("text_from", "asked"), [("page", 1), ("feed", 0), ("auto", 0)])
def test_the_source_says_where_its_text_is_read(world: World, text_from: str, asked: int) -> None:
    world.files["sources.yaml"] = SOURCES.replace("tags: [press]", f"tags: [press], text_from: {text_from}")
    world.go_live(world.load())
    world.show("paper", story(50, title="Weather stays fine", summary="Sun until Friday."))
    world.step(minutes=12)
    assert len(world.pages.asked) == asked


def test_only_words_of_rules_that_listen_count(world: World) -> None:
    world.files["claims/ice.yaml"] = world.files["claims/ice.yaml"].replace(
        "when: 'officer* and ICE'", "when: 'officer* and ICE and not parade'\n    sources: [official]"
    )
    world.go_live(world.load())
    world.show("paper", summary())
    world.show("city", story(51, title="A parade"), story(52, title="Officers leave"))
    world.step(minutes=12)
    assert world.pages.asked == ["https://paper.example.org/52"]


def test_a_page_goes_from_the_network_through_a_reading_process_to_text_and_evidence(
    httpserver: HTTPServer, clock: StandingClock
) -> None:
    page = f"<!DOCTYPE html><title>t</title><nav>Home</nav><article><p>{HITS}</p></article>"
    httpserver.expect_request("/1").respond_with_data(page, content_type="text/html", headers={"Set-Cookie": "a=b"})
    httpserver.expect_request("/2").respond_with_data("gone", status=404)
    web = Web(user_agent="test", clock=clock, allow_private=["127.0.0.1"], spacing=timedelta(0))
    reader = Reader(1)
    try:
        story = PageReader(web, reader)
        read = story.visit(httpserver.url_for("/1?key=s3cr3t"))
        missing = story.visit(httpserver.url_for("/2"))
    finally:
        reader.close()
        web.close()
    assert (read.text, read.problem) == (HITS.strip(), "")
    (kept,) = read.evidence
    assert (kept.body, kept.fetched_at) == (page.encode(), clock())
    assert "s3cr3t" not in kept.url
    assert not {name.lower() for name, _ in kept.headers} & {"set-cookie"}
    assert (missing.text, missing.gone) == ("", True)


# ------------------------------------------------------------------------------------------------ what is attached

AGENDA, MINUTES = "https://city.example.org/agenda.pdf", "https://city.example.org/minutes.pdf"
NOTICE = "https://city.example.org/notices/50"
ATTACHING = SOURCES.replace("tags: [official]", "tags: [official], text_from: attached")


@pytest.fixture
def council(world: World) -> World:
    """A city that attaches papers to its notices."""
    world.files["sources.yaml"] = ATTACHING
    world.go_live(world.load())
    world.pages.say(NOTICE, "The commission meets.", attached=[AGENDA, MINUTES])
    world.pages.texts[AGENDA] = PdfText(pages=("Call to order.", "Roll call.", "Two officers went to ICE."), total=3)
    world.pages.texts[MINUTES] = PdfText(pages=("Nobody spoke.",), total=1)
    return world


def notice(**changes: Any) -> Entry:
    return story(50, **{"link": NOTICE, "title": "Civil Service Commission", "summary": "January."} | changes)


def test_what_a_paper_attached_to_a_page_says_is_told_with_its_name_and_page(council: World) -> None:
    council.show("city", notice())
    council.step(minutes=12)
    assert council.kinds() == ["alert"]
    assert "text, page 3 of Paper 1: Two **officers** went to **ICE**." in council.sent[0].message.text
    (quote,) = council.sent[0].message.data["data"]["rules"][0]["quotes"]
    assert (quote["document"], quote["page"]) == ("Paper 1", 3)


def test_a_page_and_its_papers_are_one_item_and_asked_for_once(council: World) -> None:
    council.show("city", notice())
    for _ in range(3):
        council.step(minutes=12)
    assert council.pages.asked == [NOTICE, AGENDA, MINUTES]
    assert council.kinds() == ["alert"]


def test_papers_are_left_alone_where_the_source_does_not_ask_for_them(council: World) -> None:
    council.files["sources.yaml"] = ATTACHING.replace("attached", "page")
    council.go_live(council.load())
    council.show("city", notice())
    council.step(minutes=12)
    assert council.pages.asked == [NOTICE]


def row(*papers: str, **changes: Any) -> Entry:
    """A row of a listing whose links are papers; its own link is the first."""
    attached = tuple(Attached(url=url, name=url.rsplit("/", 1)[-1]) for url in papers)
    return notice(link=papers[0], attached=attached, **changes)


def test_the_papers_in_the_row_of_a_listing_are_read_as_one_item(council: World) -> None:
    council.show("city", row(MINUTES, AGENDA))
    for _ in range(3):
        council.step(minutes=12)
    assert council.pages.asked == [MINUTES, AGENDA]
    assert council.kinds() == ["alert"]
    assert "text, page 3 of agenda.pdf: Two **officers** went to **ICE**." in council.sent[0].message.text


def test_papers_of_a_row_are_read_beside_those_of_the_page_behind_it_and_each_once(council: World) -> None:
    council.show("city", notice(attached=(Attached(url=MINUTES, name="Minutes"),)))
    council.step(minutes=12)
    assert council.pages.asked == [NOTICE, MINUTES, AGENDA]
    assert "page 3 of Paper 1" in council.sent[0].message.text


def test_a_paper_that_appears_in_a_row_is_told(council: World) -> None:
    council.show("city", row(MINUTES))
    council.step(minutes=12)
    assert council.kinds() == []
    council.show("city", row(MINUTES, AGENDA))
    council.step(minutes=12)
    assert council.kinds() == ["alert"]
    assert "Event: edited" in council.sent[0].message.text


def test_a_paper_of_a_row_that_changes_silently_is_told(council: World) -> None:
    council.show("city", row(MINUTES, AGENDA))
    council.step(minutes=12)
    council.pages.texts[AGENDA] = PdfText(pages=("Call to order.",), total=1)
    council.step(minutes=61)
    assert council.pages.asked == [MINUTES, AGENDA] * 2
    assert council.kinds() == ["alert", "withdrawn"]


def test_a_paper_that_cannot_be_had_again_withdraws_nothing(council: World) -> None:
    council.show("city", notice())
    council.step(minutes=12)
    council.pages.texts[AGENDA] = FetchError(Reason.TIMEOUT, "no answer")
    council.step(minutes=61)
    assert council.pages.asked == [NOTICE, AGENDA, MINUTES] * 2
    assert council.kinds() == ["alert"]
    council.pages.texts[AGENDA] = PdfText(pages=("Nothing to report.",), total=1)
    council.step(minutes=6 * 60)
    assert council.kinds() == ["alert", "withdrawn"], "now it says something else"


def test_of_papers_that_are_called_the_same_each_says_what_it_said(council: World) -> None:
    first, second = (Attached(url=url, name="PDF") for url in (MINUTES, AGENDA))
    council.show("city", notice(attached=(first, second)))
    council.step(minutes=12)
    council.pages.texts[MINUTES] = PdfText(total=1, problem="text could not be read: it is encrypted")
    council.pages.texts[AGENDA] = FetchError(Reason.CONNECTION, "no answer")
    before = item(council).page
    council.step(minutes=61)
    assert item(council).page == before
    assert council.kinds() == ["alert"]


def test_a_paper_that_was_taken_down_says_nothing_any_more(council: World) -> None:
    council.show("city", notice())
    council.step(minutes=12)
    council.pages.texts[AGENDA] = FetchError(Reason.GONE, "410 Gone")
    council.step(minutes=61)
    assert council.kinds() == ["alert", "withdrawn"]


def test_papers_of_rows_that_wait_their_turn_are_read_with_them(council: World) -> None:
    for number in range(MAX_PAGES):
        council.pages.texts[f"{MINUTES}?{number}"] = PdfText(pages=("Nobody spoke.",), total=1)
    rows = [row(f"{MINUTES}?{number}", title=f"Meeting {number}", guid=f"{number}") for number in range(MAX_PAGES)]
    council.show("city", *rows, row(MINUTES, AGENDA, title="The last", guid="last"))
    council.clock.advance(minutes=12)
    council.pipeline.tick()
    assert AGENDA not in council.pages.asked
    for _ in range(3):
        council.step(seconds=2)
    assert council.pages.asked[-2:] == [MINUTES, AGENDA]
    assert "page 3 of agenda.pdf" in council.sent[-1].message.text


def test_each_paper_is_kept_as_evidence_with_its_own_text(council: World) -> None:
    council.show("city", notice())
    council.step(minutes=12)
    with council.database.read() as connection:
        alert, kept = alerts.get(connection, 1), evidence.whole(connection, 1)
    assert alert is not None
    assert [(each.what, each.url) for each in kept] == [
        ("article", NOTICE), ("attached", AGENDA), ("attached", MINUTES),
    ]  # fmt: skip
    assert [each.text for each in kept][1:] == [
        "Call to order.\fRoll call.\fTwo officers went to ICE.",
        "Nobody spoke.",
    ]
    assert "[page 3]\n\nTwo officers" in warc.in_words(alert, kept)


def test_a_paper_that_cannot_be_read_is_said_and_costs_no_other(council: World) -> None:
    council.pages.say(NOTICE, "The commission meets.", attached=[MINUTES, "https://city.example.org/lost.pdf", AGENDA])
    council.pages.texts[MINUTES] = PdfText(total=1, problem="text could not be read: it is encrypted")
    council.show("city", notice())
    council.step(minutes=12)
    assert council.kinds() == ["alert"]
    told = council.sent[0].message.text
    assert "Read: not everything: Paper 1: text could not be read: it is encrypted; Paper 2: address unknown" in told
    assert waiting(council) == 1, "it is asked for again"


def test_a_page_without_text_of_its_own_is_told_by_its_papers(council: World) -> None:
    council.pages.say(NOTICE, "", blocked="no article", attached=[AGENDA])
    council.show("city", notice())
    council.step(minutes=12)
    told = council.sent[0].message.text
    assert "page 3 of Paper 1" in told
    assert "summary only" not in told


def test_a_paper_that_changes_silently_is_told(council: World) -> None:
    council.show("city", notice())
    council.step(minutes=12)
    council.pages.texts[AGENDA] = PdfText(pages=("Call to order.", "Roll call.", "Nothing to report."), total=3)
    council.step(minutes=61)
    assert council.kinds() == ["alert", "withdrawn"]


def test_no_more_papers_are_read_than_a_meeting_has(council: World) -> None:
    council.pages.say(
        NOTICE, "The commission meets.", attached=[f"{AGENDA}?{number}" for number in range(MAX_DOCUMENTS + 3)]
    )
    for number in range(MAX_DOCUMENTS):
        council.pages.texts[f"{AGENDA}?{number}"] = PdfText(pages=(f"Officers, ICE, {number}.",), total=1)
    council.show("city", notice())
    council.step(minutes=12)
    assert len(council.pages.asked) == 1 + MAX_DOCUMENTS
    assert f"Paper {MAX_DOCUMENTS + 1}: it is too much, with 2 more" in council.sent[0].message.text


def test_no_more_text_is_put_together_than_can_be_matched(council: World) -> None:
    council.pipeline.page_reader.max_text_chars = 30
    council.show("city", notice())
    council.step(minutes=12)
    assert council.pages.asked == [NOTICE, AGENDA]
    assert "Read: not everything: Paper 2: it is too much, with 0 more" in council.sent[0].message.text


def test_real_papers_are_read_in_reading_processes(httpserver: HTTPServer, clock: StandingClock) -> None:
    links = "<a href=/agenda.pdf>Agenda</a> <a href=/secret.pdf>Secret</a> <a href=/page.pdf>Page</a>"
    page = f"<!DOCTYPE html><title>t</title><article><p>{HITS}</p>{links}</article>"
    httpserver.expect_request("/1").respond_with_data(page, content_type="text/html")
    agenda = pdf(["Call to order"], ["Two officers went to ICE"])
    httpserver.expect_request("/agenda.pdf").respond_with_data(agenda, content_type="application/pdf")
    httpserver.expect_request("/secret.pdf").respond_with_data(ENCRYPTED, content_type="application/pdf")
    httpserver.expect_request("/page.pdf").respond_with_data(page, content_type="application/pdf")
    web = Web(user_agent="test", clock=clock, allow_private=["127.0.0.1"], spacing=timedelta(0))
    reader = Reader(1)
    try:
        read = PageReader(web, reader).visit(httpserver.url_for("/1"), TextFrom.ATTACHED)
    finally:
        reader.close()
        web.close()
    first, agenda_text, page_text = read.text.split(f"{PAGE_BORDER}{DOCUMENT_START}")
    assert first.startswith(HITS.strip())
    assert agenda_text == "Agenda\n\nCall to order\fTwo officers went to ICE"
    assert page_text == f"Page\n\n{first}"
    assert read.missing == "Secret: text could not be read: it is encrypted"


# ------------------------------------------------------------------------------------------------ what goes wrong


def test_without_its_page_an_item_goes_on_with_its_summary_and_the_alert_says_so(world: World) -> None:
    world.pages.texts[LINK] = FetchError(Reason.BLOCKED, "403 Forbidden")
    world.show("paper", summary(summary="They went to ICE."))
    world.step(minutes=12)
    assert world.kinds() == ["alert"]
    assert "Read: summary only" in world.sent[0].message.text
    assert world.source("paper").state is PollState.OK, "the source itself was read"


@pytest.mark.parametrize(
    "problem", ["it is encrypted", "no PDF but an empty document", "takes more than 30 s to read", "only pictures"]
)
def test_a_paper_whose_text_cannot_be_read_is_an_item_with_an_alert_all_the_same(world: World, problem: str) -> None:
    world.pages.texts[LINK] = PdfText(problem=f"text could not be read: {problem}")
    world.show("paper", summary(summary="They went to ICE."))
    world.step(minutes=12)
    assert world.kinds() == ["alert"]
    assert (
        f"Read: summary only, the full text could not be read (text could not be read: {problem})"
        in world.sent[0].message.text
    )


def test_the_beginning_of_a_paid_article_is_matched_and_said_to_be_no_more(world: World) -> None:
    world.pages.say(LINK, HITS, blocked="a paywall")
    world.show("paper", summary())
    world.step(minutes=12)
    assert world.kinds() == ["alert"]
    assert "Read: summary only" in world.sent[0].message.text


def test_a_page_that_fails_is_asked_for_again_later(world: World) -> None:
    world.pages.texts[LINK] = FetchError(Reason.TIMEOUT, "no answer")
    world.show("paper", summary())
    world.step(minutes=12)
    assert world.kinds() == []
    world.pages.say(LINK, HITS)
    world.step(minutes=61)
    assert world.kinds() == ["alert"]
    assert "Event: new" in world.sent[0].message.text, "nothing was edited: the page was not there to be read"


def test_an_edit_whose_page_cannot_be_had_withdraws_nothing(world: World) -> None:
    world.pages.say(LINK, HITS)
    world.show("paper", summary())
    world.step(minutes=12)
    world.pages.texts[LINK] = FetchError(Reason.TIMEOUT, "no answer")
    world.show("paper", summary(summary="The union speaks again."))
    world.step(minutes=12)
    assert world.kinds() == ["alert"]
    assert item(world).page == HITS


def test_a_stop_in_the_middle_of_a_page_leaves_the_poll_to_the_next_start(world: World) -> None:
    world.pages.texts[LINK] = FetchError(Reason.INTERRUPTED, "shutting down")
    world.show("paper", summary())
    world.step(minutes=12)
    with world.database.read() as connection:
        assert items.count(connection) == 0
    world.pages.say(LINK, HITS)
    world.step(minutes=12)
    assert world.kinds() == ["alert"]


def test_a_fault_of_the_reader_costs_a_page_its_text_and_no_item(world: World) -> None:
    world.pages.texts[LINK] = FetchError(Reason.HOSTILE, "takes more than 10 s to read")
    world.show("paper", summary(summary="They went to ICE."))
    world.step(minutes=12)
    assert world.kinds() == ["alert"]


# ------------------------------------------------------------------------------------------------ how many


def test_pages_beyond_those_of_one_poll_are_read_right_after_it_and_none_is_missed(world: World) -> None:
    world.show("paper", *(story(number) for number in range(100, 200)))
    world.step(minutes=12)
    world.step(minutes=12)
    world.channels["desk"].sent.clear()
    entries = [summary(number, title=f"Officers leave, part {number}") for number in range(MAX_PAGES + 5)]
    for entry in entries:
        world.pages.say(entry.link, f"Number {entry.guid}. {HITS}")
    world.show("paper", *entries, *(story(number) for number in range(100, 200)))
    world.clock.advance(minutes=12)
    world.pipeline.tick()
    assert len(world.pages.asked) == MAX_PAGES
    for _ in range(10):
        world.step(seconds=2)
    assert sorted(world.pages.asked) == sorted(entry.link for entry in entries)
    assert {item(world, row).page is not None for row in range(101, 101 + MAX_PAGES + 5)} == {True}


def test_a_site_that_gives_no_pages_is_left_alone_for_this_poll(world: World) -> None:
    world.show("paper", *(summary(number, title=f"Officers leave, part {number}") for number in range(9)))
    world.clock.advance(minutes=12)
    world.pipeline.tick()
    assert len(world.pages.asked) == MAX_FAILURES


def test_the_first_poll_reads_pages_for_its_digest_and_plans_none_that_matched_nothing(
    database: Database, clock: StandingClock
) -> None:
    world = World(database, clock)
    world.pages.say(LINK, HITS)
    world.show(
        "paper", summary(), *(summary(number, title=f"Officers meet {number}") for number in range(MAX_PAGES + 5))
    )
    world.step()
    assert world.kinds() == ["digest"]
    assert "would have alerted 1 time" in world.sent[0].message.text
    assert waiting(world) == 1


# ------------------------------------------------------------------------------------------------ read again


@pytest.fixture
def alerted(world: World) -> World:
    """An alert that rests on what a page says."""
    world.pages.say(LINK, HITS)
    world.show("paper", summary())
    world.step(minutes=12)
    world.channels["desk"].sent.clear()
    world.pages.asked.clear()
    return world


def test_the_page_of_an_alert_is_read_again_five_times_in_a_month_and_then_no_more(alerted: World) -> None:
    counts = []
    for hours in (1.1, 5, 18, 6 * 24, 23 * 24, 60 * 24):
        alerted.step(hours=hours)
        counts.append(len(alerted.pages.asked))
    assert counts == [1, 2, 3, 4, 5, 5]
    assert waiting(alerted) == 0
    assert alerted.kinds() == []


def test_readings_that_were_slept_through_are_not_made_up_for(alerted: World) -> None:
    alerted.step(days=8)
    alerted.step(minutes=1)
    assert len(alerted.pages.asked) == 1
    assert waiting(alerted) == 1


def test_a_silent_correction_is_told_with_the_sentences_that_changed(alerted: World) -> None:
    alerted.pages.say(LINK, f"{HITS}Vacancies remain.")
    alerted.step(minutes=61)
    assert alerted.kinds() == ["update"]
    text = alerted.sent[0].message.text
    assert "now: Vacancies remain." in text
    assert "Event: edited" in text


def test_a_page_that_no_longer_says_it_withdraws_the_alert(alerted: World) -> None:
    alerted.pages.say(LINK, SAYS_LITTLE)
    alerted.step(minutes=61)
    assert alerted.kinds() == ["withdrawn"]
    assert "was: The union said that two officers had been sworn in by ICE." in alerted.sent[0].message.text
    assert alerted.kinds() == ["withdrawn"]


def test_a_page_that_says_the_same_is_not_stored_again(alerted: World) -> None:
    before = item(alerted).revision_id
    alerted.step(minutes=61)
    assert item(alerted).revision_id == before


def test_an_edit_of_the_page_is_none_of_the_feed(alerted: World) -> None:
    alerted.pages.say(LINK, f"{HITS}More.")
    alerted.step(minutes=61)
    alerted.pages.asked.clear()
    alerted.show("paper", summary(), story(7))
    alerted.step(minutes=12)
    assert alerted.pages.asked == []
    assert alerted.kinds() == []


def test_a_page_that_is_gone_is_told_in_careful_words_and_asked_for_no_more(alerted: World) -> None:
    alerted.pages.texts[LINK] = FetchError(Reason.HTTP_STATUS, "404 Not Found", status=404)
    alerted.step(minutes=61)
    assert alerted.kinds() == ["update"]
    assert "present until 2026-01-20 12:12 UTC, absent on 2026-01-20 13:13 UTC" in alerted.sent[0].message.text
    assert waiting(alerted) == 0


@pytest.mark.parametrize("fault", [FetchError(Reason.HTTP_STATUS, "500 Server Error"), Article(blocked="a wall")])
def test_a_page_that_cannot_be_read_for_once_says_nothing(alerted: World, fault: FetchError | Article) -> None:
    alerted.pages.texts[LINK] = fault
    alerted.step(minutes=61)
    assert alerted.kinds() == []
    assert item(alerted).page == HITS
    assert waiting(alerted) == 1


def test_an_edit_that_comes_while_the_page_is_on_its_way_is_not_undone_by_it(alerted: World) -> None:
    edited = summary(summary="The union takes it back.", text=SAYS_LITTLE * 2)

    def meanwhile() -> None:
        alerted.pages.meanwhile = lambda: None
        alerted.show("paper", edited)
        alerted.pipeline.tick()  # settles the polls that found nothing new
        alerted.clock.advance(seconds=2)  # until its host has rested
        with alerted.database.write() as connection:
            sources.poll_now(connection, now=alerted.clock())
        alerted.pipeline.tick()

    alerted.pages.say(LINK, f"{HITS}Vacancies remain.")
    alerted.pages.meanwhile = meanwhile
    alerted.step(minutes=61)
    assert item(alerted).summary == edited.summary


def test_a_page_whose_source_left_the_rules_is_read_no_more(alerted: World) -> None:
    alerted.files["sources.yaml"] = "\n".join(line for line in SOURCES.splitlines() if "paper" not in line) + "\n"
    alerted.go_live(alerted.load())
    alerted.step(minutes=61)
    assert alerted.pages.asked == []
    assert waiting(alerted) == 0


def test_a_fault_of_ours_in_a_rereading_is_settled_and_does_not_come_up_for_ever(alerted: World) -> None:
    alerted.pages.texts[LINK] = KeyError("a bug")  # type: ignore[assignment]
    alerted.step(minutes=61)
    with alerted.database.read() as connection:
        unsettled = connection.execute(select(page.c.unsettled)).scalar_one()
    assert unsettled == 0

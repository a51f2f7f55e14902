"""People answer: what is logged, what counts, of what they are reminded, and what it says of the rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from conftest import StandingClock
from hypothesis import given
from hypothesis import strategies as st
from world import CLAIM, FakeOptions, World, story, transfer

from storage import answers
from storage.answers import Answer
from storage.database import Database
from watcher.authoring import proposals
from watcher.jobs.reminders import Answered, is_due, remind, take
from watcher.model import AlertState, Claim, ConfigError, Entry
from watcher.reports import rules, status
from watcher.rulebook import load

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)


@pytest.fixture
def world(database: Database, clock: StandingClock) -> World:
    """An urgent alert went out; the claim allows four hours."""
    made = World(database, clock)
    made.fetcher.gives_evidence = True
    made.files["claims/ice.yaml"] = f"{CLAIM}alert: {{remind_after: 4h}}\n"
    made.go_live(made.load())
    made.step()
    made.show("paper", transfer(50))
    made.step(minutes=12)
    assert made.kinds() == ["digest", "alert"]
    made.channels["desk"].sent.clear()
    return made


def answer(world: World, state: str, *, alert: int = 1, note: str = "") -> Answered:
    return take(world.database, world.clock, alert_id=alert, state=state, note=note)


def state(world: World) -> str:
    return world.alerts()[0].state


def reminded(world: World, **later: float) -> int:
    world.clock.advance(**later)
    return remind(world.database, world.clock, world.recipients, world.pipeline.live.rulebook)


# ------------------------------------------------------------------------------------------------ answering


def test_every_answer_is_logged_and_the_last_one_counts(world: World) -> None:
    assert answer(world, "checking", note="calling the city").was == "open"
    assert answer(world, "no-change").was == "checking"
    assert state(world) == "no-change"
    with world.database.read() as connection:
        logged = answers.of_alert(connection, 1)
    assert [(each.state, each.note) for each in logged] == [("checking", "calling the city"), ("no-change", "")]


def test_answering_again_is_the_way_back(world: World) -> None:
    answer(world, "bad-match")
    answer(world, "open")
    assert state(world) == "open"


@pytest.mark.parametrize("word", ["", "perhaps", "OPEN", "open "])
def test_what_is_no_answer_changes_nothing(word: str, world: World) -> None:
    with pytest.raises(ConfigError, match="answers are: open, checking, no-change, verdict-updated, bad-match"):
        answer(world, word)
    assert state(world) == "open"


def test_an_alert_that_is_not_there_takes_no_answer(world: World) -> None:
    with pytest.raises(ConfigError, match="there is no alert 7"):
        answer(world, "checking", alert=7)


def test_an_alert_shows_its_answers(world: World) -> None:
    answer(world, "checking", note="calling the city")
    with world.database.read() as connection:
        shown = status.alert_detail(connection, 1)
    assert shown is not None
    assert shown.answers == [Answer(at=world.clock(), state="checking", note="calling the city")]


# ------------------------------------------------------------------------------------------------ reminding


def test_an_urgent_alert_that_nobody_answers_is_told_again_once(world: World) -> None:
    assert reminded(world, hours=3, minutes=59) == 0
    assert reminded(world, minutes=1) == 1
    assert reminded(world, days=3) == 0
    world.step()
    (message,) = [envelope.message for envelope in world.sent]
    assert str(message.kind) == "update"
    assert "Update to alert 1: unanswered for 4 h" in message.text
    assert "50 **officers** left for **ICE**" in message.text
    assert message.data["data"]["news"] == ["unanswered for 4 h"]
    assert "fake as fetched 2026-01-20 12:" in message.text


def test_a_reminder_is_in_the_thread_of_its_alert(world: World) -> None:
    reminded(world, hours=4)
    world.step()
    assert world.sent[0].thread == "alert-1"
    with world.database.read() as connection:
        shown = status.alert_detail(connection, 1)
    assert shown is not None
    assert [delivery.kind for delivery in shown.deliveries] == ["alert", "update"]


@pytest.mark.parametrize("word", [each.value for each in AlertState if each is not AlertState.OPEN])
def test_of_an_answered_alert_nobody_is_reminded(word: str, world: World) -> None:
    answer(world, word)
    assert reminded(world, days=3) == 0


def test_an_answer_that_was_taken_back_gives_the_time_again(world: World) -> None:
    answer(world, "checking")
    world.clock.advance(hours=20)
    answer(world, "open")
    assert reminded(world, hours=3) == 0
    assert reminded(world, hours=1) == 1


def test_of_a_withdrawn_alert_nobody_is_reminded(world: World) -> None:
    world.show("paper", transfer(50, title="50 officers left for another job"))
    world.step(minutes=12)
    assert reminded(world, days=3) == 0


def test_a_claim_that_sets_no_time_has_no_reminders(world: World) -> None:
    world.files["claims/ice.yaml"] = CLAIM
    world.go_live(world.load())
    assert reminded(world, days=3) == 0


def test_of_a_claim_that_is_watched_no_more_nobody_is_reminded(world: World) -> None:
    world.files["claims/ice.yaml"] = world.files["claims/ice.yaml"].replace("id: officers-to-ice", "id: other")
    world.go_live(world.load())
    assert reminded(world, days=3) == 0


def test_an_alert_that_is_not_urgent_is_not_told_again(database: Database, clock: StandingClock) -> None:
    world = World(database, clock)
    world.files["claims/ice.yaml"] = f"{CLAIM}alert: {{remind_after: 4h}}\n".replace("urgent", "normal")
    world.go_live(world.load())
    world.step()
    world.show("paper", transfer(50))
    world.step(minutes=12)
    assert len(world.alerts()) == 1
    assert reminded(world, days=3) == 0


def test_a_reminder_and_its_mark_are_written_together_or_not_at_all(world: World) -> None:
    def broken(claim: Claim) -> list[tuple[str, str]]:
        raise ZeroDivisionError

    world.clock.advance(hours=4)
    with pytest.raises(ZeroDivisionError):
        remind(world.database, world.clock, broken, world.pipeline.live.rulebook)
    assert reminded(world) == 1


def test_an_answer_that_comes_in_between_is_heard(world: World) -> None:
    world.clock.advance(hours=4)
    with world.database.read() as connection:
        (waiting,) = answers.unreminded(connection)
    answer(world, "checking")
    with world.database.write() as connection:
        assert not answers.mark_reminded(connection, waiting.id, at=world.clock())


@given(st.timedeltas(timedelta(0), timedelta(days=9)), st.none() | st.timedeltas(timedelta(0), timedelta(days=9)))
def test_it_is_due_only_when_told_and_answered_are_both_long_enough_ago(
    told: timedelta, answered: timedelta | None
) -> None:
    claim = Claim(id="c", claim_reviewed="c", rating="r", rules=(), remind_after=timedelta(hours=4))
    due = is_due(claim, NOON - told, None if answered is None else NOON - answered, NOON)
    assert due == (min(told, told if answered is None else answered) >= timedelta(hours=4))


# ------------------------------------------------------------------------------------------------ the rules' record


def test_answers_make_a_rules_record(world: World) -> None:
    world.show(
        "paper", *(transfer(number) for number in range(50, 54)), story(60, title="Officers slip in an ICE storm")
    )
    world.step(minutes=12)
    for alert, word in ((1, "verdict-updated"), (2, "no-change"), (3, "bad-match"), (4, "checking")):
        answer(world, word, alert=alert)
    with world.database.read() as connection:
        record, unused = rules.rule_list(connection, world.pipeline.live.rulebook, now=world.clock())
    assert (record["claim"], record["rule"]) == ("officers-to-ice", "transfer")
    assert (record["hits"], record["suppressed"], record["alerts"], record["answered"]) == (4, 1, 4, 3)
    assert record["precision"] == pytest.approx(2 / 3)
    assert (unused["rule"], unused["hits"], unused["precision"]) == ("vacancies", 0, None)


def test_a_rules_record_is_told_month_by_month(world: World) -> None:
    answer(world, "bad-match")
    world.show("paper", transfer(50), transfer(51))
    world.step(days=100)
    answer(world, "no-change", alert=2)
    with world.database.read() as connection:
        record, _ = rules.rule_list(connection, world.pipeline.live.rulebook, now=world.clock())
    assert {month: each["precision"] for month, each in record["months"].items()} == {"2026-01": 0.0, "2026-04": 1.0}
    assert record["last_90_days"] == {"alerts": 1, "answered": 1, "precision": 1.0}


def test_what_was_already_there_is_no_hit_of_the_record(database: Database, clock: StandingClock) -> None:
    world = World(database, clock)
    world.show("paper", transfer(50))
    world.step()
    with database.read() as connection:
        record, _ = rules.rule_list(connection, world.pipeline.live.rulebook, now=clock())
    assert record["hits"] == 0


# ------------------------------------------------------------------------------------------------ tests to add


def pasted(world: World, proposal: proposals.Proposal, claim: str = "") -> None:
    """Load the rule files with the test in them. Raises RulebookError when it does not pass."""
    text = (claim or world.files[proposal.file]).rstrip("\n")
    load(world.files | {proposal.file: f"{text}\n{proposal.text}\n"}, {"fake": FakeOptions}, world.channels.keys())


AWKWARD = [
    transfer(50),
    transfer(50, title='He said: "50 officers # left" for ICE\u202e, \ufeff\x07it is {true}'),
    story(1, title="Nothing here", summary="", text="Long ago. An officer was hired by ICE.\n\nMore of it. And more."),
    story(1, title="", summary="", text="first\fofficer ICE"),
    story(1, title="@officer", summary="- a\n- b: ICE", author="Me: #1", tags=("a b", "", "'"), link="nonsense"),
    story(1, title="OFFICERS LEFT FOR ICE", text="the ice was black"),
]


@pytest.mark.parametrize("entry", AWKWARD, ids=range(len(AWKWARD)))
@pytest.mark.parametrize("tests", ["", "tests:\n  - {title: x, expect: []}\n", "tests:\n- {title: x, expect: []}\n"])
def test_a_test_that_expects_what_hits_passes_when_pasted(tests: str, entry: Entry, world: World) -> None:
    world.files["claims/ice.yaml"] += tests
    world.go_live(world.load())
    for source in ("paper", "gone"):
        pasted(world, proposals.propose(world.pipeline.live.rulebook, "officers-to-ice", entry, source))


def test_a_test_against_a_bad_match_fails_until_the_rule_is_mended(world: World) -> None:
    answer(world, "bad-match")
    with world.database.read() as connection:
        test = rules.test_against(connection, world.pipeline.live.rulebook, 1)
    assert test is not None
    proposal = proposals.Proposal(**test)
    with pytest.raises(ConfigError, match="does not expect transfer, but it hits"):
        pasted(world, proposal)
    mended = world.files["claims/ice.yaml"].replace("officer* and ICE", "officer* and ICE and badge")
    pasted(world, proposal, mended)


def test_a_test_holds_no_more_of_an_item_than_shows_the_match(world: World) -> None:
    entry = story(1, title="Weather", summary="Warm.", text="One. Two. Officers joined ICE there. Three. Four.")
    proposal = proposals.propose(world.pipeline.live.rulebook, "officers-to-ice", entry, "paper", ())
    assert proposal.text == (
        'tests:\n  - title: "Weather"\n    text: "Officers joined ICE there."\n    source: "paper"\n    expect: []'
    )


def test_a_rule_that_does_not_listen_to_the_source_is_not_expected_to_hit(world: World) -> None:
    world.files["claims/ice.yaml"] = CLAIM.replace("    priority: urgent\n", "    sources: [official]\n")
    world.go_live(world.load())
    for source, expected in (("paper", ()), ("city", ("transfer",)), ("gone", ("transfer",))):
        proposal = proposals.propose(world.pipeline.live.rulebook, "officers-to-ice", transfer(50), source)
        assert proposal.expect == expected
        pasted(world, proposal)


def test_a_rule_that_hits_only_parts_of_a_text_is_not_fooled_by_them(world: World) -> None:
    world.files["claims/ice.yaml"] = CLAIM.replace("officer* and ICE", "officer* and ICE and not hockey")
    book = world.load()
    entry = story(1, title="Officers at ICE", summary="", text="They play hockey.")
    proposal = proposals.propose(book, "officers-to-ice", entry, "paper")
    assert proposal.expect == ()
    assert "hockey" in proposal.text


# ------------------------------------------------------------------------------------------------ near misses


def test_near_misses_are_listed_with_a_test_that_passes(world: World) -> None:
    world.show(
        "paper", transfer(50), story(3, title="Minneapolis police quit to join a hockey club", summary="It is so.")
    )
    world.step(minutes=12)
    with world.database.read() as connection:
        (missed,) = rules.near_misses(connection, world.pipeline.live.rulebook, ["officers-to-ice"], limit=9)
    assert missed["title"].endswith("hockey club")
    assert missed["topic"] > 0.5
    assert missed["test"]["expect"] == ()
    pasted(world, proposals.Proposal(**missed["test"]))


def test_a_near_miss_that_a_rule_hits_by_now_is_a_test_of_that_rule(world: World) -> None:
    world.show("paper", story(3, title="Minneapolis police quit to join a hockey club", summary="It is so."))
    world.step(minutes=12)
    world.files["claims/ice.yaml"] = world.files["claims/ice.yaml"].replace("officer* and ICE", "police")
    book = world.load()
    with world.database.read() as connection:
        (missed,) = rules.near_misses(connection, book, ["officers-to-ice"], limit=9)
    assert missed["test"]["expect"] == ("transfer",)
    pasted(world, proposals.Proposal(**missed["test"]))

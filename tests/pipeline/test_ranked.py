"""Rules that rank by examples: told at once, in the lines of a day, or listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta

import pytest
from conftest import StandingClock
from world import SOURCES, World, story

from storage import housekeeping, items, rankings, trainings
from storage.database import Database
from storage.rankings import NewRanking, StoredRanking
from watcher.jobs.housekeeping import forget
from watcher.jobs.reminders import take
from watcher.jobs.second_opinions import SecondOpinions
from watcher.model import Entry, MessageKind, Priority
from watcher.pipeline.learning import Taught, Teacher
from watcher.pipeline.storing import MAX_AT_ONCE
from watcher.rulebook.claims import RuleKey
from watcher.second_reader.answer import Confidence, Opinion, Says
from watcher.second_reader.prompt import AskedItem

CLAIM = """\
watch: 1
id: ferry
claim: {claimReviewed: No passenger was ever killed on a Skerry Line ferry, rating: Correct}
about:
  place: [Stromness, Scrabster, Hoy]
  who: [Skerry Line, Marwick Maid, Hellya]
  what: [passenger, drown*, overboard, fatal, died]
rules:
  died:
    asks: Did a passenger die on one of the line's boats?
    bearing: against-verdict
    PRIORITY
    like:
      - A passenger has died after falling on the car deck of the Marwick Maid.
      - Investigators opened an inquiry into the death of a foot passenger on a Skerry Line ferry.
      - An archive entry shows that a traveller drowned while boarding the line's boat in 1979.
      - The body of the woman who went overboard from the Hellya was found off Hoy.
      - The company admitted that a customer was fatally crushed by a lorry during unloading.
    unlike:
      - A deckhand of the Hellya was killed by a parting mooring rope in 1996.
      - A passenger was airlifted with a broken leg and is recovering.
      - A passenger was killed on a ferry in the Philippines.
      - Skerry Line sailings are cancelled because of gale-force winds.
      - A drill simulated the loss of a passenger overboard.
    lines: 3
    ALWAYS
"""


def claim(*, priority: str = "", always: str = "") -> str:
    return CLAIM.replace("PRIORITY", f"priority: {priority}" if priority else "").replace(
        "ALWAYS", f"always: '{always}'" if always else ""
    )


def died(number: int = 50, **changes: object) -> Entry:
    """An entry that is told at once."""
    said = "A passenger of the Skerry Line ferry Marwick Maid died after a fall on the car deck, police at Hoy said."
    entry = {"title": f"Passenger killed on Skerry Line ferry ({number})", "summary": said}
    return story(number, **entry | changes)


def likely(number: int = 60, **changes: object) -> Entry:
    """An entry that competes for a line: of the subject, and unlike the examples."""
    said = f"Sailings to Scrabster change in week {number}."
    return story(number, **{"title": f"Skerry Line has timetable {number}", "summary": said} | changes)


def world(database: Database, clock: StandingClock, text: str) -> World:
    made = World(database, clock, files={"sources.yaml": SOURCES, "claims/ferry.yaml": text})
    made.show("city", story(1))
    made.show("paper", story(2))
    made.step()
    made.channels["desk"].sent.clear()
    return made


@pytest.fixture
def ferry(database: Database, clock: StandingClock) -> World:
    return world(database, clock, claim())


def show(ferry: World, source: str, *entries: Entry) -> None:
    """Show entries among others, so that they are no flood."""
    ferry.show(source, *entries, *(story(number) for number in range(100, 100 + 2 * len(entries))))
    ferry.step(minutes=11)


def daily(ferry: World) -> None:
    ferry.clock.advance(hours=24)
    ferry.digests.daily(ferry.pipeline.live)
    ferry.step()


def test_what_ranks_high_is_told_at_once_with_the_example_it_is_like(ferry: World) -> None:
    show(ferry, "paper", died())
    (envelope,) = ferry.sent
    assert envelope.message.kind is MessageKind.ALERT
    assert "Like: A passenger has died after falling on the car deck of the Marwick Maid." in envelope.message.text
    assert "Says: asserts it\nKnown from: a person or body that answers for it by name" in envelope.message.text
    (alert,) = ferry.alerts()
    assert (alert.attention, alert.rules, alert.priority) == ("now", ["died"], "normal")


@pytest.mark.parametrize(("source", "priority"), [("city", Priority.URGENT), ("paper", Priority.NORMAL)])
def test_what_ranks_high_is_urgent_only_from_an_official_source(
    database: Database, clock: StandingClock, source: str, priority: Priority
) -> None:
    ferry = world(database, clock, claim(priority="urgent"))
    show(ferry, source, died())
    (envelope,) = ferry.sent
    assert envelope.message.subject.startswith(f"[{priority}]")


def test_with_the_priority_digest_nothing_is_told_at_once_and_the_best_is_a_line(
    database: Database, clock: StandingClock
) -> None:
    ferry = world(database, clock, claim(priority="digest"))
    show(ferry, "paper", died())
    assert ferry.sent == []
    daily(ferry)
    (envelope,) = ferry.sent
    assert envelope.message.kind is MessageKind.DIGEST
    assert "Passenger killed" in envelope.message.text


def test_what_a_condition_always_tells_is_told_however_it_ranks(database: Database, clock: StandingClock) -> None:
    ferry = world(database, clock, claim(always="tortoise"))
    show(ferry, "paper", story(70, title="A tortoise crossed"))
    (alert,) = ferry.alerts()
    assert (alert.attention, ferry.kinds()) == ("now", ["alert"])


def test_what_suppresses_the_condition_leaves_what_ranks_high(database: Database, clock: StandingClock) -> None:
    ferry = world(database, clock, claim(always='"car deck"') + "unless: {fall: fall}\n")
    show(ferry, "paper", died(), story(70, title="A fall on a car deck in Leith"))
    (alert,) = ferry.alerts()
    assert (alert.attention, ferry.kinds()) == ("now", ["alert"])
    assert "Passenger killed" in ferry.sent[0].message.text


def test_the_impact_of_what_ranks_is_explained_by_its_rank_and_not_by_the_words_of_the_claim(ferry: World) -> None:
    show(ferry, "paper", died())
    reasons = ferry.alerts()[0].reasons
    assert reasons[0].endswith("by the examples of its rule")
    assert not any("topic" in reason or "point of the claim" in reason for reason in reasons)


def test_lines_of_several_rules_are_compared_by_how_far_they_are_above_their_floors(ferry: World) -> None:
    show(ferry, "paper", *(likely(number) for number in range(60, 64)))
    with ferry.database.write() as connection:
        (_, *others) = rankings.between(connection, "ferry", ferry.clock() - timedelta(days=1), ferry.clock())
        last = others[-1]
        title = items.get(connection, last.item_id).title
        rankings.put(connection, last.item_id, [replace(new(last), floor=last.floor - 1)], now=ferry.clock())
    daily(ferry)
    first = ferry.sent[0].message.data["data"]["entries"][0]
    assert first["item"]["title"] == title


def new(ranking: StoredRanking) -> NewRanking:
    return NewRanking(**{each.name: getattr(ranking, each.name) for each in fields(NewRanking)})


def test_a_line_that_is_forgotten_is_cut_from_the_digest_with_its_passage(ferry: World) -> None:
    show(ferry, "paper", likely(60), likely(61))
    ferry.clock.advance(hours=24)
    ferry.digests.daily(ferry.pipeline.live)
    with ferry.database.read() as connection:
        wanted = rankings.between(connection, "ferry", ferry.clock() - timedelta(days=2), ferry.clock())[0]
        title = items.get(connection, wanted.item_id).title
    forget(ferry.database, ferry.clock, item=str(wanted.item_id))
    ferry.step()
    (envelope,) = ferry.sent
    assert len(envelope.message.data["data"]["entries"]) == 1
    for text in (title, wanted.passage):
        assert text not in str(envelope.message)


def test_what_ranks_lower_waits_for_the_day_and_only_so_many_get_a_line(ferry: World) -> None:
    show(ferry, "paper", *(likely(number) for number in range(60, 63)))
    show(ferry, "city", *(likely(number) for number in range(70, 73)))
    assert ferry.sent == []
    daily(ferry)
    (envelope,) = ferry.sent
    assert len(envelope.message.data["data"]["entries"]) == 3
    assert "3 more above the floor of ferry, listed by: watcher ranked ferry" in envelope.message.text
    assert [alert.attention for alert in ferry.alerts()] == ["digest"] * 3


def test_what_fell_beyond_the_budget_competes_again_the_next_day_and_no_story_twice(ferry: World) -> None:
    show(ferry, "paper", *(likely(number) for number in range(60, 63)))
    show(ferry, "city", *(likely(number) for number in range(70, 72)))
    daily(ferry)
    daily(ferry)
    first, second = ({entry["item"]["title"] for entry in each.message.data["data"]["entries"]} for each in ferry.sent)
    assert (len(first), len(second), first & second) == (3, 2, set())
    daily(ferry)
    assert len(ferry.sent) == 2


def test_what_competed_for_a_week_competes_no_more(ferry: World) -> None:
    show(ferry, "paper", likely())
    ferry.clock.advance(hours=24 * 8)
    assert ferry.digests.daily(ferry.pipeline.live) == 0


def test_claims_of_one_desk_get_one_digest(database: Database, clock: StandingClock) -> None:
    other = claim().replace("id: ferry", "id: boats")
    ferry = World(
        database, clock, files={"sources.yaml": SOURCES, "claims/ferry.yaml": claim(), "claims/boats.yaml": other}
    )
    ferry.show("city", story(1))
    ferry.show("paper", story(2))
    ferry.step()
    ferry.step()
    ferry.channels["desk"].sent.clear()
    show(ferry, "paper", likely())
    daily(ferry)
    (envelope,) = ferry.sent
    assert {each["id"] for each in envelope.message.data["data"]["claims"]} == {"ferry", "boats"}


def test_a_line_whose_item_ranks_high_after_an_edit_is_told_at_once(ferry: World) -> None:
    show(ferry, "paper", likely())
    daily(ferry)
    ferry.channels["desk"].sent.clear()
    show(ferry, "paper", likely(60, summary=died().summary, title=died().title))
    assert [alert.attention for alert in ferry.alerts()] == ["now"]
    assert ferry.kinds() == ["alert"]


def test_an_edit_that_costs_a_little_withdraws_nothing_and_one_that_takes_all_does(ferry: World) -> None:
    show(ferry, "paper", died())
    show(ferry, "paper", likely(50))
    assert ferry.kinds() == ["alert"]
    show(ferry, "paper", story(50, title="Nothing of it", summary="Nothing."))
    assert ferry.kinds() == ["alert", "withdrawn"]


def test_a_flood_tells_the_best_at_once_and_the_others_compete(ferry: World) -> None:
    def distinct(number: int) -> Entry:
        names = " ".join(f"name{number}of{at}" for at in range(20))
        return died(number, summary=f"A passenger has died on the car deck of the Marwick Maid. Seen by {names}.")

    ferry.show("paper", *map(distinct, range(30)))
    ferry.step(minutes=11)
    assert [alert.attention for alert in ferry.alerts()] == ["now"] * MAX_AT_ONCE
    since = ferry.clock() - timedelta(days=1)
    with ferry.database.read() as connection:
        ranked = rankings.between(connection, "ferry", since, ferry.clock())
        waiting = rankings.waiting(connection, "ferry", ["now"], since=since)
    assert (len(ranked), len(waiting)) == (30, 30 - MAX_AT_ONCE)
    daily(ferry)
    assert [alert.attention for alert in ferry.alerts()].count("digest") == 3


def test_what_is_ranked_is_no_near_miss(ferry: World) -> None:
    show(ferry, "paper", likely())
    with ferry.database.read() as connection:
        assert items.near_misses(connection, claim_id="ferry", limit=10) == []


def test_rules_rank_the_same_after_a_restart_and_learn_again_when_the_stream_has_grown(ferry: World) -> None:
    book = ferry.load()
    before = ferry.teacher.taught(book)
    show(ferry, "paper", *(story(number) for number in range(200, 208)))
    assert ferry.teacher.taught(book) == before
    again = ferry.teacher.learn_again(book)
    assert again is not None
    assert again.words.items > before.words.items
    ferry.teacher.keep(again)
    assert ferry.teacher.taught(book) == again
    assert ferry.teacher.learn_again(book) is None
    ferry.clock.advance(hours=24 * 8)
    assert ferry.teacher.learn_again(book) is not None


def test_what_was_learnt_with_other_words_is_dropped_with_them(ferry: World) -> None:
    ferry.files["claims/ferry.yaml"] = claim().replace("id: ferry", "id: boats")
    ferry.clock.advance(hours=24 * 8)
    learnt = ferry.teacher.learn_again(ferry.load())
    assert learnt is not None
    ferry.teacher.keep(learnt)
    with ferry.database.read() as connection:
        assert set(trainings.stored(connection)) == {("boats", "died")}


def test_a_new_rule_ranks_what_was_stored_and_old_items_do_not_compete(
    database: Database, clock: StandingClock
) -> None:
    ferry = World(database, clock)
    ferry.show("city", story(1), died())
    ferry.show("paper", story(2), likely())
    ferry.step()
    ferry.files["claims/ferry.yaml"] = claim()
    ferry.go_live(ferry.load())
    ferry.step()
    (envelope,) = [each for each in ferry.sent if each.message.data["data"]["claim"]["id"] == "ferry"]
    assert "[already there]" in envelope.message.subject
    assert [entry["item"]["title"] for entry in envelope.message.data["data"]["entries"]] == [died().title]
    with ferry.database.read() as connection:
        stored = rankings.between(connection, "ferry", clock() - timedelta(days=1), clock())
    assert {ranked.source for ranked in stored} == {"city", "paper"}


def test_an_answer_is_an_example_until_it_is_taken_back(ferry: World) -> None:
    show(ferry, "paper", died())
    (alert,) = ferry.alerts()
    ferry.teacher.keep(ferry.teacher.learn_again(ferry.load()) or ferry.teacher.taught(ferry.load()))
    before = ferry.teacher.taught(ferry.load())
    take(ferry.database, ferry.clock, alert_id=alert.id, state="bad-match")
    syllabus = ferry.teacher.syllabuses(ferry.load())[RuleKey("ferry", "died")]
    assert [(one.origin, one.positive) for one in syllabus.examples[:1]] == [(f"alert {alert.id}", False)]
    learnt = ferry.teacher.learn_again(ferry.load())
    assert learnt is not None
    assert threshold(learnt) != threshold(before)
    take(ferry.database, ferry.clock, alert_id=alert.id, state="no-change")
    syllabus = ferry.teacher.syllabuses(ferry.load())[RuleKey("ferry", "died")]
    assert [(one.origin, one.positive) for one in syllabus.examples[:1]] == [(f"alert {alert.id}", True)]
    take(ferry.database, ferry.clock, alert_id=alert.id, state="open")
    assert ferry.teacher.taught(ferry.load()) == before


def threshold(taught: Taught) -> float:
    return taught.lessons[RuleKey("ferry", "died")].trained.now_at


def test_what_was_forgotten_teaches_nothing(ferry: World) -> None:
    show(ferry, "paper", died())
    (alert,) = ferry.alerts()
    take(ferry.database, ferry.clock, alert_id=alert.id, state="bad-match")
    assert ferry.teacher.syllabuses(ferry.load()) != ferry.load().syllabuses
    learnt = ferry.teacher.learn_again(ferry.load())
    assert learnt is not None
    ferry.teacher.keep(learnt)
    with ferry.database.write() as connection:
        housekeeping.remove_texts(connection, [alert.item_id])
        assert trainings.stored(connection) == {}
    assert ferry.teacher.syllabuses(ferry.load()) == ferry.load().syllabuses


@dataclass
class Affirming:
    """A second reader that says the same of everything."""

    says: Says
    asked: list[tuple[str, AskedItem]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    """What happens before it answers."""

    def opinion_on(self, question: str, item: AskedItem) -> Opinion:
        self.asked.append((question, item))
        self.meanwhile()
        return Opinion(answer=self.says, quote="it changes in week", confidence=Confidence.HIGH)


def ask(ferry: World, reader: Affirming) -> int:
    made = SecondOpinions(ferry.database, ferry.clock, reader).ask(ferry.pipeline.live)
    ferry.step()
    return made


def test_what_the_second_reader_affirms_is_told_at_once_and_once(ferry: World) -> None:
    show(ferry, "paper", likely(), likely(61))
    reader = Affirming(Says.YES)
    assert ask(ferry, reader) == 2
    ferry.step()
    assert {question for question, _ in reader.asked} == {"Did a passenger die on one of the line's boats?"}
    assert ferry.kinds() == ["alert", "alert"]
    assert "the second reader affirms: it changes in week" in ferry.sent[0].message.text
    assert [(alert.attention, alert.priority) for alert in ferry.alerts()] == [("now", "normal")] * 2
    assert ask(ferry, reader) == 0
    daily(ferry)
    assert ferry.kinds() == ["alert", "alert"]


@pytest.mark.parametrize("says", [Says.NO, Says.UNCLEAR])
def test_what_it_does_not_affirm_goes_on_to_compete(ferry: World, says: Says) -> None:
    show(ferry, "paper", likely())
    assert ask(ferry, Affirming(says)) == 0
    daily(ferry)
    assert ferry.kinds() == ["digest"]


def test_it_is_not_asked_about_rules_that_only_fill_lines(database: Database, clock: StandingClock) -> None:
    ferry = world(database, clock, claim(priority="digest"))
    show(ferry, "paper", likely())
    reader = Affirming(Says.YES)
    assert (ask(ferry, reader), reader.asked) == (0, [])


def test_an_edit_that_takes_all_withdraws_what_was_affirmed(ferry: World) -> None:
    show(ferry, "paper", likely())
    ask(ferry, Affirming(Says.YES))
    show(ferry, "paper", likely(60, summary="Sailings to Scrabster change in week 7."))
    assert ferry.kinds() == ["alert"]
    show(ferry, "paper", story(60, title="Nothing of it", summary="Nothing."))
    assert ferry.kinds() == ["alert", "withdrawn"]


def test_what_has_changed_while_the_second_reader_was_asked_is_not_told(ferry: World) -> None:
    show(ferry, "paper", likely())
    reader = Affirming(Says.YES, meanwhile=lambda: show(ferry, "paper", story(60, title="Nothing of it")))
    assert ask(ferry, reader) == 0
    assert ferry.alerts() == []


def test_a_rule_that_a_poll_has_used_already_catches_up_with_the_rest_only(
    database: Database, clock: StandingClock
) -> None:
    ferry = World(database, clock)
    ferry.show("city", story(1), likely(61))
    ferry.show("paper", story(2))
    ferry.step()
    ferry.files["claims/ferry.yaml"] = claim(always="killed")
    live = ferry.live(ferry.load())
    ferry.rules.adopt(live.rulebook)
    ferry.pipeline.go_live(live)
    show(ferry, "paper", died())
    ferry.digests.catch_up(live.rules)
    ferry.step()
    told = [each for each in ferry.sent if each.message.data["data"].get("claim", {}).get("id") == "ferry"]
    assert [str(each.message.kind) for each in told] == ["alert", "digest"]
    assert told[1].message.data["data"]["entries"] == []


def test_nobody_learns_where_no_rule_ranks(database: Database, clock: StandingClock) -> None:
    assert World(database, clock).teacher.learn_again(World(database, clock).load()) is None


class Lengths:
    """A model that says of a text only how long it is."""

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [[len(text) / 100, 1.0] for text in texts]


def test_rules_learn_again_when_a_model_comes_or_goes_and_keep_what_it_taught(ferry: World) -> None:
    book = ferry.load()
    with_model = Teacher(ferry.database, ferry.clock, Lengths())
    taught = with_model.taught(book)
    assert all(lesson.trained.meaning for lesson in taught.lessons.values())
    with_model.keep(taught)
    assert with_model.taught(book) == taught
    assert not any(lesson.trained.meaning for lesson in ferry.teacher.taught(book).lessons.values())

"""What is new: the ways publishers break keys, each with what must come of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import identity
from watcher.model import Attached, Entry, EventKind

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)


class Shelf:
    """Keeps what a database would, so that decisions can be followed over several documents."""

    def __init__(self) -> None:
        self.owners: dict[bytes, int] = {}
        self.known: dict[int, identity.KnownItem] = {}

    def read(self, *entries: Entry, present: tuple[int, ...] = ()) -> list[identity.Decision]:
        decisions = list(identity.decide(entries, self.owners, self.known, present))
        for decision in decisions:
            entry = decision.entry
            item_id = len(self.known) + 1 if decision.item_id is None else decision.item_id
            words = f"{entry.summary} {entry.text}"
            self.known[item_id] = identity.KnownItem(decision.hash, entry.title, entry.link, words, entry.published)
            for key in decision.keys:
                self.owners.setdefault(key, item_id)
        return decisions

    def events(self, *entries: Entry) -> list[EventKind | None]:
        return [decision.event for decision in self.read(*entries)]


def story(number: int, **changes: Any) -> Entry:
    entry = Entry(
        guid=f"https://www.example.org/?p={number}",
        link=f"https://www.example.org/story-{number}",
        title=f"Council hears report number {number}",
        summary=f"The council heard report {number} on Tuesday.",
        published=NOON + timedelta(hours=number),
    )
    return replace(entry, **changes)


def test_what_was_never_seen_is_new_and_what_was_is_not() -> None:
    shelf = Shelf()
    assert shelf.events(story(1), story(2)) == [EventKind.NEW, EventKind.NEW]
    assert shelf.events(story(2), story(1), story(3)) == [None, None, EventKind.NEW]


def test_the_same_words_of_the_same_moment_at_another_address_are_the_same_item() -> None:
    shelf = Shelf()
    shelf.read(story(1, guid="", link="https://www.example.org/download/5.0.1zip"))
    assert shelf.events(story(1, guid="", link="https://www.example.org/download/5.0.1.zip")) == [None]


def test_other_words_under_the_same_guid_are_an_edit() -> None:
    shelf = Shelf()
    shelf.read(story(1))
    assert shelf.events(story(1, summary="The council heard report 1 on Wednesday.")) == [EventKind.EDITED]
    assert shelf.events(story(1, summary="The council heard report 1 on Wednesday.")) == [None]


@pytest.mark.scenario("I2")
def test_a_paper_that_appears_or_is_replaced_is_an_edit_and_one_that_is_tracked_is_not() -> None:
    row = Entry(link="https://city.example/m/1", title="Council, January 7")
    agenda, other = (Attached(url=f"https://city.example/{name}.pdf", name="Agenda") for name in ("a", "b"))
    tracked = replace(agenda, url=agenda.url + "?utm_source=x")
    shelf, told = Shelf(), []
    for papers in ((), (agenda,), (agenda,), (tracked,), (other,), ()):
        told += shelf.read(replace(row, attached=papers))
    edited = EventKind.EDITED
    assert [decision.event for decision in told] == [EventKind.NEW, edited, None, None, edited, edited]
    assert {decision.item_id for decision in told[1:]} == {1}


def test_a_new_date_alone_is_nothing() -> None:
    shelf = Shelf()
    shelf.read(story(1))
    assert shelf.events(story(1, published=NOON + timedelta(days=3))) == [None]


@pytest.mark.scenario("I3")
def test_guids_that_all_change_scheme_host_or_slash_are_recognised() -> None:
    shelf = Shelf()
    shelf.read(*(story(number) for number in range(5)))
    for change in ("http://www.example.org/?p=%d", "https://example.org/?p=%d", "https://news.example.org/?p=%d"):
        assert shelf.events(*(story(number, guid=change % number) for number in range(5))) == [None] * 5


@pytest.mark.scenario("I3")
def test_a_guid_that_changes_scheme_or_host_is_known_where_nothing_else_is() -> None:
    shelf = Shelf()
    bare = story(1, guid="https://www.example.org/1", link="", published=None)
    shelf.read(bare)
    for number, guid in enumerate(("http://www.example.org/1", "https://example.org/1", "https://www.example.org/1/")):
        edited = replace(bare, guid=guid, title=f"{bare.title}, part {number}")
        assert shelf.events(edited) == [EventKind.EDITED]


@pytest.mark.scenario("I2", "I3")
def test_a_feed_that_moves_and_dates_everything_anew_is_recognised_by_words_and_path() -> None:
    shelf = Shelf()
    shelf.read(*(story(number) for number in range(5)))
    moved = [story(n, guid=f"new-{n}", link=f"https://new.example.net/story-{n}", published=NOON) for n in range(5)]
    assert shelf.events(*moved) == [None] * 5


@pytest.mark.scenario("I2", "I4")
def test_an_item_that_moves_and_is_edited_is_recognised_by_title_path_and_date() -> None:
    shelf = Shelf()
    shelf.read(story(1))
    moved = story(1, guid="new", link="https://new.example.net/story-1", summary="Nobody was heard.")
    assert shelf.events(moved) == [EventKind.EDITED]


def test_a_feed_that_moves_to_another_host_is_recognised() -> None:
    shelf = Shelf()
    shelf.read(*(story(number) for number in range(5)))
    moved = [
        story(n, guid=f"https://new.example.net/?p={n}", link=f"https://new.example.net/story-{n}") for n in range(5)
    ]
    assert shelf.events(*moved) == [None] * 5


@pytest.mark.scenario("I4")
def test_guids_made_at_random_on_every_poll_are_recognised() -> None:
    shelf = Shelf()
    shelf.read(story(1, guid="a1"), story(2, guid="a2"))
    assert shelf.events(story(1, guid="b1"), story(2, guid="b2"), story(3, guid="b3")) == [None, None, EventKind.NEW]


@pytest.mark.scenario("I5")
def test_one_guid_for_all_items_hides_none_of_them() -> None:
    shelf = Shelf()
    shared = [story(number, guid="same", guid_shared=True) for number in range(4)]
    assert shelf.events(*shared) == [EventKind.NEW] * 4
    assert shelf.events(*reversed(shared)) == [None] * 4


@pytest.mark.scenario("I5")
def test_a_new_item_under_a_guid_of_several_is_no_edit_of_one_that_has_left() -> None:
    shelf = Shelf()
    shared = [story(number, guid="same", guid_shared=True) for number in range(5)]
    shelf.read(*shared[:4])
    assert shelf.events(*shared[2:]) == [None, None, EventKind.NEW]


@pytest.mark.scenario("I6")
def test_items_without_guid_and_link_keep_their_identity_through_a_small_edit() -> None:
    shelf = Shelf()
    bare = Entry(title="Vacancies", text="Two police officers wanted.")
    other = Entry(title="Closures", text="The library is closed on Monday.")
    assert shelf.events(bare, other) == [EventKind.NEW, EventKind.NEW]
    assert shelf.events(replace(bare, text="Three police officers wanted."), other) == [EventKind.EDITED, None]


@pytest.mark.scenario("I7")
def test_a_guid_used_again_for_another_article_makes_a_new_item() -> None:
    shelf = Shelf()
    shelf.read(story(1, guid="slot-1"))
    other = story(1, guid="slot-1", link="https://example.org/else", title="Fire on Lake Street", summary="Two hurt.")
    assert shelf.events(other) == [EventKind.NEW]
    assert shelf.events(other) == [None]


@pytest.mark.scenario("I5", "I7")
def test_one_guid_for_all_that_a_source_shows_one_at_a_time_hides_none_of_it() -> None:
    shelf = Shelf()
    for number in (1, 2, 3):
        assert shelf.events(story(number, guid="notice")) == [EventKind.NEW]
    for number in (2, 3, 1):
        assert shelf.events(story(number, guid="notice")) == [None]
        edited = story(number, guid="notice", summary=f"The council heard report {number} on Wednesday.")
        assert shelf.events(edited) == [EventKind.EDITED]


@pytest.mark.scenario("I3")
def test_a_guid_that_moves_with_its_words_unchanged_or_on_the_day_it_had_is_the_same_item() -> None:
    shelf = Shelf()
    shelf.read(story(1), story(2))
    moved = {"link": "https://www.example.org/archive/1", "published": NOON + timedelta(days=9)}
    assert shelf.events(story(1, **moved)) == [None]
    assert shelf.events(story(2, link="https://www.example.org/archive/2", summary="Report 2 was heard.")) == [
        EventKind.EDITED
    ]


@pytest.mark.scenario("I7")
def test_a_guid_at_its_old_address_is_an_edit_however_much_was_rewritten() -> None:
    shelf = Shelf()
    shelf.read(story(1))
    assert shelf.events(story(1, title="Correction", summary="Nobody left; we were wrong.")) == [EventKind.EDITED]


@pytest.mark.scenario("I8")
def test_a_guid_at_another_address_under_another_title_is_known_by_its_words() -> None:
    shelf = Shelf()
    shelf.read(story(1))
    retitled = story(1, link="https://www.example.org/correction", title="Correction", published=None)
    assert shelf.events(replace(retitled, summary=f"{retitled.summary} Nobody left.")) == [EventKind.EDITED]


@pytest.mark.scenario("I8")
def test_a_title_in_the_guid_edited_three_times_is_one_item() -> None:
    shelf = Shelf()
    titles = [
        "Officers leave Minneapolis police",
        "Officers leave Minneapolis police department",
        "Four officers leave Minneapolis police department",
        "Four officers leave Minneapolis department",
    ]
    seen = [shelf.events(story(1, guid=title, title=title))[0] for title in titles]
    assert seen == [EventKind.NEW, EventKind.EDITED, EventKind.EDITED, EventKind.EDITED]


def test_notices_that_share_link_title_and_day_are_each_seen() -> None:
    shelf = Shelf()
    notice = Entry(link="https://city.example.org/notices", title="Notice", published=NOON)
    first = replace(notice, guid="1", summary="Officer Adams appointed.")
    second = replace(notice, guid="2", summary="Officer Brown resigned.")
    assert shelf.events(first, second) == [EventKind.NEW, EventKind.NEW]
    third = replace(notice, guid="3", summary="Officer Clark transferred to another agency.")
    assert shelf.events(first, second, third) == [None, None, EventKind.NEW]


def test_an_item_known_to_be_in_the_document_lends_its_weak_keys_to_nobody() -> None:
    shelf = Shelf()
    notice = Entry(link="https://city.example.org/notices", title="Notice", published=NOON)
    shelf.read(replace(notice, summary="Officer Adams appointed."))
    second = replace(notice, summary="Officer Brown resigned.")
    (decision,) = identity.decide([second], shelf.owners, shelf.known, present={1})
    assert decision.event is EventKind.NEW


def test_the_same_entry_twice_in_a_document_comes_out_once() -> None:
    assert Shelf().events(story(1), story(1, guid="again")) == [EventKind.NEW]


def test_same_title_and_path_on_two_hosts_are_two_items() -> None:
    shelf = Shelf()
    one = Entry(link="https://a.example.org/jobs/1", title="Police officer")
    other = Entry(link="https://b.example.org/jobs/1", title="Police officer")
    assert shelf.events(one, other) == [EventKind.NEW, EventKind.NEW]
    assert shelf.events(other, one) == [None, None]


def test_addresses_that_differ_in_tracking_only_are_one() -> None:
    tracked = "http://www.example.org/a/?utm_source=rss&id=3#top"
    assert identity.normal_link(tracked) == identity.normal_link("https://example.org/a/?id=3")


words = st.text("abcde ", min_size=1, max_size=12)
entries = st.lists(
    st.builds(
        Entry,
        guid=st.sampled_from(["", "g1", "g2", "g3", "g4"]),
        link=st.sampled_from(["", "https://x.org/a", "https://x.org/b"]),
        title=words,
        summary=words,
        published=st.sampled_from([None, NOON]),
    ),
    max_size=6,
    unique_by=lambda entry: entry.guid or (entry.title, entry.summary, entry.link),
)


@pytest.mark.scenario("I2")
@given(entries, st.randoms(use_true_random=False))
def test_reading_a_document_again_in_any_order_changes_nothing(document: list[Entry], random: object) -> None:
    shelf = Shelf()
    shelf.read(*document)
    shuffled = list(document)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert set(shelf.events(*shuffled)) <= {None}


@given(entries)
def test_every_distinct_entry_of_a_first_document_is_new(document: list[Entry]) -> None:
    def distinct(entry: Entry) -> tuple[str, ...]:
        return (identity.normal_link(entry.link), *(" ".join(s.split()) for s in (entry.title, entry.summary)))

    events = Shelf().events(*document)
    assert events == [EventKind.NEW] * len({distinct(entry) for entry in document})

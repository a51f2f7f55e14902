"""Rule files become a rulebook, or every mistake in all of them is said at its place."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import timedelta

import pytest

from watcher.matching import Document
from watcher.model import Bearing, EventKind, EventPolicy, Keeps, Priority
from watcher.rulebook import Rulebook, RulebookError, load
from watcher.rulebook.claims import RuleKey
from watcher.rulebook.loading import collector_paused
from watcher.source_options import SourceOptions

Loads = Callable[..., Rulebook]
Kinds = dict[str, type[SourceOptions]]
Complains = Callable[..., list[str]]
CLAIM_FILE = "claims/ice.yaml"


def test_a_small_set_becomes_sources_and_claims(loads: Loads) -> None:
    book = loads()
    notices, daily = book.sources
    assert (notices.id, notices.keeps, notices.every, notices.official) == (
        "city-notices", Keeps.ALL, timedelta(hours=1), True,
    )  # fmt: skip
    assert daily.options is not None
    assert daily.options.model_dump() == {"depth": 5}
    claim = book.claim("officers-to-ice")
    assert claim.claim_reviewed == "Minneapolis police officers quit to join ICE"
    assert claim.rule("transfer").priority is Priority.URGENT
    assert claim.rule("transfer").bearing is Bearing.CONTEXT
    assert claim.events == {
        EventKind.NEW: EventPolicy.ALERT,
        EventKind.EDITED: EventPolicy.IF_NEWLY_MATCHING,
        EventKind.REMOVED: EventPolicy.IF_ALERTED,
    }
    assert book.source("daily") is daily
    assert book.warnings == ()


def test_every_key_reaches_the_claim(loads: Loads) -> None:
    claim = loads(
        claim="""\
watch: 1
id: full
owner: desk
review_by: 2027-02-01
was: [old-name]
claim: {claimReviewed: A, rating: False, url: https://x.example/a, datePublished: 2026-01-20, lastChecked: 2026-02-01}
rules:
  one: {when: 'alpha', asks: Is it?, bearing: for-verdict, priority: digest, sources: [daily, official], was: [uno]}
unless:
  not-this: {when: 'alpha near/3 beta', except: [one]}
events: {new: ignore, edited: alert, removed: ignore}
alert: {to: [mail], group: story, remind_after: 4h}
needs: [official]
expect_per_week: 0-6
"""
    ).claims[0]
    assert (claim.owner, claim.review_by, claim.was, claim.rating) == ("desk", "2027-02-01", ("old-name",), "False")
    assert (claim.url, claim.date_published, claim.last_checked) == ("https://x.example/a", "2026-01-20", "2026-02-01")
    rule = claim.rule("one")
    assert (rule.asks, rule.bearing, rule.priority, rule.sources, rule.was) == (
        "Is it?", Bearing.FOR, Priority.DIGEST, ("daily", "official"), ("uno",),
    )  # fmt: skip
    assert claim.events[EventKind.EDITED] is EventPolicy.ALERT
    assert (claim.alert_to, claim.remind_after) == (("mail",), timedelta(hours=4))
    assert (claim.needs, claim.expect_per_week) == (("city-notices",), (0, 6))


def test_needs_are_the_official_sources_that_the_rules_read_else_all_of_them(loads: Loads, claim: str) -> None:
    assert loads().claims[0].needs == ("city-notices",)
    press_only = claim.replace("    when: '@mpd and resign*'", "    when: '@mpd and resign*'\n    sources: [daily]")
    assert loads(claim=press_only).claims[0].needs == ("daily",)


def test_a_source_that_is_not_polled_is_needed_only_by_its_id(loads: Loads, claim: str, sources: str) -> None:
    off = sources.replace("keeps: all}", "enabled: false, disabled_because: moved}")
    assert loads(sources=off).claims[0].needs == ("daily",)
    by_tag = loads(sources=off, claim=claim + "needs: [official]\n")
    assert by_tag.claims[0].needs == ()
    by_id = loads(sources=off, claim=claim + "needs: [city-notices]\n")
    assert by_id.claims[0].needs == ("city-notices",)
    assert [warning.message for warning in by_id.warnings] == ["city-notices is not polled: this claim counts as blind"]


def test_only_rules_that_listen_to_the_source_hit(loads: Loads) -> None:
    book = loads()
    document = Document.of(title="MPD officers resign, join ICE")
    assert {match.rule_id for match in book.match(book.source("daily"), document)} == {"transfer", "resigned"}
    assert {match.rule_id for match in book.match(book.source("city-notices"), document)} == {"resigned"}


def test_a_match_says_where(loads: Loads) -> None:
    book = loads()
    (match,) = book.match(book.source("daily"), Document.of(title="MPD officers join ICE"))
    assert match.claim_id == "officers-to-ice"
    assert {("title", 0, 3), ("title", 18, 21)} <= {(span.part, span.start, span.end) for span in match.spans}


def test_a_suppressed_hit_is_there_and_says_what_took_it_away(loads: Loads) -> None:
    book = loads()
    (match,) = book.match(book.source("daily"), Document.of(title="MPD and ICE: officers slip on black ice"))
    assert match.suppressed_by == "weather"


def test_except_leaves_a_rule_out(loads: Loads, claim: str) -> None:
    book = loads(
        claim=claim.replace("weather: '", "weather: {except: [transfer], when: '").replace("ice\"'", "ice\"'}")
    )
    (match,) = book.match(book.source("daily"), Document.of(title="MPD and ICE: officers slip on black ice"))
    assert match.suppressed_by == ""


@pytest.mark.scenario("R9")
@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ("watch: 1", "watch: 2", f"{CLAIM_FILE}:1:8: this version reads format 1 only: write watch: 1"),
        ("rating: ", "ratng: ", f"{CLAIM_FILE}:3:70: unknown key 'ratng'; did you mean rating?"),
        ("rating: No evidence", "rating: ", f"{CLAIM_FILE}:3:78: a value is missing here"),
        ("priority: urgent", "priority: Urgent", f"{CLAIM_FILE}:9:15: 'Urgent' is not known here; did you mean"),
        ("    when: '@mpd and ICE'\n", "", f"{CLAIM_FILE}:7:3: rules.transfer.when is missing"),
        ("  transfer:", "  Transfer One:", f"{CLAIM_FILE}:7:3: 'Transfer One' cannot be a name"),
        ("[press]", "[pres]", f"{CLAIM_FILE}:10:15: no source has the id or tag 'pres'; did you mean press?"),
        ("[press]", "press", f"{CLAIM_FILE}:10:14: a list is expected here"),
        ("[press]", "[]", f"{CLAIM_FILE}:10:14: this is empty"),
        ("'@mpd and ICE'", "'@mpdd and ICE'", f"{CLAIM_FILE}:8:12: "),
        ("'@mpd and ICE'", "|\n      @mpd and\n      ICE ICE", f"{CLAIM_FILE}:10:11: "),
        ("'@mpd and ICE'", "\"@mpd and ICE\"", f"{CLAIM_FILE}:8:11: YAML removes double quotes"),
        ("[Minneapolis police, MPD]", "[]", f"{CLAIM_FILE}:5:8: this is empty"),
        ("[Minneapolis police, MPD]", '[MPD, "@other"]', f"{CLAIM_FILE}:5:15: "),
        ("expect: [transfer]", "expect: [transfr]", f"{CLAIM_FILE}:16:45: no rule is called 'transfr'; did you mean"),
        ("ICE, expect: [transfer]", "ICE", f"{CLAIM_FILE}:16:5: tests.0.expect is missing"),
        ("title: Police notice", "title: Police, notice", f"{CLAIM_FILE}:18:21: unknown key 'notice'"),
        ("title: Police notice", "source: dayly", f"{CLAIM_FILE}:18:14: no source has the id or tag 'dayly'; did"),
        ("title: Police notice", "source: press", f"{CLAIM_FILE}:18:14: 'press' is a tag: name one source by its id"),
        ("weather: '", "weather: {except: [transfers], when: '", f"{CLAIM_FILE}:"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_at_its_place(
    complains: Complains, claim: str, written: str, instead: str, complaint: str
) -> None:
    changed = claim.replace(written, instead, 1)
    assert changed != claim
    found = complains(claim=changed)
    assert any(line.startswith(complaint) for line in found), found


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("review_by: 2027-02-30", "19:12: write a day as year-month-day"),
        ("review_by: 20270201", "19:12: write a day as year-month-day"),
        ("expect_per_week: 6-0", "19:18: write the least and the most, like 0-6"),
        ("expect_per_week: 6", "19:18: write the least and the most, like 0-6"),
        ("alert: {to: [mial]}", "19:14: no channel is called 'mial'; did you mean mail?"),
        ("alert: {remind_after: 4 hours}", "19:23: write a number and a unit"),
        ("alert: {group: outlet}", "19:16: 'outlet' is not known here"),
        ("needs: [dialy]", "19:9: no source has the id or tag 'dialy'; did you mean daily?"),
        ("events: {nw: alert}", "19:10: unknown key 'nw'; did you mean new?"),
        ("events: {new: alert-if-alerted}", "19:15: 'alert-if-alerted' is not known here"),
        ("ownr: me", "19:1: unknown key 'ownr'; did you mean owner?"),
        ("owner:", "19:7: a value is missing here"),
        ("was: [officers-to-ice]", "19:7: two claims have the id 'officers-to-ice', now or formerly"),
    ],
)
def test_a_mistaken_line_is_said_at_its_place(complains: Complains, claim: str, line: str, complaint: str) -> None:
    found = complains(claim=f"{claim}{line}\n")
    assert any(entry.startswith(f"{CLAIM_FILE}:{complaint}") for entry in found), found


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("id: x, kind: fede, url: https://x.example", "5:19: unknown kind 'fede'; did you mean feed?"),
        ("id: x, url: https://x.example", "5:5: kind is missing"),
        ("id: x, kind: feed, url: ftp://x.example", "5:30: write a whole web address"),
        ("id: x, kind: feed, url: x.example", "5:30: write a whole web address"),
        ("id: x, kind: feed, url: https://me:secret@x.example", "5:30: a rule file may be public"),
        ("id: x, kind: feed, url: https://x.example, every: 15", "5:56: write a number and a unit"),
        ("id: x, kind: feed, url: https://x.example, every: 2w", "5:56: a source is polled at least once a week"),
        ("id: x, kind: feed, url: https://x.example, keeps: al", "5:56: 'al' is not known here; did you mean all?"),
        ("id: x, kind: feed, url: https://x.example, enabled: no", "5:58: write true or false"),
        ("id: x, kind: feed, url: https://x.example, enabled: false", "5:58: add disabled_because with the reason"),
        ("id: x, kind: feed, url: https://x.example, depht: 3", "5:49: unknown key 'depht'; did you mean depth?"),
        ("id: x, kind: feed, url: https://x.example, depth: x", "5:56: "),
        ("id: x, kind: page, url: https://x.example", "5:5: item is missing"),
        ("id: x, kind: page, url: https://x.example, depth: 3, item: y", "5:49: unknown key 'depth'"),
        ("id: daily, kind: feed, url: https://x.example", "5:10: two sources have the id 'daily'"),
        ("id: x, kind: feed, url: https://x.example, was: [daily]", "5:55: two sources have the id 'daily'"),
        ("id: x, kind: feed, url: https://x.example, tags: [daily]", "4:10: 'daily' is a tag too"),
        ("id: press, kind: feed, url: https://x.example", "5:10: 'press' is a tag too"),
    ],
)
def test_a_mistaken_source_is_said_at_its_place(complains: Complains, sources: str, entry: str, complaint: str) -> None:
    found = complains(sources=f"{sources}  - {{{entry}}}\n")
    assert any(line.startswith(f"sources.yaml:{complaint}") for line in found), found


@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        ("'24/7 and ICE'", '8:12: this is more than one word: quote it, "24/7"'),
        ("'$20,000 and ICE'", "8:12: $ is not part of a word: write 20,000"),
        ("director of ICE", '8:20: unexpected of; to look for words that follow one another, quote the phrase: "dir'),
        ("'@mdp and ICE'", "8:12: unknown list mdp, did you mean @mpd?"),
        ("@mpd and ICE", "8:11: this text needs quotes around it: write '@mpd and ICE'"),
        (
            "'mpd or ICE and join'",
            "8:23: and mixed with or needs brackets: (mpd or ICE) and join  or  mpd or (ICE and join)",
        ),
        ("'警察*'", "8:12: each of these characters is a word by itself: leave * and ? out and write 警察"),
    ],
)
def test_a_mistaken_condition_gets_what_to_write(
    complains: Complains, claim: str, condition: str, complaint: str
) -> None:
    found = complains(claim=claim.replace("'@mpd and ICE'", condition, 1))
    assert any(line.startswith(f"{CLAIM_FILE}:{complaint}") for line in found), found


def test_in_brackets_only_what_needs_quotes_is_shown_in_quotes(complains: Complains, claim: str) -> None:
    (found,) = complains(claim=claim.replace("  weather: '", "  weather: {when: @mpd and x, except: []}\n  other: '"))
    assert found.endswith("write '@mpd and x'")


@pytest.mark.parametrize(
    ("condition", "warning"),
    [
        ("'/resign/ and @mpd and not 20..30'", ""),
        (
            "'/resign/'",
            "no word must be there (only numbers, expressions or sources), so that every item is read for it",
        ),
        ("'@mpd and not @mpd'", "this can never match: it is asked for and excluded: leave one of the two out"),
        ("'officer not near/5 officer'", "this can never match: it is always near itself: write two different things"),
    ],
)
def test_a_doubtful_condition_is_warned_of_with_what_to_write(
    loads: Loads, claim: str, condition: str, warning: str
) -> None:
    book = loads(claim=claim[: claim.index("tests:")].replace("'@mpd and ICE'", condition, 1))
    found = [str(each) for each in book.warnings if f"{CLAIM_FILE}:8:" in str(each)]
    assert len(found) == bool(warning)
    assert all(warning in each for each in found)


def test_one_mistake_is_one_line(complains: Complains, claim: str) -> None:
    assert len(complains(claim=claim + "alert: {remind_after: 4 hours}\n")) == 1


def test_the_secret_in_an_address_is_not_repeated(complains: Complains, sources: str) -> None:
    entry = "  - {id: x, kind: feed, url: https://me:secret@x.example}\n"
    assert "secret" not in "\n".join(complains(sources=sources + entry))


def test_every_mistake_of_every_file_is_said_at_once(complains: Complains, claim: str, sources: str) -> None:
    found = complains(
        sources=sources.replace("keeps: all", "keeps: al"),
        claim=claim.replace("priority: urgent", "priority: urgnt")
        .replace("resign*'", "and'")
        .replace("[press]", "[pres]"),
        files={"claims/other.yaml": "watch: 1\n", "claims/broken.yaml": "a: @b\n"},
    )
    of_claim = [f"{CLAIM_FILE}:{line}:" for line in (9, 10, 12)]
    for place in ("sources.yaml:3:", "claims/other.yaml:1:", "claims/broken.yaml:1:4:", *of_claim):
        assert any(line.startswith(place) for line in found), (place, found)


def test_who_uses_a_source_that_is_wrong_is_not_blamed(complains: Complains, sources: str) -> None:
    assert len(complains(sources=sources.replace("keeps: all", "keeps: al"))) == 1
    assert len(complains(sources="sources: @")) == 1


def test_a_former_id_of_a_source_is_named_by_its_new_one(complains: Complains, claim: str, sources: str) -> None:
    found = complains(
        sources=sources.replace("depth: 5", "was: [gazette]"), claim=claim.replace("[press]", "[gazette]")
    )
    assert found == [f"{CLAIM_FILE}:10:15: the source 'gazette' is called daily now"]


@pytest.mark.scenario("R9")
def test_two_claims_of_one_id_are_refused(complains: Complains, claim: str) -> None:
    found = complains(files={"claims/copy.yaml": claim})
    assert [line.split(": ")[0] for line in found] == ["claims/copy.yaml:2:5", f"{CLAIM_FILE}:2:5"]


@pytest.mark.scenario("R9")
def test_two_rules_of_one_id_are_refused(complains: Complains, claim: str) -> None:
    assert complains(claim=claim.replace("  resigned:", "  transfer:"))
    was = claim.replace("    when: '@mpd and resign*'", "    when: '@mpd and resign*'\n    was: [transfer]")
    assert complains(claim=was) == [f"{CLAIM_FILE}:13:11: two rules have the id 'transfer', now or formerly"]


def test_a_file_that_nobody_reads_is_refused(complains: Complains) -> None:
    assert complains(files={"stray.yaml": "a: b\n"}) == [
        "stray.yaml: not read: sources belong in sources.yaml, claims in claims/"
    ]


def test_channels_are_not_looked_up_when_they_are_not_known(kinds: Kinds, claim: str, sources: str) -> None:
    load({"sources.yaml": sources, CLAIM_FILE: claim + "alert: {to: [anything]}\n"}, kinds, None)
    with pytest.raises(RulebookError):
        load({"sources.yaml": sources, CLAIM_FILE: claim + "alert: {to: [anything]}\n"}, kinds, [])


def test_a_list_nobody_uses_is_a_warning_with_its_place(loads: Loads, claim: str) -> None:
    book = loads(claim=claim.replace("rules:\n", "  spare: [one]\nrules:\n"))
    assert [str(warning) for warning in book.warnings] == [
        f"{CLAIM_FILE}:6:3: no condition uses the list @spare: use it or delete it"
    ]


@pytest.mark.parametrize(
    ("written", "warning"),
    [
        ("alert: {to: [mail], group: story}", "21: group has no effect, one alert always covers all copies"),
        ("events: {removed: alert}", "10: alert has no effect of its own here, removed items are reported only"),
        ("events: {removed: alert-if-alerted}", ""),
    ],
)
def test_what_has_no_effect_is_a_warning_with_its_place(written: str, warning: str, loads: Loads, claim: str) -> None:
    warnings = [str(each) for each in loads(claim=claim.replace("terms:", f"{written}\nterms:")).warnings]
    assert len(warnings) == bool(warning)
    assert all(each.startswith(f"{CLAIM_FILE}:4:") and warning in each for each in warnings)


def test_a_misspelt_required_key_is_one_mistake(complains: Complains, claim: str, sources: str) -> None:
    for written, instead in (("rating:", "ratng:"), ("when: '@mpd and ICE'", "wen: '@mpd and ICE'")):
        (complaint,) = complains(claim=claim.replace(written, instead))
        assert "unknown key" in complaint
    (complaint,) = complains(sources=sources.replace("url: https://daily", "ulr: https://daily"))
    assert "unknown key 'ulr'; did you mean url?" in complaint
    (complaint,) = complains(sources=sources.replace("{id: daily, kind:", "{id: daily, kidn:"))
    assert "kind is missing: write it here" in complaint


def test_a_key_that_is_missing_beside_an_unknown_one_is_two_mistakes(complains: Complains, claim: str) -> None:
    said = complains(claim=claim.replace("rating: No evidence", "colour: red"))
    assert len(said) == 2
    assert any("claim.rating is missing" in each for each in said)


def test_a_rule_whose_sources_are_all_off_is_a_warning(loads: Loads, sources: str) -> None:
    book = loads(sources=sources.replace("depth: 5", "enabled: false, disabled_because: gone"))
    assert [str(warning) for warning in book.warnings] == [
        f"{CLAIM_FILE}:10:14: none of the sources that transfer listens to is polled: it can never hit"
    ]


def test_a_warning_of_a_condition_is_told_at_its_place_in_the_file(loads: Loads, claim: str) -> None:
    book = loads(claim=claim.replace("'@mpd and resign*'", "|\n      /resign/"))
    (warning,) = book.warnings
    assert (warning.file, warning.line) == (CLAIM_FILE, 13)


def test_an_empty_set_loads(kinds: Kinds) -> None:
    assert load({}, kinds).claims == ()


def test_the_files_are_kept_and_load_again(loads: Loads, kinds: Kinds) -> None:
    book = loads()
    again = load(book.files, kinds)
    assert again == book
    assert again.digest == book.digest


def test_the_digest_follows_names_and_texts(loads: Loads, claim: str) -> None:
    assert loads().digest == loads().digest
    assert loads().digest != loads(claim=claim + "# more\n").digest


def test_the_collector_rests_while_rules_are_loaded_and_works_again_whatever_came_of_it(complains: Complains) -> None:
    with collector_paused():
        assert not gc.isenabled()
    assert complains(claim="watch: 2")
    assert gc.isenabled()


# ------------------------------------------------------------------------------------------------ examples

RANKS = """\
watch: 1
id: officers-to-ice
claim: {claimReviewed: Minneapolis police officers quit to join ICE, rating: No evidence}
about:
  place: [Minneapolis]
  who: [ICE, deport*]
rules:
  transfer:
    asks: Who moved?
    like: [Two officers joined ICE., An officer was hired by ICE., ICE swore in a sergeant.]
    unlike: [ICE recruits in Dallas.]
    relation: change-of-employer
    lines: 5
"""
KEY = RuleKey("officers-to-ice", "transfer")


def test_a_rule_that_ranks_has_its_examples_and_lists_as_its_syllabus(loads: Loads) -> None:
    book = loads(claim=RANKS)
    taught = book.syllabuses[KEY]
    assert book.warnings == ()
    assert taught.claim == "Minneapolis police officers quit to join ICE Who moved?"
    assert taught.lists == {"place": ("Minneapolis",), "who": ("ICE", "deport*")}
    assert [example.positive for example in taught.examples] == [True, True, True, False]
    assert taught.relation == "change-of-employer"
    (rule,) = book.claims[0].rules
    assert (rule.ranks, rule.always, rule.lines, rule.when) == (True, False, 5, "")


def test_a_rule_may_learn_from_the_tests_that_expect_it_and_from_those_that_are_unlike_it(loads: Loads) -> None:
    claim = RANKS[: RANKS.index("    like:")] + (
        "    like: tests\n  other: {when: parking}\ntests:\n"
        + "  - {title: Officers joined ICE, source: daily, expect: [transfer]}\n" * 3
        + "  - {title: Dallas officers joined ICE, unlike: [transfer], expect: []}\n"
        + "  - {title: ICE storm, text: It froze., expect: []}\n"
        + "  - {title: Parking, expect: [other]}\n"
    )
    examples = loads(claim=claim).syllabuses[KEY].examples
    assert [(each.item.title, each.positive) for each in examples[2:]] == [
        ("Officers joined ICE", True),
        ("Dallas officers joined ICE", False),
        ("ICE storm", False),
    ]
    assert examples[0].item.source == "daily"
    assert examples[4].item.text == "It froze."


def test_what_always_hits_is_matched_as_a_condition_is(loads: Loads) -> None:
    book = loads(claim=RANKS + "    always: 'sergeant and ICE'\n")
    (rule,) = book.claims[0].rules
    assert (rule.when, rule.always) == ("sergeant and ICE", True)
    (match,) = book.match(book.source("daily"), Document.of(title="A sergeant went to ICE"))
    assert match.rule_id == "transfer"


def test_a_test_that_a_rank_alone_could_meet_is_no_mistake_of_the_file(loads: Loads) -> None:
    loads(claim=RANKS + "tests: [{title: Cocoa rose, expect: [transfer]}]\n")


@pytest.mark.parametrize(
    ("instead", "complaint"),
    [
        ("when: ICE\n    like: [x y]", "transfer has when and like: write always for what is told at once"),
        ("when: ICE\n    always: MPD", "transfer has when and always"),
        ("when: ICE\n    unlike: [x y]", "unlike is for rules that rank by examples: transfer has no like"),
        ("when: ICE\n    lines: 3", "lines is for rules that rank by examples"),
        ("asks: Why?", "when is missing"),
        ("like: []", "this is empty"),
        ("like: [x y]\n    lines: 1000", "less than or equal to 100"),
        ("like: [x y]\n    relation: marriage", "is not known here"),
        ("always: 'ICE near'", "near"),
    ],
)
def test_a_mistake_about_examples_is_reported(complains: Complains, instead: str, complaint: str) -> None:
    said = complains(claim=RANKS[: RANKS.index("    asks:")] + f"    {instead}\n")
    assert any(complaint in each for each in said), said


def test_a_word_of_about_that_cannot_be_read_is_reported_at_its_place(complains: Complains) -> None:
    (complaint,) = complains(claim=RANKS.replace("deport*", "'*'"))
    assert complaint.startswith(f"{CLAIM_FILE}:6:15:")


@pytest.mark.parametrize(
    ("like", "warning"), [("[One officer joined ICE.]", "1 example of what is meant"), ("tests", "no test expects")]
)
def test_too_few_examples_are_a_warning(loads: Loads, like: str, warning: str) -> None:
    claim = RANKS[: RANKS.index("    like:")] + f"    like: {like}\n"
    assert any(warning in str(each) for each in loads(claim=claim).warnings)

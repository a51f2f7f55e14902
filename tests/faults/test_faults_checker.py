from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from faults import signs
from faults.checker import Received, Verdict, What, check
from faults.journal import Journal, Reader, Record
from faults.killer import recoveries
from faults.signs import Sign

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)
LINK = "https://city.example.org/1"
ALERT = signs.alert(LINK)


def shown(**changes: object) -> Received:
    one = Received(NOON, "desk", "msg_1", ALERT, "cafe", acknowledged=True)
    return replace(one, **changes)  # type: ignore[arg-type]  # the fields of a Received


def judged(*log: Received, calls: Sequence[Sign] = (ALERT,), crashes: Sequence[datetime] = ()) -> Verdict:
    return check(calls, ["desk"], log, crashes)


def whats(verdict: Verdict) -> list[What]:
    return [finding.what for finding in verdict.findings]


def test_what_was_called_for_and_accepted_once_is_green() -> None:
    verdict = judged(shown())
    assert verdict.green
    assert verdict.accepted == 1


def test_what_was_never_shown_is_missed_and_what_was_never_accepted_is_lost() -> None:
    assert whats(judged()) == [What.MISSED]
    assert whats(judged(shown(acknowledged=False))) == [What.LOST]


def test_each_destination_counts_on_its_own() -> None:
    verdict = check([ALERT], ["desk", "hook"], [shown()])
    assert [(finding.what, finding.destination) for finding in verdict.findings] == [(What.MISSED, "hook")]


def test_nobody_may_send_what_nobody_called_for_or_to_where_nobody_is() -> None:
    assert whats(judged(shown(), calls=[])) == [What.EXTRA]
    assert whats(judged(shown(), shown(destination="elsewhere"))) == [What.EXTRA]


def test_a_refused_message_that_comes_back_under_another_key_is_another_message() -> None:
    assert whats(judged(shown(acknowledged=False), shown(key="msg_2"))) == [What.EXTRA]


def test_the_same_key_after_a_refusal_is_no_repeat() -> None:
    assert judged(shown(acknowledged=False), shown(at=NOON + timedelta(seconds=5))).green


def test_an_acknowledged_message_may_come_again_only_over_a_crash_that_was_close() -> None:
    again = shown(at=NOON + timedelta(seconds=10))
    assert whats(judged(shown(), again)) == [What.REPEATED]
    assert judged(shown(), again, crashes=[NOON + timedelta(seconds=1)]).excused == 1
    assert whats(judged(shown(), again, crashes=[NOON + timedelta(seconds=9)])) == [What.REPEATED]
    assert whats(judged(shown(), again, crashes=[NOON - timedelta(hours=1)])) == [What.REPEATED]
    assert whats(judged(shown(), again, crashes=[NOON + timedelta(seconds=11)])) == [What.REPEATED]


def test_one_crash_excuses_one_repeat() -> None:
    again = shown(at=NOON + timedelta(seconds=2))
    third = shown(at=NOON + timedelta(seconds=3))
    assert whats(judged(shown(), again, third, crashes=[NOON + timedelta(seconds=1)])) == [What.REPEATED]


def test_a_key_stands_for_one_content() -> None:
    assert whats(judged(shown(acknowledged=False), shown(content="beef"))) == [What.ALTERED]


def test_a_recovery_is_counted_within_its_own_life() -> None:
    starts = [NOON + timedelta(seconds=seconds) for seconds in (0, 10, 20)]
    crashes = [NOON + timedelta(seconds=seconds) for seconds in (9, 19)]
    events: list[Record] = [{"at": NOON + timedelta(seconds=seconds)} for seconds in (1, 2, 23)]
    assert recoveries(starts, crashes, events) == [timedelta(seconds=1), timedelta(seconds=3)]


def test_messages_are_recognised_the_same_way_in_mails_and_webhooks() -> None:
    text = f"Claim: x\r\nItem: y\r\nLink: {LINK}\r\n"
    webhook = {"type": "alert.created", "data": {"item": {"url": LINK}}}
    assert signs.of_mail("[urgent] Officers quit: transfer (city)", text) == signs.of_webhook(webhook) == ALERT
    update = {"type": "alert.updated", "data": {"item": {"url": LINK}}}
    assert signs.of_mail("Update: [urgent] Officers quit", text) == signs.of_webhook(update) == signs.update(LINK)
    digest = {"type": "digest", "data": {"reason": "already there"}}
    assert signs.of_mail("[already there] 1 claim: 2 items", "") == signs.of_webhook(digest) == signs.ALREADY_THERE
    health = {"type": "health", "data": {"event": "source.failing", "about": "city"}}
    assert signs.of_mail("[watcher] source is failing: city", "") == signs.of_webhook(health) == signs.failing("city")


def test_a_line_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    reader = Reader(path)
    assert reader.new() == []
    Journal(path).write(event="one")
    with path.open("ab") as file:
        file.write(b'{"at": "2026-01-20T12:00:00+00:00", "event": "tw')
        file.flush()
        assert [record["event"] for record in reader.new()] == ["one"]
        file.write(b'o"}\n')
    assert [record["event"] for record in reader.new()] == ["two"]

"""Commands about alerts: read and answer them, and see how good the rules are by those answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher.cli.base import ALERTS, Json, Limit, cli, do, given_settings, group, looking
from watcher.cli.output import Columns, fail, json_object, say, show_json, show_table
from watcher.cli.service import show_deliveries
from watcher.model import AlertState
from watcher.ranking.tiers import Tier
from watcher.text.lines import one_line
from watcher.text.links import web_link

if TYPE_CHECKING:
    from storage.answers import Answer
    from watcher.reports.ranked import RankedItem
    from watcher.reports.rules import InlineTest, Record, RuleReport
    from watcher.reports.status import AlertReport

alerts_cli = group(invoke_without_command=True)
cli.add_typer(alerts_cli, name="alerts", rich_help_panel=ALERTS)

AlertId = Annotated[int, typer.Argument(metavar="ID", help="The alert's number.")]

_TIER = {Tier.NOW: "likely", Tier.LINE: "competes for a line", Tier.BELOW: "under the floor"}
_NEVER_LIVE = "there are no live rules yet: `watcher run` takes them over"


@alerts_cli.callback()
def alerts(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List alerts, newest first; `alerts show ID` shows one.

    Examples: `watcher alerts`, `watcher alerts show 7`, `watcher alerts answer 7 no-change`
    """
    if context.invoked_subcommand is not None:
        return
    from watcher.reports import status

    with looking() as connection:
        rows = status.alert_list(connection, limit=limit)
    if as_json:
        show_json([_data(each) for each in rows])
        return
    columns: Columns[AlertReport] = {
        "id": lambda each: each.alert.id,
        "priority": lambda each: each.alert.priority,
        "state": lambda each: each.alert.state,
        "since": lambda each: each.alert.created_at,
        "alert": lambda each: f"{each.alert.claim_id}: {', '.join(each.alert.rules)}: {each.item.title}",
    }
    show_table(rows, columns, empty="no alerts")


def _data(report: AlertReport) -> dict[str, Any]:
    """Return it as `--json` shows it: the alert itself, and beside its fields what belongs to it."""
    beside = json_object(report)
    return json_object(beside.pop("alert")) | beside


@alerts_cli.command("show")
def alerts_show(alert_id: AlertId, as_json: Json = False) -> None:
    """Show one alert: every message about it, the state of their deliveries, and what people answered.

    Example: `watcher alerts show 7`
    """
    from watcher.reports import status

    with looking() as connection:
        found = status.alert_detail(connection, alert_id)
    if found is None:
        fail(f"there is no alert {alert_id}: `watcher alerts` lists them")
    if as_json:
        show_json(_data(found))
        return
    for text in found.messages or ["this alert waits for the daily digest"]:
        say(text)
    show_deliveries(found.deliveries, empty="no deliveries yet")
    say()
    columns: Columns[Answer] = {
        "answer": lambda each: each.state,
        "when": lambda each: each.at,
        "note": lambda each: each.note,
    }
    show_table(found.answers, columns, empty="not answered yet")


@alerts_cli.command("answer")
def alerts_answer(
    alert_id: AlertId,
    answer: Annotated[AlertState, typer.Argument(help="The reason, in your words.")],
    note: Annotated[str, typer.Option(help="Why, for those who look later.")] = "",
    as_json: Json = False,
) -> None:
    """Answer an alert. Every answer is logged; the last one counts, and `open` takes it back.

    Examples: `watcher alerts answer 7 checking`, `watcher alerts answer 7 bad-match --note 'a hockey rink'`
    """
    told = do("answer", alert_id=alert_id, state=answer.value, note=note)
    test = _test_against(alert_id) if answer is AlertState.BAD_MATCH else None
    if as_json:
        show_json(told | {"test": test})
        return
    say(f"alert {alert_id}: {told['state']} (was {told['was']})")
    if test:
        say(f"\nto keep it away, add this to the tests of {_file(test)} and change the rule until it passes:\n")
        say(test["text"])


def _test_against(alert_id: int) -> InlineTest | None:
    """Return a test that expects no rule to hit the item of an alert; None when its claim is no longer watched."""
    from watcher.authoring import rule_file
    from watcher.reports import rules as report

    with looking() as connection:
        book = rule_file.live(connection)
        return None if book is None else report.test_against(connection, book, alert_id)


@cli.command("near-misses", rich_help_panel=ALERTS)
def near_misses(
    claim: Annotated[str | None, typer.Argument(metavar="[CLAIM]", help="A claim's id; left out: every claim.")] = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """List items close to a claim that none of its rules hit, newest first, each as a test for the rule file.

    Example: `watcher near-misses mpd-officers-quit-to-join-ice`
    """
    from watcher.authoring import rule_file
    from watcher.reports import rules as report

    with looking() as connection:
        book = rule_file.live(connection) or fail(_NEVER_LIVE)
        known = [each.id for each in book.claims]
        if claim is not None and claim not in known:
            fail(f"no claim is called {claim!r} (claims: {', '.join(known)})")
        rows = report.near_misses(connection, book, [claim] if claim else known, limit=limit)
    if as_json:
        show_json(rows)
        return
    for each in rows:
        say(f"{each['claim']}: topic {each['topic']:.2f}, {each['source']}, {one_line(each['title'])}")
        say(
            f"{web_link(each['link'])}\nto add to the tests of {_file(each['test'])}, with the rules that should hit:\n"
        )
        say(f"{each['test']['text']}\n")
    if not rows:
        say("no near misses")
    ranking = [each.id for each in book.claims if each.ranks and claim in (None, each.id)]
    for claim_id in ranking:
        say(f"{claim_id} ranks by examples; what came close to it is listed by: watcher ranked {claim_id}")


@cli.command(rich_help_panel=ALERTS)
def ranked(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="The claim's id.")],
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day; left out: the last 24 hours.")
    ] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List how a day's items rank for a claim whose rules learn from examples, the most likely first.

    It says which were told, which compete for the lines of the digest, and where the floor is; those under it follow.

    Examples: `watcher ranked skerry-line-passengers`, `watcher ranked skerry-line-passengers --day 2026-03-01`
    """
    from zoneinfo import ZoneInfo

    from watcher.authoring import rule_file
    from watcher.clock import utc_now
    from watcher.reports import ranked as report

    zone = ZoneInfo(given_settings().operator.timezone)
    after, until = report.bounds(day.date() if day else None, zone, utc_now())
    with looking() as connection:
        book = rule_file.live(connection) or fail(_NEVER_LIVE)
        ranking = [each.id for each in book.claims if each.ranks]
        if claim not in ranking:
            fail(f"no claim called {claim!r} has a rule that ranks (such claims: {', '.join(ranking) or 'none'})")
        rows = report.ranked_items(connection, claim, after, until, limit=limit)
    if as_json:
        show_json(rows)
        return
    for each in rows:
        _show_ranked(each)
    if not rows:
        say("nothing ranked in that time")


def _show_ranked(each: RankedItem) -> None:
    found = each.ranking
    told = f"alert {found.alert_id}" if found.alert_id else _TIER[Tier(found.tier)]
    say(f"{found.score:.2f} (floor {found.floor:.2f}), {told}, {found.rule_id}, {found.source}: {one_line(each.title)}")
    say(f"  {web_link(each.link)}")
    say(f"  says: {one_line(found.passage, 300)}")
    if found.resembles:
        say(f"  like: {one_line(found.resembles, 300)}")


@cli.command(rich_help_panel=ALERTS)
def rules(as_json: Json = False) -> None:
    """List every live rule: its hits, its alerts, and how many of the answered ones were good matches.

    Example: `watcher rules`
    """
    from watcher.authoring import rule_file
    from watcher.clock import utc_now
    from watcher.reports import rules as report

    with looking() as connection:
        book = rule_file.live(connection) or fail(_NEVER_LIVE)
        rows = report.rule_list(connection, book, now=utc_now())
    if as_json:
        show_json(rows)
        return
    columns: Columns[RuleReport] = {
        "hits": lambda each: each["hits"],
        "suppressed": lambda each: each["suppressed"],
        "alerts": lambda each: each["alerts"],
        "answered": lambda each: each["answered"],
        "good": _share,
        "last 90 d": lambda each: _share(each["last_90_days"]),
        "rule": lambda each: f"{each['claim']}: {each['rule']}",
    }
    show_table(rows, columns, empty="no rules")


def _file(test: InlineTest) -> str:
    from watcher.authoring import rule_file

    return rule_file.shown(given_settings().rules.directory / test["file"])


def _share(record: Record) -> str:
    return "" if record["precision"] is None else f"{record['precision']:.0%}"

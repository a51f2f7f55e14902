"""Commands about the service: run it, look at it, and change it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher.cli.base import SERVICE, Json, Limit, cli, do, given_settings, group, looking
from watcher.cli.output import Columns, fail, json_object, say, show_json, show_table
from watcher.clock import utc_now
from watcher.model import DeliveryState
from watcher.text.humanize import from_now, pluralize

if TYPE_CHECKING:
    from watcher.daemon.live_status import LiveStatus
    from watcher.known_faults import KnownFault
    from watcher.reports.status import ConditionReport, DeliveryReport, Overview, ProofReport, SourceReport

LEGEND = "polls: . nothing new  + something new  ~ slow  x failed"

outbox_cli = group(invoke_without_command=True)
cli.add_typer(outbox_cli, name="outbox", rich_help_panel=SERVICE)


@cli.command(rich_help_panel=SERVICE)
def run(
    once: Annotated[bool, typer.Option("--once", help="Visit every source once, deliver, and end.")] = False,
) -> None:
    """Run the service in the foreground until Ctrl-C.

    Examples: `watcher run`, `watcher run --once`
    """
    from watcher import app
    from watcher.daemon.service import Daemon

    found = given_settings()
    if not found.rules.directory.is_dir() and not found.state.is_dir():
        fail(f"there are no rule files in {found.rules.directory}: `watcher init` writes some to begin with")
    with app.opened(found) as service:
        daemon = Daemon(service, sys.stdout)
        if once:
            daemon.run_once()
        else:
            daemon.run()


@cli.command("status", rich_help_panel=SERVICE)
def status_(as_json: Json = False) -> None:
    """Show whether the service runs, what it reads, what fails, and what waits to be delivered or answered.

    Example: `watcher status --json`
    """
    from watcher.daemon import control
    from watcher.daemon.live_status import LiveStatus
    from watcher.reports import status

    try:
        live = LiveStatus.from_json(control.ask(given_settings(may_log=False), "live"))
    except ConnectionError:
        live = None
    with looking() as connection:
        found = status.overview(connection, now=utc_now())
    if as_json:
        show_json({"running": live is not None, **_spaced(found), "live": live and live.as_json()})
        return
    say("running" if live else "not running: `watcher run` starts it")
    for name, value in (_figures(found) | (_live_figures(live) if live else {})).items():
        say(f"{name:<10} {value}")
    say()
    columns: Columns[ConditionReport] = {
        "source": lambda each: each.name,
        "state": lambda each: each.state,
        "polls": lambda each: each.recent,
        "last read": lambda each: each.last_ok_at,
        "why": lambda each: each.why,
    }
    show_table(found.conditions, columns, empty="no sources yet: `watcher run` reads them", long=["state"])
    say()
    say(LEGEND)


def _spaced(found: Overview) -> dict[str, Any]:
    """Return it as `--json` shows it: keys are written with spaces."""
    return {name.replace("_", " "): value for name, value in json_object(found).items()}


def _figures(found: Overview) -> dict[str, str]:
    """Return what the database says, a line each."""
    failing = f"; failing: {', '.join(found.failing)}" if found.failing else "; none failing"
    unread = f"; {found.unread} not visited yet" if found.unread else ""
    hint = ": `watcher outbox retry`" if found.outbox.get(DeliveryState.DEAD) else ""
    shown = {
        "sources": f"{found.sources}{failing}{unread}",
        "blind": ", ".join(found.blind) or "no claim",
        "pages": f"{found.pages_waiting:,} to be read",
        "proof": "; ".join(f"{claim}: {_proof(last)}" for claim, last in found.proofs_of_life.items()) or "no claim",
        "items": f"{found.items:,}",
        "alerts": ", ".join(f"{number} {state}" for state, number in found.alerts.items()) or "none",
        "outbox": (", ".join(f"{number} {state}" for state, number in found.outbox.items()) or "empty") + hint,
    }
    if since := found.network_down_since:
        shown["network"] = f"most sources cannot be reached since {since:%Y-%m-%d %H:%M} UTC"
    return shown


def _live_figures(live: LiveStatus) -> dict[str, str]:
    """Return what the running service says, a line each."""
    last_good = "; the rule files are refused, the last good set is live: `watcher check`"
    shown = {
        "rules": live.rules[:12] + (last_good if live.refused else ""),
        "version": f"{live.version}; matcher {live.matcher}; reading {live.workers}",
        "libraries": _libraries(live.known_faults),
    }
    if live.short_of_room:
        shown["disk"] = "nearly full: nothing new is read until some space is freed; messages still go out"
    shown["in hand"] = f"{live.polls_in_hand} polls, {live.deliveries_in_hand} deliveries"
    return shown


def _libraries(known_faults: Sequence[KnownFault]) -> str:
    """Return what a person has to know about the known faults of the libraries."""
    harmful = [str(fault) for fault in known_faults if not fault.guard]
    return "; ".join(harmful) or f"{pluralize(len(known_faults), 'known fault')}, guarded against: --json lists them"


def _proof(last: Sequence[ProofReport]) -> str:
    """Return the state of the last proof of life of a claim."""
    if not last:
        return "none yet"
    missing = [f"{each.channel} {each.destination}" for each in last if each.state != DeliveryState.SENT]
    said = from_now(last[0].created_at, utc_now())
    return f"{said}, " + (f"not arrived at {', '.join(missing)}" if missing else "arrived everywhere")


@cli.command(rich_help_panel=SERVICE)
def sources(as_json: Json = False) -> None:
    """List every source: its state, why, when it was read last and when it is read next.

    Example: `watcher sources`
    """
    from watcher.reports import status

    with looking() as connection:
        rows = status.source_list(connection, now=utc_now())
    if as_json:
        show_json(rows)
        return
    columns: Columns[SourceReport] = {
        "source": lambda each: each.name,
        "state": lambda each: each.state,
        "last read": lambda each: each.last_ok_at,
        "next": lambda each: each.next_poll_at,
        "why": lambda each: each.detail,
    }
    polled = [each for each in rows if each.enabled]
    show_table(polled, columns, empty="no sources yet: `watcher run` reads them", long=["state"])


@outbox_cli.callback()
def outbox(
    context: typer.Context,
    state: Annotated[
        list[DeliveryState] | None, typer.Option(help="Only those that are so; may be given several times.")
    ] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List deliveries, newest first; `outbox retry [ID]` sends dead ones again.

    Examples: `watcher outbox`, `watcher outbox --state dead`, `watcher outbox retry`
    """
    if context.invoked_subcommand is not None:
        return
    from watcher.reports import status

    with looking() as connection:
        rows = status.delivery_list(connection, states=tuple(each.value for each in state or ()), limit=limit)
    if as_json:
        show_json(rows)
        return
    show_deliveries(rows, empty="nothing to deliver")


def show_deliveries(deliveries: Sequence[DeliveryReport], *, empty: str) -> None:
    """Deliveries as a table: where each goes, and when it was sent or is tried next."""
    columns: Columns[DeliveryReport] = {
        "id": lambda each: each.id,
        "message": lambda each: each.kind,
        "to": lambda each: f"{each.channel} {each.destination}",
        "state": lambda each: each.state + (f", {each.attempts} tries" if each.attempts > 1 else ""),
        "when": lambda each: each.sent_at or (None if each.state == DeliveryState.DEAD else each.next_attempt_at),
        "why": lambda each: each.detail,
    }
    show_table(deliveries, columns, empty=empty, long=["to"])


@outbox_cli.command("retry")
def outbox_retry(
    delivery_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="One delivery; left out: all dead ones.")
    ] = None,
) -> None:
    """Send dead deliveries again, with the keys they always had.

    Examples: `watcher outbox retry`, `watcher outbox retry 17`
    """
    brought_back = do("retry", delivery_id=delivery_id)
    if delivery_id is not None and not brought_back:
        fail(f"there is no dead delivery {delivery_id}: `watcher outbox --state dead` lists them")
    say(f"{brought_back} to be sent again")


@cli.command("send-test", rich_help_panel=SERVICE)
def send_test(channel: Annotated[str, typer.Argument(help="The channel's name in watcher.toml.")]) -> None:
    """Send a test message through one channel and show the result.

    Example: `watcher send-test desk-mail`
    """
    from watcher.channels import SendTestResult

    results = [SendTestResult(**each) for each in do("send_test", name=channel)]
    for result in results:
        say(str(result))
    if not all(result.ok for result in results):
        raise typer.Exit(1)


@cli.command(rich_help_panel=SERVICE)
def reload(
    confirm: Annotated[bool, typer.Option("--confirm", help="Take over a set that lost most of its rules.")] = False,
) -> None:
    """Read the rule files again. A bad set is refused whole and the last good set stays live.

    Example: `watcher reload`
    """
    from watcher.rulebook import Problem

    outcome = do("reload", confirmed=confirm)
    if outcome["live"]:
        say(f"live: {outcome['digest'][:12]}")
        return
    for problem in outcome["problems"]:
        say(str(Problem(**problem)))
    if outcome["suspicion"]:
        say(f"{outcome['suspicion']}: if that is meant, `watcher reload --confirm`")
    fail("refused; the last good set stays live")

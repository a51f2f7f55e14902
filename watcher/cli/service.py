"""Commands about the service: run it, look at it, and change it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher.cli.base import SERVICE, Json, Limit, cli, do, given_settings, group, looking
from watcher.cli.output import fail, say, show_json, show_table
from watcher.clock import utc_now
from watcher.model import DeliveryState
from watcher.text.humanize import from_now, pluralize

if TYPE_CHECKING:
    from watcher.reports.status import DeliveryReport

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
    from watcher.reports import status

    try:
        live: dict[str, Any] | None = control.ask(given_settings(), "live")
    except ConnectionError:
        live = None
    with looking() as connection:
        data = {"running": live is not None, **status.overview(connection, now=utc_now()), "live": live}
    if as_json:
        show_json(data)
        return
    say("running" if live else "not running: `watcher run` starts it")
    for name, value in _overview(data).items():
        say(f"{name:<10} {value}")
    say()
    columns = {"name": "source", "state": "state", "recent": "polls", "last_ok_at": "last read", "why": "why"}
    show_table(data["conditions"], columns, empty="no sources yet: `watcher run` reads them", long=["state"])
    say()
    say(LEGEND)


def _overview(data: dict[str, Any]) -> dict[str, str]:
    live, alerts, outbox = data["live"] or {}, data["alerts"], data["outbox"]
    failing = f"; failing: {', '.join(data['failing'])}" if data["failing"] else "; none failing"
    unread = f"; {data['unread']} not visited yet" if data["unread"] else ""
    hint = ": `watcher outbox retry`" if outbox.get(DeliveryState.DEAD) else ""
    shown = {
        "sources": f"{data['sources']}{failing}{unread}",
        "blind": ", ".join(data["blind"]) or "no claim",
        "pages": f"{data['pages waiting']:,} to be read",
        "proof": "; ".join(f"{claim}: {_proof(last)}" for claim, last in data["proofs of life"].items()) or "no claim",
        "items": f"{data['items']:,}",
        "alerts": ", ".join(f"{number} {state}" for state, number in alerts.items()) or "none",
        "outbox": (", ".join(f"{number} {state}" for state, number in outbox.items()) or "empty") + hint,
    }
    if since := data["network down since"]:
        shown["network"] = f"most sources cannot be reached since {since:%Y-%m-%d %H:%M} UTC"
    if live:
        refused = live["refused"]
        last_good = "; the rule files are refused, the last good set is live: `watcher check`"
        shown["rules"] = live["rules"][:12] + (last_good if refused else "")
        shown["version"] = f"{live['version']}; matcher {live['matcher']}; reading {live['workers']}"
        shown["libraries"] = _libraries(live["known faults"])
        if live["short of room"]:
            shown["disk"] = "nearly full: nothing new is read until some space is freed; messages still go out"
        shown["in hand"] = f"{live['polls in hand']} polls, {live['deliveries in hand']} deliveries"
    return shown


def _libraries(known_faults: list[dict[str, str]]) -> str:
    """Return what a person has to know about the known faults of the libraries."""
    from watcher.known_faults import KnownFault

    harmful = [str(fault) for fault in (KnownFault(**each) for each in known_faults) if not fault.guard]
    return "; ".join(harmful) or f"{pluralize(len(known_faults), 'known fault')}, guarded against: --json lists them"


def _proof(last: list[dict[str, Any]]) -> str:
    """Return the state of the last proof of life of a claim."""
    if not last:
        return "none yet"
    missing = [f"{each['channel']} {each['destination']}" for each in last if each["state"] != DeliveryState.SENT]
    said = from_now(last[0]["created_at"], utc_now())
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
    columns = {"name": "source", "state": "state", "last_ok_at": "last read", "next_poll_at": "next", "detail": "why"}
    polled = [each for each in rows if each["enabled"]]
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
    columns = {"id": "id", "kind": "message", "to": "to", "state": "state", "when": "when", "detail": "why"}
    shown = [
        {
            **each,
            "to": f"{each['channel']} {each['destination']}",
            "state": each["state"] + (f", {each['attempts']} tries" if each["attempts"] > 1 else ""),
            "when": each["sent_at"] or (None if each["state"] == DeliveryState.DEAD else each["next_attempt_at"]),
        }
        for each in deliveries
    ]
    show_table(shown, columns, empty=empty, long=["to"])


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

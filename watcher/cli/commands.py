"""The commands. Those that look open the database for reading; those that change something ask the service."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

import watcher
from storage.database import Connection
from watcher import app, control, logs, messages, settings, status, trying
from watcher.cli import starter
from watcher.cli.output import fail, progress, say, show_json, show_table, told_plainly
from watcher.daemon import Daemon
from watcher.rulebook import Problem, RulebookError, load, read_files

cli = typer.Typer(
    name="watcher",
    help="Notices when a published fact-check is about to be overtaken by events.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
alerts_cli = typer.Typer(help="Alerts, newest first; `alerts show ID` for one.", invoke_without_command=True)
outbox_cli = typer.Typer(
    help="Deliveries, newest first; `outbox retry [ID]` for dead ones.", invoke_without_command=True
)
cli.add_typer(alerts_cli, name="alerts")
cli.add_typer(outbox_cli, name="outbox")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Limit = Annotated[int, typer.Option(min=1, max=10000, help="At most so many rows.")]


class _Given:
    """What was given before the command."""

    config: Path | None = None


@cli.callback()
def _options(
    config: Annotated[Path | None, typer.Option(help="The watcher.toml to use.", envvar="WATCHER_CONFIG")] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    _Given.config = config
    logs.configure(sys.stderr)
    if version:
        say(f"watcher {watcher.__version__}")
        raise typer.Exit


def _settings() -> settings.Settings:
    return settings.load(_Given.config)


@contextmanager
def _looking() -> Iterator[Connection]:
    """A connection that only looks, at a database that is there."""
    found = _settings()
    if not found.storage.url and not (found.state / app.DATABASE).exists():
        fail(f"there is no database in {found.state} yet: `watcher run` makes one")
    database = app.open_database(found, read_only=True)
    try:
        with database.read() as connection:
            yield connection
    finally:
        database.close()


@cli.command()
def init(
    directory: Annotated[Path, typer.Argument(help="Where to write; existing files are left alone.")] = Path(),
) -> None:
    """Write a commented watcher.toml, a sources file and a six-line rule file to begin with.

    Example: watcher init desk
    """
    with told_plainly():
        for path, written in starter.write(directory, app.source_kinds()):
            say(f"{'wrote' if written else 'kept '} {path}")
        step_into = "" if directory == Path() else f"cd {directory} && "
        say(f"\nnext: {step_into}watcher check && watcher run")


@cli.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Rule folders or claim files; default: the live ones.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check rule and source files and run their inline tests: every error at once, exit code 1 if there is any.

    Example: watcher check rules/claims/mpd-to-ice.yaml
    """
    with told_plainly():
        found = _settings()
        problems, warnings, checked = _check(paths or [found.rules.directory], found)
    if as_json:
        show_json({"problems": [asdict(one) for one in problems], "warnings": [asdict(one) for one in warnings]})
    else:
        for problem in problems:
            say(str(problem))
        for warning in warnings:
            say(f"{warning} (warning)")
        if not problems:
            say(f"in order: {checked}")
    if problems:
        raise typer.Exit(1)


def _check(paths: list[Path], found: settings.Settings) -> tuple[list[Problem], list[Problem], str]:
    problems: list[Problem] = []
    warnings: list[Problem] = []
    counts = [0, 0]
    for path in paths:
        folder = path if path.is_dir() or not path.suffix else path.resolve().parent.parent
        try:
            if folder == path:
                book = load(read_files(path), app.source_kinds(), None if not found.channels else set(found.channels))
            else:
                book = trying.load_alone(path, found)
        except RulebookError as error:
            problems += [Problem(str(folder / one.file), one.line, one.column, one.message) for one in error.problems]
            continue
        warnings += [Problem(str(folder / one.file), one.line, one.column, one.message) for one in book.warnings]
        counts[0] += len(book.claims)
        counts[1] += len(book.rules)
    return problems, warnings, f"{messages.counted(counts[0], 'claim')}, {messages.counted(counts[1], 'rule')}"


@cli.command("try")
def try_(
    rulefile: Annotated[Path, typer.Argument(help="A claim file.")],
    as_json: Json = False,
) -> None:
    """Read the file's sources once and print what would alert and why. Stores nothing, sends nothing.

    Example: watcher try rules/claims/mpd-to-ice.yaml
    """
    with told_plainly():
        views = trying.try_file(
            rulefile, _settings(), lambda source, words: progress(f"{source.id}: {messages.one_line(words)}")
        )
    rendered = [messages.digest(view) for view in views]
    if as_json:
        show_json([message.data["data"] for message in rendered])
        return
    for message in rendered:
        say(message.text)


@cli.command()
def run(
    once: Annotated[bool, typer.Option("--once", help="Visit every source once, deliver, and end.")] = False,
) -> None:
    """Run the service in the foreground until Ctrl-C.

    Examples: watcher run; watcher run --once
    """
    with told_plainly():
        found = _settings()
        with app.opened(found) as service:
            daemon = Daemon(service, sys.stdout)
            if once:
                daemon.run_once()
            else:
                daemon.run()


@cli.command("status")
def status_(as_json: Json = False) -> None:
    """Whether the service runs, what it watches, what is failing, what waits to be delivered."""
    with told_plainly():
        try:
            live: dict[str, Any] | None = control.ask(_settings(), "live")
        except ConnectionError:
            live = None
        with _looking() as connection:
            data = {"running": live is not None, **status.overview(connection), "live": live}
    if as_json:
        show_json(data)
        return
    say("running" if live else "not running: `watcher run` starts it")
    say(f"{messages.counted(data['sources'], 'source')}, {messages.counted(data['items'], 'item')} kept")
    say(f"failing: {', '.join(data['failing']) or 'none'}")
    say("outbox: " + (", ".join(f"{number} {state}" for state, number in data["outbox"].items()) or "empty"))
    for name, value in (live or {}).items():
        say(f"{name}: {value}")


@cli.command()
def sources(as_json: Json = False) -> None:
    """Every source: its state, why, when it was read last and when it is read next."""
    with told_plainly(), _looking() as connection:
        rows = status.source_list(connection)
    if as_json:
        show_json(rows)
        return
    columns = {"name": "source", "state": "state", "detail": "why", "last_ok_at": "last read", "next_poll_at": "next"}
    show_table([row for row in rows if row["enabled"]], columns, empty="no sources yet: `watcher run` reads them")


@alerts_cli.callback()
def alerts(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """Alerts, newest first."""
    if context.invoked_subcommand is not None:
        return
    with told_plainly(), _looking() as connection:
        rows = status.alert_list(connection, limit=limit)
    if as_json:
        show_json(rows)
        return
    columns = {
        "id": "id",
        "priority": "priority",
        "state": "state",
        "claim_id": "claim",
        "rules": "rules",
        "title": "item",
    }
    show_table([row | {"title": row["item"]["title"]} for row in rows], columns, empty="no alerts")


@alerts_cli.command("show")
def alerts_show(alert_id: Annotated[int, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """One alert: every message about it, and how their deliveries stand."""
    with told_plainly(), _looking() as connection:
        found = status.alert_detail(connection, alert_id)
    if found is None:
        fail(f"there is no alert {alert_id}: `watcher alerts` lists them")
    if as_json:
        show_json(found)
        return
    for text in found["messages"] or ["this alert waits for the daily digest"]:
        say(text)
    show_table(found["deliveries"], _DELIVERY_COLUMNS, empty="no deliveries yet")


_DELIVERY_COLUMNS = {
    "id": "id", "kind": "kind", "channel": "channel", "destination": "to", "state": "state",
    "attempts": "tries", "next_attempt_at": "next", "detail": "why",
}  # fmt: skip


@outbox_cli.callback()
def outbox(
    context: typer.Context,
    state: Annotated[list[str] | None, typer.Option(help="Only pending, sent, unknown or dead.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Deliveries, newest first."""
    if context.invoked_subcommand is not None:
        return
    with told_plainly(), _looking() as connection:
        rows = status.delivery_list(connection, states=tuple(state or ()), limit=limit)
    if as_json:
        show_json(rows)
        return
    show_table(rows, _DELIVERY_COLUMNS, empty="nothing to deliver")


@outbox_cli.command("retry")
def outbox_retry(
    delivery_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="One delivery; default: all dead ones.")
    ] = None,
) -> None:
    """Send dead deliveries again, with the keys they always had."""
    with told_plainly(), control.doing(_settings()) as call:
        say(f"{messages.counted(call('retry', delivery_id=delivery_id), 'delivery')} to be sent again")


@cli.command("send-test")
def send_test(channel: Annotated[str, typer.Argument(help="The channel's name in watcher.toml.")]) -> None:
    """Send a test message through one channel and say how that went."""
    with told_plainly(), control.doing(_settings()) as call:
        outcomes = call("send_test", name=channel)
    for outcome in outcomes:
        say(outcome)
    if any(": failed" in outcome for outcome in outcomes):
        raise typer.Exit(1)


@cli.command()
def reload(
    confirm: Annotated[bool, typer.Option("--confirm", help="Take over a set that lost most of its rules.")] = False,
) -> None:
    """Read the rule files again. A bad set is refused whole and the last good set stays live."""
    with told_plainly(), control.doing(_settings()) as call:
        outcome = call("reload", confirmed=confirm)
    if outcome["live"]:
        say(f"live: {outcome['digest'][:12]}")
        return
    for problem in outcome["problems"]:
        say(str(Problem(**problem)))
    if outcome["suspicion"]:
        say(f"{outcome['suspicion']}: if that is meant, `watcher reload --confirm`")
    fail("refused; the last good set stays live")


def main() -> None:
    """The entry point."""
    cli()

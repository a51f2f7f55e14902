"""What every command starts with: its settings, a read-only database, and a way to run an operation in the service.

Command modules import only what loads quickly at the top; a command imports the rest itself. So `watcher --help` and
a typing error do not wait for libraries that they do not use (`tests/cli/test_cli_light.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

import watcher
from watcher.cli.output import say, told_plainly

if TYPE_CHECKING:
    from storage.database import Connection, Database
    from watcher.settings import Settings

HEADINGS = RULES, SERVICE, ALERTS = ("Rule files", "The service", "Alerts")
"""The headings of the help, in order."""


class _Plainly(TyperGroup):
    """A group that prints the errors a person can fix as one line, and lists commands under headings."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The name is click's."""
        return sorted(super().list_commands(ctx), key=lambda name: HEADINGS.index(self._heading(name)))

    def _heading(self, name: str) -> str:
        return getattr(self.commands[name], "rich_help_panel", None) or HEADINGS[-1]

    def main(self, *args: Any, **options: Any) -> Any:
        """The name is click's."""
        try:
            with told_plainly():
                return super().main(*args, **options)
        except typer.Exit as ended:
            sys.exit(ended.exit_code)


def group(**options: Any) -> typer.Typer:
    """Return a group of related commands."""
    return typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown", **options)


cli = group(
    name="watcher",
    cls=_Plainly,
    help="Notices when a published fact-check is about to be overtaken by events.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Limit = Annotated[int, typer.Option(min=1, max=10000, help="The largest number of rows to show.")]


class _Given:
    """The options given before the command."""

    config: Path | None = None


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"watcher {watcher.__version__}")
        raise typer.Exit


@cli.callback()
def _options(
    config: Annotated[Path | None, typer.Option(help="The watcher.toml to use.", envvar="WATCHER_CONFIG")] = None,
    version: Annotated[  # noqa: ARG001  # dealt with by its callback
        bool, typer.Option("--version", help="Print the version and end.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    _Given.config = config


def given_settings(*, may_log: bool = True) -> Settings:
    """Return the settings, from the file that was named or the one that is found.

    Logs go to standard error from now on. A command that may not log loads no logger, which takes 0.05 s.
    """
    from watcher import settings

    if may_log:
        from watcher import logs

        logs.configure(sys.stderr)
    return settings.load(_Given.config)


def do(command: str, **arguments: Any) -> Any:
    """Run a command in the running service, or here where none runs; return its result."""
    from watcher.daemon import control

    return control.do(given_settings(), command, **arguments)


@contextmanager
def looking_at() -> Iterator[Database]:
    """Return the existing database, read-only, after a check that its schema is of this version."""
    from watcher import state

    with state.existing_database(given_settings(may_log=False), read_only=True) as database:
        yield database


@contextmanager
def looking() -> Iterator[Connection]:
    """Open a read-only connection."""
    with looking_at() as database, database.read() as connection:
        yield connection

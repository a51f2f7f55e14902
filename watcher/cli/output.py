"""Print the output of commands: tables for people, JSON for programs, and errors."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, NoReturn, TypeVar

import typer

from storage.errors import StorageError
from storage.lock import Locked
from watcher.clock import utc_now
from watcher.model import WatcherError
from watcher.text.humanize import from_now, rfc3339
from watcher.text.lines import one_line, plain

Shown = TypeVar("Shown")
Columns = Mapping[str, Callable[[Shown], object]]
"""The headings of a table, each with what is shown of a row under it."""
_MAX_COLUMNS = 10_000
"""Columns of a table when the output is not a terminal, so that a row stays on one line."""
_PROGRESS_LINES = 10
"""Progress lines that are printed when the output is not a terminal."""


def say(text: str = "") -> None:
    """Print a line for a person."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def progress(text: str) -> None:
    """Print a line about work in progress to stderr, so that it never mixes with data."""
    sys.stderr.write(f"{plain(text)}\n")
    sys.stderr.flush()


@contextmanager
def counting(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """Show the progress of ``total`` steps: a bar on a terminal, elsewhere some lines."""
    from rich.console import Console
    from rich.progress import Progress

    if sys.stderr.isatty():
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda more: bar.advance(task, more)
        return
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        passed = done * _PROGRESS_LINES // max(total, 1)
        done += more
        if more and done * _PROGRESS_LINES // max(total, 1) > passed:
            progress(f"{what}: {done:,} of {total:,}")

    yield advance


def show_json(data: Any) -> None:
    """Print data for a program."""
    say(json.dumps(data, indent=2, ensure_ascii=False, default=_as_json))


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if is_dataclass(value) and not isinstance(value, type):
        return json_object(value)
    return sorted(value) if isinstance(value, frozenset) else str(value)


def json_object(value: Any) -> dict[str, Any]:
    """Return the fields of a frozen dataclass by their names, for `show_json` to print."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def show_table(rows: Sequence[Shown], columns: Columns[Shown], *, empty: str, long: Sequence[str] = ()) -> None:
    """Print rows for a person; ``empty`` is printed when there are none.

    Where a terminal is narrow, the last column and those in ``long`` are folded.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if not rows:
        say(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    folded = {*long, list(columns)[-1]}
    for heading in columns:
        table.add_column(heading, overflow="fold", no_wrap=heading not in folded)
    now = utc_now()
    for row in rows:
        table.add_row(*(escape(_cell(content(row), now)) for content in columns.values()))
    console = Console(width=None if sys.stdout.isatty() else _MAX_COLUMNS, highlight=False)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        say(line.rstrip())


def _cell(value: object, now: datetime) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return from_now(value, now)
    if isinstance(value, list | tuple | frozenset):
        return one_line(", ".join(map(str, sorted(value))), 200)
    return one_line(str(value), 200)


def fail(text: str, code: int = 1) -> NoReturn:
    """Print what is wrong and exit with code 1."""
    sys.stderr.write(f"{plain(text)}\n")
    raise typer.Exit(code)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Print the text of every error that a person can fix, and exit with code 1."""
    try:
        yield
    except (WatcherError, StorageError, Locked) as error:
        fail(str(error))
    except PermissionError as error:
        fail(f"{error.filename}: no permission ({error.strerror}): check the owner and mode, or run as another user")
    except OSError as error:
        if error.filename is None:
            _stop_printing()
            fail(f"cannot print: {error.strerror or error}")
        fail(f"{error.filename}: {error.strerror or error}")


def _stop_printing() -> None:
    """Send what is flushed at exit to the null device, since flushing it would fail as well."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  # a device, not a path
        os.dup2(nowhere.fileno(), sys.stdout.fileno())

"""How commands print: tables for people, JSON for programs, and errors in one voice."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from storage.database import StorageError
from storage.lock import Locked
from watcher.messages import one_line, rfc3339, when
from watcher.model import WatcherError


def say(text: str = "") -> None:
    """A line for a person."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def progress(text: str) -> None:
    """A line about work that goes on; never mixed into data."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def show_json(data: Any) -> None:
    """Data for a program."""
    say(json.dumps(data, indent=2, ensure_ascii=False, default=_as_json))


def _as_json(value: Any) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def show_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, empty: str) -> None:
    """Rows for a person: ``columns`` gives the heading of each name; ``empty`` is said when there are none."""
    if not rows:
        say(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row.get(name))) for name in columns))
    Console(soft_wrap=not sys.stdout.isatty()).print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return one_line(str(value), 200)


def fail(text: str, code: int = 1) -> NoReturn:
    """Say what is wrong and end."""
    sys.stderr.write(f"{text}\n")
    raise typer.Exit(code)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Every error that a person can do something about becomes its own text and exit code 1."""
    try:
        yield
    except (WatcherError, StorageError, Locked) as error:
        fail(str(error))
    except PermissionError as error:
        fail(f"{error.filename}: no permission ({error.strerror}): check the owner and mode, or run as another user")
    except OSError as error:
        fail(f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "))

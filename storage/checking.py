"""Checking that a database is undamaged and of this version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from storage import migrations
from storage.database import Database, StorageError

LARGE_LOG_BYTES = 64 << 20
"""Bytes of write-ahead log above which a reader must have kept an old state open."""
_MAX_LISTED = 10
"""Problems of a kind that are listed; the first few show what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The result of checking a database."""

    place: str
    schema: str
    """Its revision; empty when it has none."""
    problems: tuple[str, ...]
    """What is wrong, in words; empty if nothing is."""
    size: int = 0
    """Bytes of the file, and of its write-ahead log; 0 on a server."""
    log_size: int = 0


def examine(database: Database) -> Findings:
    """Read all of it and return what is wrong. That it is too damaged to be opened is one of the problems."""
    try:
        with database.read() as connection:
            schema = migrations.current(connection) or ""
            if not schema:
                database.refuse_if_emptied()
            problems = _schema_problems(connection, schema)
            if database.is_sqlite:
                problems += _damage(connection)
    except StorageError as error:
        schema, problems = "", [str(error)]
    size, log_size = _sizes(database.path)
    if log_size > LARGE_LOG_BYTES:
        problems.append(f"its log has {log_size:,} bytes: something reads and does not end, look for old processes")
    return Findings(
        place=database.describe(), schema=schema, problems=tuple(problems), size=size, log_size=log_size
    )  # fmt: skip


def _schema_problems(connection: Connection, schema: str) -> list[str]:
    if not schema:
        return ["it is not a database of watcher: it has no schema version"]
    if migrations.is_newer(connection):
        return [f"its schema {schema} belongs to a newer version of watcher: install that version again"]
    return []


def _damage(connection: Connection) -> list[str]:
    found = [
        str(line) for line in connection.execute(text(f"PRAGMA quick_check({_MAX_LISTED})")).scalars() if line != "ok"
    ]
    for table, row, parent, _ in list(connection.execute(text("PRAGMA foreign_key_check")))[:_MAX_LISTED]:
        found.append(f"row {row} of {table} belongs to a row of {parent} that is not there")
    return found


def _sizes(path: Path | None) -> tuple[int, int]:
    files = (path, path.with_name(f"{path.name}-wal")) if path is not None else ()
    sizes = [file.stat().st_size if file.exists() else 0 for file in files]
    return (sizes[0], sizes[1]) if sizes else (0, 0)

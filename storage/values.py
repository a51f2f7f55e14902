"""Rows into frozen values: nothing outside this package sees a row, so a misspelt column is an error of types."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Executable, Table

Value = TypeVar("Value")

MAX_VARIABLES = 500
"""Values named in one statement: SQLite before 3.32 refuses more than 999 variables."""


def batches(values: Collection[Value]) -> Iterator[Sequence[Value]]:
    """Yield the values in their order, at most ``MAX_VARIABLES`` at a time: as many as a statement may name.

    >>> [len(some) for some in batches(range(1200))]
    [500, 500, 200]
    """
    ordered = list(values)
    for start in range(0, len(ordered), MAX_VARIABLES):
        yield ordered[start : start + MAX_VARIABLES]


@cache
def columns(table: Table, kind: type[Any]) -> tuple[Column[Any], ...]:
    """Return the columns of a table that a dataclass has fields for; others of its fields come from elsewhere."""
    names = {each.name for each in fields(kind)}
    return tuple(column for column in table.c if column.name in names)


def one(
    connection: Connection, query: Executable, kind: type[Value], asked: Mapping[str, object] | None = None
) -> Value:
    """Return the only row as a value. Raises `sqlalchemy.exc.NoResultFound` when there is none."""
    return kind(**connection.execute(query, asked).mappings().one())


def first(connection: Connection, query: Executable, kind: type[Value]) -> Value | None:
    """Return the first row as a value, or None."""
    row = connection.execute(query).mappings().first()
    return None if row is None else kind(**row)


def every(
    connection: Connection, query: Executable, kind: type[Value], asked: Mapping[str, object] | None = None
) -> list[Value]:
    """Return all rows as values, in their order."""
    return [kind(**row) for row in connection.execute(query, asked).mappings()]

"""What is wrong with a file a person wrote, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from watcher.model import ConfigError


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file; lines and columns count from one."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something to correct in a file; line and column are zero where it concerns the whole file."""

    file: str
    line: int
    column: int
    message: str

    @classmethod
    def at(cls, file: str, position: Position, message: str) -> Self:
        """Return the problem at a position of a file."""
        return cls(file, position.line, position.column, message)

    def __str__(self) -> str:
        """The form that editors and terminals turn into a link."""
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: {self.message}"


class RulebookError(ConfigError):
    """Rule files that cannot be used, with everything that is wrong with them at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

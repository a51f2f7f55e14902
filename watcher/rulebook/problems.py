"""What is wrong with a file a person wrote, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from watcher.model import ConfigError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something to mend, at a place in a file; lines and columns count from one, zero means the whole file."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """The form that editors and terminals turn into a link."""
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: {self.message}"


class RulebookError(ConfigError):
    """Rule files that cannot be used, with everything that is wrong with them at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The known name that was most likely meant, as the end of a sentence; empty when none is near."""
    by_fold = {candidate.casefold(): candidate for candidate in known}
    near = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return f"; did you mean {by_fold[near[0]]}?" if near else ""


def listed(names: Iterable[str]) -> str:
    """Names in alphabetical order for a message, the first dozen of them."""
    ordered = sorted(names)
    shown = ", ".join(ordered[:12])
    return f"{shown}, and {len(ordered) - 12} more" if len(ordered) > 12 else shown or "none"

"""Which rules are live: the files on disk if they are good, else the last good set, which the database keeps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from storage import claims, rulebooks, sources
from storage.database import Connection, Database
from storage.sources import Wanted
from watcher import canary
from watcher.model import Claim, Clock, ConfigError, Source, host_of
from watcher.pipeline.judgement import Judgement
from watcher.rulebook import Problem, Rulebook, RulebookError, compare, load, read_files
from watcher.source_options import SourceOptions

Recipients = Callable[[Claim], Sequence[tuple[str, str]]]
"""Gives the (channel, destination) pairs that a claim's messages go to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The live rules and what belongs to them, as one value: nobody can combine new rules with an old judge."""

    rulebook: Rulebook
    judgement: Judgement
    recipients: Recipients


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What came of reading the rule files."""

    book: Rulebook | None
    """What may run now; None when nothing new may."""
    problems: tuple[Problem, ...] = ()
    suspicion: str = ""
    """Why a good set waits for a person to confirm it."""


@dataclass(frozen=True, slots=True)
class RuleFolder:
    """The folder of rule files, and the memory of the last good set."""

    directory: Path
    kinds: Mapping[str, type[SourceOptions]]
    channels: Collection[str]
    database: Database
    clock: Clock

    def read(self, live: Rulebook | None, *, confirmed: bool = False) -> Loaded:
        """Read and check the files; ``confirmed`` takes over a set that looks as if most of it was lost."""
        try:
            book = load(read_files(self.directory), self.kinds, self.channels)
        except RulebookError as error:
            return Loaded(book=None, problems=tuple(error.problems))
        suspicion = compare(live, book)
        if suspicion is not None and not confirmed:
            return Loaded(book=None, suspicion=suspicion.reason)
        return Loaded(book=book)

    def start(self, *, confirmed: bool = False) -> tuple[Rulebook, Loaded]:
        """The rules a start runs, and what was wrong with the files if those are not them.

        Raises ConfigError when the files are bad and there never was a good set.
        """
        last = self._last_good()
        found = self.read(last, confirmed=confirmed)
        if found.book is not None:
            return found.book, found
        if last is not None:
            return last, found
        raise ConfigError(explain(self.directory, found.problems))

    def adopt(self, book: Rulebook) -> None:
        """Make rows agree with a rulebook that goes live, and keep it for the next start."""
        now = self.clock()
        with self.database.write() as connection:
            rulebooks.keep(connection, book.digest, book.files, now=now)
            sources.sync(connection, [*map(_wanted, book.sources), _canary(now)], now=now)
            for claim in book.claims:
                self._adopt_claim(connection, claim)

    def _adopt_claim(self, connection: Connection, claim: Claim) -> None:
        for old in claim.was:
            claims.rename(connection, old, claim.id)
        claims.sync(
            connection,
            claim.id,
            claim_reviewed=claim.claim_reviewed,
            rating=claim.rating,
            last_checked=claim.last_checked,
            now=self.clock(),
        )

    def _last_good(self) -> Rulebook | None:
        with self.database.read() as connection:
            row = rulebooks.last_good(connection)
        if row is None:
            return None
        try:
            return load(row.files, self.kinds, None)
        except RulebookError:
            # kept by a version that read rule files differently: the files on disk have to do
            return None


def _wanted(source: Source) -> Wanted:
    return Wanted(
        name=source.id,
        kind=source.kind,
        url=source.url,
        host=host_of(source.url),
        enabled=source.enabled,
        was=source.was,
    )


def _canary(now: datetime) -> Wanted:
    """Its first item comes after a week: what begins is announced by the digest of what was already there."""
    return replace(_wanted(canary.SOURCE), first_poll_at=now + canary.SOURCE.every)


def explain(directory: Path, problems: Sequence[Problem]) -> str:
    """Every problem of the rule files, a line each, as an editor can jump to it."""
    return "\n".join(str(replace(problem, file=str(directory / problem.file))) for problem in problems)

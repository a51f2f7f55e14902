"""Which rules are live: the files on disk if they are good, else the last good set, which is in the database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from storage import claims, rulebooks, sources
from storage.database import Connection, Database
from storage.sources import Wanted
from watcher import canary
from watcher.model import Claim, Clock, ConfigError, Source, host_of
from watcher.pipeline.judgement import Judgement
from watcher.pipeline.rules_in_force import Rules
from watcher.rulebook import Problem, Rulebook, RulebookError, compare, load, read_files
from watcher.source_options import SourceOptions

Recipients = Callable[[Claim], Sequence[tuple[str, str]]]
"""Returns the (channel, destination) pairs that a claim's messages go to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The live rules and what belongs to them, as one value: new rules are never combined with an old judge."""

    rules: Rules
    judgement: Judgement
    recipients: Recipients

    @property
    def rulebook(self) -> Rulebook:
        """The rule files that are live."""
        return self.rules.book


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The result of reading the rule files."""

    book: Rulebook | None
    """The rules that may go live now; None if nothing new may."""
    problems: tuple[Problem, ...] = ()
    suspicion: str = ""
    """Why a valid set waits for a person to confirm it."""


@dataclass(frozen=True, slots=True)
class RuleFolder:
    """The folder of rule files, and the last good set in the database."""

    directory: Path
    kinds: Mapping[str, type[SourceOptions]]
    channels: Collection[str]
    database: Database
    clock: Clock

    def read(self, live: Rulebook | None, *, confirmed: bool = False) -> Loaded:
        """Read and check the files; ``confirmed`` accepts a set that looks as if most of it was lost."""
        try:
            book = load(read_files(self.directory), self.kinds, self.channels)
        except RulebookError as error:
            return Loaded(book=None, problems=tuple(error.problems))
        suspicion = compare(live, book)
        if suspicion is not None and not confirmed:
            return Loaded(book=None, suspicion=suspicion.reason)
        return Loaded(book=book)

    def start(self, *, confirmed: bool = False) -> tuple[Rulebook, Loaded]:
        """Return the rules to start with, and what was wrong with the files if it is the last good set.

        Raises ConfigError if the files are bad and there never was a good set.
        """
        last = self._last_good()
        found = self.read(last, confirmed=confirmed)
        if found.book is not None:
            return found.book, found
        if last is not None:
            return last, found
        raise ConfigError(explain(self.directory, found.problems))

    def adopt(self, book: Rulebook) -> None:
        """Update the rows to a rulebook that goes live, and store it for the next start."""
        now = self.clock()
        with self.database.write() as connection:
            rulebooks.keep(connection, book.digest, book.files, now=now)
            # first due after a week: the digest of what was already there announces the start
            proof = replace(_wanted(canary.SOURCE), first_poll_at=now + canary.SOURCE.every)
            sources.sync(connection, [*map(_wanted, book.sources), proof], now=now)
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
            # stored by a version that read rule files differently: use the files on disk
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


def explain(directory: Path, problems: Sequence[Problem]) -> str:
    """Return every problem of the rule files, a line each, in a form that editors can jump to."""
    return "\n".join(str(replace(problem, file=str(directory / problem.file))) for problem in problems)

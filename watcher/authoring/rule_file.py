"""Read the rule files named on a command line: a folder, one claim's file, or the sources file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from storage import rulebooks
from storage.database import Connection
from watcher import app
from watcher.model import ConfigError
from watcher.rulebook import Problem, Rulebook, RulebookError, load, read_files, yaml_nodes
from watcher.rulebook.disk import CLAIMS_FOLDER, SOURCES_FILE
from watcher.settings import Settings


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """Texts of rule files by their names in the rulebook, and the path of each."""

    texts: Mapping[str, str]
    places: Mapping[str, Path]

    def load(self, channels: Collection[str] | None = None) -> Rulebook:
        """Return the rulebook they make. Raise RulebookError, its problems with the paths of the files."""
        try:
            return load(self.texts, app.source_kinds(), channels)
        except RulebookError as error:
            raise RulebookError(map(self.placed, error.problems)) from error

    def placed(self, problem: Problem) -> Problem:
        """Return a problem with the path of its file, relative to the working folder."""
        place = shown(self.places.get(problem.file, Path(problem.file)))
        return Problem(place, problem.line, problem.column, problem.message)


def gather(path: Path, settings: Settings) -> RuleFiles:
    """Return the rule files at a path. Raise RulebookError with every file that cannot be read."""
    if path.is_dir():
        return _folder(path.parent if path.name == CLAIMS_FOLDER else path)
    if path.name == SOURCES_FILE:
        return _files({SOURCES_FILE: path})
    homes = [path.absolute().parent.parent, path.absolute().parent, settings.rules.directory]
    sources = next((home / SOURCES_FILE for home in homes if (home / SOURCES_FILE).is_file()), None)
    named = {f"{CLAIMS_FOLDER}/{path.name}": path}
    return _files(named if sources is None else named | {SOURCES_FILE: sources})


def claim_file(path: Path, settings: Settings) -> Rulebook:
    """Return the rulebook of one claim's file; it may name channels that are not configured. Raise RulebookError."""
    if path.is_dir() or path.name == SOURCES_FILE:
        raise ConfigError(f"{path} is not a claim's file: name one from {CLAIMS_FOLDER}/")
    return gather(path, settings).load()


def live(connection: Connection) -> Rulebook | None:
    """Return the live rules; None when there are none, or this version cannot read them."""
    row = rulebooks.last_good(connection)
    try:
        return None if row is None else load(row.files, app.source_kinds(), None)
    except RulebookError:
        return None


def shown(path: Path) -> str:
    """Return the path relative to the working folder if it is inside it."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)


def only(book: Rulebook, claim_ids: Collection[str]) -> Rulebook:
    """Return the part of a rulebook that is about these claims."""
    wanted = {name: text for name, text in book.files.items() if name == SOURCES_FILE or _is_about(text, claim_ids)}
    return load(wanted, app.source_kinds(), None)


def _is_about(text: str, claim_ids: Collection[str]) -> bool:
    root, _ = yaml_nodes.compose("", text)
    return root is not None and any(scalar.text in claim_ids for _, scalar in yaml_nodes.scalars(root, "id"))


def _folder(folder: Path) -> RuleFiles:
    try:
        texts = read_files(folder)
    except RulebookError as error:
        raise RulebookError(
            Problem(shown(folder / each.file), each.line, each.column, each.message) for each in error.problems
        ) from error
    return RuleFiles(texts, {name: folder / name for name in texts})


def _files(paths: Mapping[str, Path]) -> RuleFiles:
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for name, path in paths.items():
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except OSError as error:
            problems.append(Problem(shown(path), 0, 0, f"cannot be read: {error.strerror or error}".lower()))
        except UnicodeDecodeError:
            problems.append(Problem(shown(path), 0, 0, "not UTF-8 text: save it as UTF-8"))
    if problems:
        raise RulebookError(problems)
    return RuleFiles(texts, paths)

"""Rule files on disk: which files count, and their text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from watcher.rulebook.problems import Problem, RulebookError
from watcher.rulebook.yaml_nodes import MAX_BYTES

SOURCES_FILE = "sources.yaml"
CLAIMS_FOLDER = "claims"

_ENDINGS = (".yaml", ".yml")


def read_files(directory: Path) -> dict[str, str]:
    """Return the text of each rule file below the directory, by its name there (``claims/mpd-to-ice.yaml``).

    What editors leave behind (hidden files, ``~``, ``.swp``) is not a rule file. Raises RulebookError with every
    file that cannot be read or is not UTF-8.
    """
    files: dict[str, str] = {}
    problems: list[Problem] = []
    try:
        paths = list(_paths(directory))
    except OSError as error:
        raise RulebookError([_unreadable(directory, error)]) from error
    for name, path in paths:
        try:
            files[name] = _text(name, _bounded(path))
        except OSError as error:
            problems.append(_unreadable(Path(name), error))
        except RulebookError as error:
            problems += error.problems
    if problems:
        raise RulebookError(problems)
    return files


def fingerprint(directory: Path) -> str:
    """Return the SHA-256 over the rule files as they are now, readable or not: equal as long as nothing changes."""
    whole = hashlib.sha256()
    try:
        for name, path in _paths(directory):
            whole.update(f"\0{name}\0".encode())
            whole.update(_content(path))
    except OSError as error:
        whole.update(f"\0{error.errno}".encode())
    return whole.hexdigest()


def _text(name: str, content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise RulebookError([Problem(name, 0, 0, f"too large: at most {MAX_BYTES:,} bytes")])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RulebookError([Problem(name, line, 1, "not UTF-8 text: save it as UTF-8")]) from error


def _content(path: Path) -> bytes:
    try:
        return hashlib.sha256(_bounded(path)).digest()
    except OSError as error:
        return f"unreadable: {error.errno}".encode()


def _paths(directory: Path) -> Iterator[tuple[str, Path]]:
    folders = [("", directory), (f"{CLAIMS_FOLDER}/", directory / CLAIMS_FOLDER)]
    for prefix, folder in folders:
        if prefix and not folder.exists():
            continue
        for path in sorted(folder.iterdir()):
            if path.suffix in _ENDINGS and not path.name.startswith((".", "#")) and not path.is_dir():
                yield prefix + path.name, path


def _bounded(path: Path) -> bytes:
    """The file, or so much of it that it is seen to be too large."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _unreadable(path: Path, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem(str(path), 0, 0, "there is no such file or folder; `watcher init` creates one")
    return Problem(str(path), 0, 0, f"cannot be read: {error.strerror or error}".lower())

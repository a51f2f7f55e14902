"""Adds a source to the text of a sources file and leaves the rest as a person wrote it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import yaml

from watcher.model import ConfigError
from watcher.rulebook import yaml_nodes

Written = Mapping[str, str | Sequence[str]]
"""A source as it is written: its keys, each with a text or a list of texts."""

_NOT_OF_IDS = re.compile(r"[^a-z0-9]+")
_UNINFORMATIVE = frozenset(
    {"www", "rss", "feed", "feeds", "xml", "html", "index", "php", "aspx", "com", "org", "net", "api"}
)
_MAX_ID_CHARS = 40
"""Ids are typed in rules and commands, so they are kept short enough to read in a table."""


def source_text(source: Written, indent: str = "") -> str:
    """Return the source as an entry of a YAML list, with a line end after each line."""
    lines = [_line(key, value) for key, value in source.items()]
    return "".join(f"{indent}{'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(lines))


def appended(text: str, source: Written) -> str:
    """Return the text of a sources file with one more source at its end.

    Raises ConfigError where the list cannot be continued without reformatting the file.
    """
    column = _column(text)
    if not column:
        raise ConfigError("its list of sources is not at its end, or does not have one source per line")
    ended = text if text.endswith("\n") else f"{text}\n"
    return f"{ended}\n{source_text(source, ' ' * (column - 1))}"


def free_id(url: str, taken: Collection[str]) -> str:
    """Return an id for the source at this address that no other source or tag has."""
    parts = urlsplit(url)
    site = [word for word in (parts.hostname or "source").split(".") if word not in _UNINFORMATIVE]
    path = [word for word in _NOT_OF_IDS.split(parts.path.lower()) if word and word not in _UNINFORMATIVE]
    name = (
        "-".join([*(_NOT_OF_IDS.sub("-", word.lower()) for word in site), *path])[:_MAX_ID_CHARS].strip("-") or "source"
    )
    return next(candidate for candidate in _numbered(name) if candidate not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _line(key: str, value: str | Sequence[str]) -> str:
    """A key with its text, quoted where it must be to be read as the same text; or with a list in brackets."""
    if isinstance(value, str):
        return _yaml({key: value}, in_line=False)
    return f"{key}: {_yaml(list(value), in_line=True)}"


def _yaml(value: object, *, in_line: bool) -> str:
    written: str = yaml.safe_dump(value, default_flow_style=in_line, width=float("inf"), allow_unicode=True)
    return written.rstrip("\n")


def _column(text: str) -> int:
    """Where the dashes of the list stand that ends the file, counted from one; 0 where none does."""
    root, problems = yaml_nodes.compose("", text)
    if problems or not isinstance(root, yaml_nodes.MappingNode) or [*root.entries][-1:] != ["sources"]:
        return 0
    listed = root.entries["sources"]
    line = text.splitlines()[listed.position.line - 1]
    in_lines = isinstance(listed, yaml_nodes.SequenceNode) and line[listed.position.column - 1 :].startswith("-")
    return listed.position.column if in_lines else 0

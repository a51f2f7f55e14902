"""What YAML's scanner stumbles over, said to a person who writes news and not YAML."""

from __future__ import annotations

import re

import yaml

_VALUE = re.compile(r"\s*(?:- +)?(?:[\w.-]+: +)?(?P<value>\S.*?)\s*$")
"""A line of a file: the value behind its dash and its key."""


def position_at(text: str, index: int) -> tuple[int, int]:
    """Line and column, from one, of a character."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def explain(text: str, error: yaml.MarkedYAMLError) -> tuple[int, int, str]:
    """Line, column and what to do about an error of the scanner."""
    place = error.problem_mark or error.context_mark
    line, column = (place.line, place.column) if place else (0, 0)
    lines = text.split("\n")
    written = lines[line] if line < len(lines) else ""
    problem = error.problem or ""
    if "end of stream" in problem and error.context_mark:
        opened = error.context_mark
        return opened.line + 1, opened.column + 1, "this quote is never closed"
    if "escape character" in problem or "hexadecimal" in problem:
        return line + 1, column + 1, "a backslash means something else in double quotes: use single quotes"
    if "\t" in written[: column + 1] and not written[: column + 1].strip():
        return line + 1, column + 1, "a tab cannot indent: use spaces"
    if "',' or" in problem:
        closing = problem.rsplit(" ", 1)[-1]
        return line + 1, column + 1, f"a comma or {closing} is missing, or a text with : or , inside needs quotes"
    value = _value(written, column)
    if value and (value[0] in "@`%*&!\"'[{|>," or ("mapping values" in problem and ": " in value)):
        return line + 1, column + 1, f"this text needs quotes around it: write {_quoted(value)}"
    hint = "check the indentation; a text with : # , [ ] { } or quotes inside goes into single quotes"
    return line + 1, column + 1, f"not readable as YAML ({problem or error}): {hint}"


def _value(written: str, column: int) -> str:
    """What stands behind the key; in brackets, what stands where the scanner gave up."""
    found = _VALUE.match(written)
    value = found["value"] if found else ""
    if value.startswith(("{", "[")) and written[column : column + 1] in ("@", "`", "%"):
        return re.split(r"[,}\]]", written[column:])[0].strip()
    return value


def _quoted(value: str) -> str:
    """The value in single quotes, cut for the message; a text already half in single quotes is unwrapped first."""
    inner = value[1:-1] if len(value) > 1 and value[0] == value[-1] == "'" else value
    shown = inner if len(inner) <= 60 else inner[:57] + "..."
    return "'" + shown.replace("'", "''") + "'"

"""From nodes to the shapes of ``shapes``, with what does not fit said at its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from watcher.rulebook.nodes import Mapping as MappingNode
from watcher.rulebook.nodes import Node, Path, find, locate, locate_key
from watcher.rulebook.nodes import Scalar as ScalarNode
from watcher.rulebook.problems import Problem, did_you_mean, listed

Shape = TypeVar("Shape", bound=BaseModel)

_PLAIN = {
    "dict_type": "keys with values are expected here (key: value)",
    "model_type": "keys with values are expected here (key: value)",
    "list_type": "a list is expected here, like [one, two]",
    "string_type": "a text is expected here",
    "string_too_short": "a value is missing here",
    "too_short": "this is empty: name at least one",
}
_NAMES = "a name is made of lower-case letters, digits and single - _ . between them"


def shape(model: type[Shape], file: str, node: Node) -> tuple[Shape | None, list[Problem]]:
    """The node as a value of the model, or None and everything that does not fit."""
    try:
        return model.model_validate(node.plain()), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
        return None, [_problem(model, file, node, found) for found in errors if found["type"] != "none_required"]


def unknown_keys(file: str, node: MappingNode, known: Iterable[str]) -> list[Problem]:
    """What is written in the mapping and nobody knows."""
    names = list(known)
    return [
        Problem(file, mark.line, mark.column, _unknown(node, (key,), names))
        for key, mark in node.keys.items()
        if key not in names
    ]


def _problem(model: type[BaseModel], file: str, node: Node, error: ErrorDetails) -> Problem:
    path: Path = error["loc"]
    kind = error["type"]
    if kind in ("extra_forbidden", "missing"):
        mark = locate_key(node, path if kind == "extra_forbidden" else path[:-1])
    elif path and path[-1] == "[key]":
        path = path[:-1]
        mark = locate_key(node, path)
    else:
        mark = locate(node, path)
    return Problem(file, mark.line, mark.column, _message(model, node, path, error))


def _message(model: type[BaseModel], node: Node, path: Path, error: ErrorDetails) -> str:
    kind, value = error["type"], error["input"]
    if kind == "extra_forbidden":
        return _unknown(node, path, _keys_at(model, path[:-1]))
    if kind == "missing":
        return f"{'.'.join(map(str, path))} is missing: write it here"
    if value == "":
        return _PLAIN["string_too_short"]
    if kind in ("enum", "literal_error"):
        return _not_one_of(value, error["ctx"]["expected"])
    if kind == "string_pattern_mismatch":
        return f"{value!r} cannot be a name: {_NAMES}"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return _PLAIN.get(kind, error["msg"][:1].lower() + error["msg"][1:])


def _unknown(node: Node, path: Path, known: Iterable[str]) -> str:
    key = str(path[-1])
    message = f"unknown key {key!r}{did_you_mean(key, known)} (known here: {listed(known)})"
    value = find(node, path)
    if isinstance(value, ScalarNode) and not value.text:
        return f"{message}; a text with a comma needs quotes inside {{ }}"
    return message


def _not_one_of(value: object, expected: str) -> str:
    known = [name.strip("'") for name in expected.replace(" or ", ", ").split(", ")]
    return f"{value!r} is not known here{did_you_mean(str(value), known)} (one of: {', '.join(known)})"


def _keys_at(annotation: Any, path: Path) -> list[str]:
    """The keys that the shape at a path knows; pydantic says which key is too many, but not which there are."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
        return _keys_at(fields.get(str(path[0])), path[1:]) if path else list(fields)
    if get_origin(annotation) in (list, dict, Mapping):
        return _keys_at(get_args(annotation)[-1], path[1:])
    return next((keys for part in get_args(annotation) if (keys := _keys_at(part, path))), [])

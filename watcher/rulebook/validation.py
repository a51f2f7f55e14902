"""From YAML nodes to the models of ``file_models``, each error at its position in the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from watcher.rulebook.problems import Problem
from watcher.rulebook.yaml_nodes import MappingNode, Node, NodePath, ScalarNode, find, locate, locate_key
from watcher.text.word_lists import nearest
from watcher.wording import fault, unknown_key

Model = TypeVar("Model", bound=BaseModel)

_NAMES = "a name is made of lower-case letters, digits and single - _ . between them"


def validate(
    model: type[Model], file: str, node: Node, *, unknown: Iterable[str] = ()
) -> tuple[Model | None, list[Problem]]:
    """Return the node as a value of the model, or None and everything that does not fit.

    ``unknown``: keys that were left out of the node because the caller reports them.
    """
    try:
        return model.model_validate(node.plain()), []
    except ValidationError as error:
        errors = [found for found in error.errors(include_url=False) if found["type"] != "none_required"]
    strays = [found["loc"] for found in errors if found["type"] == "extra_forbidden"]
    strays += [(key,) for key in unknown]
    return None, [_problem(model, file, node, found) for found in errors if not _is_misspelt(found, strays)]


def _is_misspelt(error: ErrorDetails, strays: Iterable[NodePath]) -> bool:
    """Whether the missing key is there under a name that looks like it: that is one mistake, already reported."""
    *place, key = error["loc"] or ("",)
    written = [str(stray[-1]) for stray in strays if list(stray[:-1]) == place]
    return error["type"] == "missing" and bool(nearest(str(key), written))


def unknown_keys(file: str, node: MappingNode, known: Iterable[str]) -> list[Problem]:
    """What is written in the mapping and nobody knows."""
    names = list(known)
    return [
        Problem.at(file, position, _with_hint(node, (key,), unknown_key(key, names)))
        for key, position in node.keys.items()
        if key not in names
    ]


def _problem(model: type[BaseModel], file: str, node: Node, error: ErrorDetails) -> Problem:
    path: NodePath = error["loc"]
    kind = error["type"]
    if kind in ("extra_forbidden", "missing"):
        position = locate_key(node, path if kind == "extra_forbidden" else path[:-1])
    elif path and path[-1] == "[key]":
        path = path[:-1]
        position = locate_key(node, path)
    else:
        position = locate(node, path)
    return Problem.at(file, position, _message(model, node, path, error))


def _message(model: type[BaseModel], node: Node, path: NodePath, error: ErrorDetails) -> str:
    if error["type"] == "string_pattern_mismatch" and error["input"] != "":
        return f"{error['input']!r} cannot be a name: {_NAMES}"
    message = fault(model, error)
    return _with_hint(node, path, message) if error["type"] == "extra_forbidden" else message


def _with_hint(node: Node, path: NodePath, message: str) -> str:
    value = find(node, path)
    if isinstance(value, ScalarNode) and not value.text:
        return f"{message}; a text with a comma needs quotes inside {{ }}"
    return message

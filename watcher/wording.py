"""The wording of errors in what a person wrote: the same for settings, channels and rule files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from watcher.text.word_lists import did_you_mean, listed

_PLAIN = {
    "dict_type": "keys with values are expected here (key: value)",
    "model_type": "keys with values are expected here (key: value)",
    "list_type": "a list is expected here, like [one, two]",
    "tuple_type": 'a list is expected here, like ["one", "two"]',
    "string_type": "a text is expected here",
    "string_too_short": "a value is missing here",
    "too_short": "this is empty: name at least one",
}


def fault(model: type[BaseModel], error: ErrorDetails) -> str:
    """Return what is wrong with a value, from pydantic's error, in words for the person who wrote it.

    The caller adds the place, ``error["loc"]``. Pass an error without its input where that may be a secret.
    """
    kind, value, path = error["type"], error.get("input"), error["loc"]
    if kind == "extra_forbidden":
        return unknown_key(str(path[-1]), _keys_at(model, path[:-1]))
    if kind == "missing":
        return f"{'.'.join(map(str, path))} is missing: write it here"
    if value == "":
        return _PLAIN["string_too_short"]
    if kind in ("enum", "literal_error"):
        return _not_one_of(value, error["ctx"]["expected"])
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return _PLAIN.get(kind, error["msg"][:1].lower() + error["msg"][1:])


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Return a message about an unknown key, with the likeliest known key and the list of known ones."""
    names = list(known)
    return f"unknown key {key!r}{did_you_mean(key, names)} (known here: {listed(names)})"


def _not_one_of(value: object, expected: str) -> str:
    known = [name.strip("'") for name in expected.replace(" or ", ", ").split(", ")]
    written, meant = ("this", "") if value is None else (repr(value), did_you_mean(str(value), known))
    return f"{written} is not known here{meant} (one of: {', '.join(known)})"


def _keys_at(annotation: Any, path: tuple[int | str, ...]) -> list[str]:
    """Return the keys that are valid at a path; pydantic names the unknown key only."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
        return _keys_at(fields.get(str(path[0])), path[1:]) if path else list(fields)
    if get_origin(annotation) in (list, dict, Mapping):
        return _keys_at(get_args(annotation)[-1], path[1:])
    return next((keys for part in get_args(annotation) if (keys := _keys_at(part, path))), [])

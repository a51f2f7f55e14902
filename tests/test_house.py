"""Rules of the house that no linter knows: the layers as DESIGN.md shows them, and values instead of rows."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import tomllib
import typing
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import ROOT
from mypy import api
from sqlalchemy import Row, RowMapping

import storage

# ---------------------------------------------------------------------------------------------- layers


def enforced() -> str:
    """The layers contract of pyproject.toml, written as DESIGN.md writes it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = (each["layers"] for each in contracts if each["type"] == "layers")
    # in parentheses: layers that may be absent, which is of no interest to a reader
    bare = str.maketrans("", "", "()")
    return "\n".join(f"    {layer.replace('watcher.', '').translate(bare)}" for layer in layers)


def shown() -> str:
    """The first indented block behind "Who may import whom"."""
    behind = (ROOT / "DESIGN.md").read_text(encoding="utf-8").split("Who may import whom", 1)[1]
    return behind.split("\n\n")[1]


def test_the_layers_in_the_design_are_those_that_are_enforced() -> None:
    same = [line.split() for line in shown().splitlines()] == [line.split() for line in enforced().splitlines()]
    assert same, f"DESIGN.md, section 4, shows other layers than pyproject.toml enforces; paste this:\n\n{enforced()}\n"


# ---------------------------------------------------------------------------------------------- names

SAME_NOUN = frozenset(
    {
        "alerts", "claims", "commands", "database", "digests", "errors", "evidence", "health", "housekeeping", "pages",
        "pipeline", "proofs", "service", "sources", "starter", "stories",
    }
)  # fmt: skip
"""Modules of one name that speak of one thing on two floors: its rows in `storage`, what is done with it above."""


def named() -> Iterator[tuple[str, str]]:
    """Every public class and every module of the two packages, with where it is."""
    for path in sorted(file for top in ("watcher", "storage") for file in (ROOT / top).rglob("*.py")):
        if "versions" in path.parts or path.stem == "__main__":
            continue
        where = str(path.relative_to(ROOT))
        yield path.parent.name if path.stem == "__init__" else path.stem, where
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, where


def test_no_public_class_or_module_name_stands_for_two_things() -> None:
    places = defaultdict(list)
    for name, where in named():
        places[name].append(where)
    doubled = {name: found for name, found in places.items() if len(found) > 1 and name not in SAME_NOUN}
    assert not doubled


# ---------------------------------------------------------------------------------------------- values, not rows


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(package.__path__):
        if found.name != "migrations":
            yield importlib.import_module(f"{package.__name__}.{found.name}")


def public_functions(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, found in inspect.getmembers(module):
        if name.startswith("_") or getattr(found, "__module__", "") != module.__name__:
            continue
        if inspect.isfunction(found):
            yield f"{module.__name__}.{name}", found
        elif inspect.isclass(found):
            for each, method in inspect.getmembers(found, inspect.isfunction):
                if not each.startswith("_") and method.__module__ == module.__name__:
                    yield f"{module.__name__}.{name}.{each}", method


def parts(hint: Any) -> Iterator[Any]:
    """Every type that a type is made of, itself included."""
    yield hint
    for argument in typing.get_args(hint):
        yield from parts(argument)


def untyped(function: Callable[..., Any]) -> list[str]:
    """What a caller of a function could misspell without anybody noticing."""
    hints = typing.get_type_hints(function)
    return [
        f"{name}: {hint}"
        for name, hint in hints.items()
        for part in parts(hint)
        if part in {Row, RowMapping, Mapping[str, Any], dict[str, Any]} or typing.get_origin(part) is Row
    ]


def test_storage_hands_out_and_takes_values_whose_fields_have_types() -> None:
    every = [each for module in modules(storage) for each in public_functions(module)]
    assert len(every) > 100, "the walk finds them"
    assert {name: found for name, function in every if (found := untyped(function))} == {}


def test_a_function_that_hands_out_rows_is_found() -> None:
    def rows(values: dict[str, Any]) -> list[RowMapping]:
        raise NotImplementedError(values)

    assert [each.partition(":")[0] for each in untyped(rows)] == ["values", "return"]


def test_no_module_of_watcher_knows_a_row() -> None:
    sources = [path for path in (ROOT / "watcher").rglob("*.py") if "sqlalchemy" in path.read_text()]
    assert sources == []


# ---------------------------------------------------------------------------------------------- mutants

HEAD = """\
from __future__ import annotations
from sqlalchemy import Connection
from storage import alerts, digests, outbox, sources
from storage.leases import Lease
"""
SPELT = {
    "a field of an alert": ("def shown(alert: alerts.Alert) -> str:\n    return alert.{}\n", "priority", "prioritty"),
    "a field of what waits": ("def shown(line: digests.DigestLine) -> int:\n    return line.{}\n", "item_id", "itemid"),
    "what becomes of an alert": (
        "def wrote(connection: Connection) -> None:\n    alerts.change(connection, 7, {{'{}': 'urgent'}})\n",
        "priority", "prioritty",
    ),
    "how a poll ended": (
        "def wrote(connection: Connection, lease: Lease) -> None:\n"
        "    sources.settle_poll(connection, lease, {{'{}': 3}})\n",
        "failures", "failure",
    ),
    "how an attempt to deliver ended": (
        "def wrote(connection: Connection, lease: Lease) -> None:\n"
        "    outbox.settle_delivery(connection, lease, {{'{}': 3}})\n",
        "attempts", "attempt",
    ),
}  # fmt: skip


@pytest.mark.timeout(120)
def test_a_misspelt_field_column_or_outcome_is_an_error_of_types(tmp_path: Path) -> None:
    right: list[Path] = []
    wrong: list[Path] = []
    for number, (snippet, spelt, misspelt) in enumerate(SPELT.values()):
        for files, word in ((right, spelt), (wrong, misspelt)):
            files.append(tmp_path / f"snippet_{number}_{word}.py")
            files[-1].write_text(HEAD + snippet.format(word))
    options = ["--strict", f"--config-file={ROOT / 'pyproject.toml'}", f"--cache-dir={ROOT / '.mypy_cache'}"]
    told, trouble, _ = api.run([*options, *map(str, (*right, *wrong))])
    assert trouble == ""
    assert {path.name for path in (*right, *wrong) if f"{path.name}:" in told} == {path.name for path in wrong}, told

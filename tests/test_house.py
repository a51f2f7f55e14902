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
from fnmatch import fnmatch
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


JSON = {
    "watcher.channels.build": "a section of watcher.toml, before it is validated",
    "watcher.cli.*_data": "what --json prints",
    "watcher.cli.output.json_object": "what --json prints",
    "watcher.cli.service._spaced": "what --json prints",
    "watcher.daemon.control._answer": "a line of the control socket",
    "watcher.daemon.live_status.LiveStatus.*_json": "a line of the control socket",
    "watcher.jobs.housekeeping._Item.is_shown": "the stored payload of a webhook",
    "watcher.logs._harmless": "an event as structlog has it",
    "watcher.messages.*": "the payload of a webhook",
    "watcher.model.Rendered.data": "the payload of a webhook",
    "watcher.reading.attached._Link.attributes": "attributes as lxml and Beautiful Soup have them",
    "watcher.reading.claim_reviews.*": "JSON-LD of a page, as it is parsed",
    "watcher.reading.extraction.PageSelectors.from_json": "a line to a reading process",
    "watcher.reading.feedparser_entries.*": "an entry as feedparser has it",
    "watcher.reading.json_proposals._leaves": "somebody's JSON, as it is parsed",
    "watcher.reading.jsonfeed.*": "somebody's JSON Feed, as it is parsed",
    "watcher.reading.pool.Reader._read": "a line to a reading process",
    "watcher.reading.replies.Reply.__pydantic_config__": "a setting as pydantic has it",
    "watcher.reading.worker.*": "a line to a reading process",
    "watcher.rulebook.json_schema.*": "a JSON schema",
    "watcher.second_reader.endpoint.Endpoint._request": "the body of a request",
    "watcher.settings.*": "watcher.toml, before it is validated",
}
"""Where values without types may stand, and why: what comes from or goes to somebody else, as it is on the way."""
MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})


def has_untyped(annotation: ast.expr, aliases: frozenset[str] = frozenset()) -> bool:
    """Whether an annotation names a mapping whose values may be anything, or one of these names."""
    typed = set()
    for part in ast.walk(annotation):
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Tuple) and isinstance(part.value, ast.Name):
            values = part.slice.elts[-1]
            if isinstance(values, ast.Name) and values.id in {"Any", "object"} and part.value.id in MAPPINGS:
                return True
            typed.add(part.value)
    names = {part.id for part in ast.walk(annotation) if isinstance(part, ast.Name) and part not in typed}
    return not names.isdisjoint(MAPPINGS | aliases)


def untyped_names(tree: ast.AST, where: str, aliases: frozenset[str]) -> Iterator[str]:
    """The functions that take or return something untyped, private ones too, and the fields that hold it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            annotations = [each.annotation for each in arguments if each.annotation]
            if any(has_untyped(each, aliases) for each in (*annotations, *filter(None, [node.returns]))):
                yield f"{where}.{node.name}"
        elif (
            isinstance(node, ast.AnnAssign) and isinstance(tree, ast.ClassDef) and has_untyped(node.annotation, aliases)
        ):
            yield f"{where}.{ast.unparse(node.target)}"
        inside = f"{where}.{node.name}" if isinstance(node, ast.ClassDef | ast.FunctionDef) else where
        if isinstance(node, ast.stmt):
            yield from untyped_names(node, inside, aliases)


def aliases_in(module: ast.Module) -> Iterator[str]:
    """What a module calls SQLAlchemy's rows, and its own names for untyped mappings."""
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            yield from (each.asname or each.name for each in node.names if each.name in {"Row", "RowMapping"})
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript) and has_untyped(node.value):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def untyped_in(text: str, module: str) -> list[str]:
    tree = ast.parse(text)
    return list(untyped_names(tree, module, frozenset(aliases_in(tree))))


def test_nothing_in_watcher_takes_or_gives_rows_or_untyped_dicts_but_where_json_comes_and_goes() -> None:
    found = []
    for path in sorted((ROOT / "watcher").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found += untyped_in(path.read_text(encoding="utf-8"), module)
    assert [name for name in found if not any(fnmatch(name, pattern) for pattern in JSON)] == []
    assert [pattern for pattern in JSON if not any(fnmatch(name, pattern) for name in found)] == []


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import RowMapping\ndef told(row: RowMapping) -> str: ...",
        "from sqlalchemy.engine import Row as R\ndef told(rows: Sequence[R[Any]]) -> str: ...",
        "def told(*, shown: Mapping[str, Any] | None) -> str: ...",
        "def told() -> list[dict[str, object]]: ...",
        "def told(shown: dict) -> str: ...",
        "Values = dict[str, Any]\ndef told(shown: Values) -> str: ...",
        "if True:\n    def told(shown: dict[str, Any]) -> str: ...",
    ],
)
def test_a_function_of_watcher_that_takes_or_gives_them_is_found(source: str) -> None:
    assert untyped_in(source, "room") == ["room.told"]


def test_mappings_whose_values_have_a_type_are_let_be() -> None:
    assert untyped_in("def told(shown: Mapping[str, Sequence[int]]) -> dict[str, int]: ...", "room") == []


def test_no_module_of_watcher_knows_a_row() -> None:
    sources = [path for path in (ROOT / "watcher").rglob("*.py") if "sqlalchemy" in path.read_text()]
    assert sources == []


# ---------------------------------------------------------------------------------------------- mutants

HEAD = """\
from __future__ import annotations
from sqlalchemy import Connection
from storage import alerts, digests, outbox, sources
from storage.leases import Lease
from storage.poll_state import PollState
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
    "the state of a source": (
        "def wrote(connection: Connection, lease: Lease) -> None:\n"
        "    sources.settle_poll(connection, lease, {{'state': {}}})\n",
        "PollState.OK", "'okay'",
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
            files.append(tmp_path / f"snippet_{number}_{'right' if word is spelt else 'wrong'}.py")
            files[-1].write_text(HEAD + snippet.format(word))
    options = ["--strict", f"--config-file={ROOT / 'pyproject.toml'}", f"--cache-dir={ROOT / '.mypy_cache'}"]
    told, trouble, _ = api.run([*options, *map(str, (*right, *wrong))])
    assert trouble == ""
    assert {path.name for path in (*right, *wrong) if f"{path.name}:" in told} == {path.name for path in wrong}, told

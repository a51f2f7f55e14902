"""The examples in docstrings are true."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest
from conftest import ROOT

# importing only the modules with examples keeps this fast; migrations cannot be imported outside alembic at all
WITH_EXAMPLES = [
    path.relative_to(ROOT)
    for package in ("watcher", "storage")
    for path in sorted((ROOT / package).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=str)
def test_the_examples_of_a_module_are_true(path: Path) -> None:
    results = doctest.testmod(import_module(".".join(path.with_suffix("").parts)))
    assert results.attempted
    assert not results.failed

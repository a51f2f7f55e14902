"""The pins install, and the code runs, on every supported Python, from that of Debian 12 on."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata

import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

DEBIAN_12 = "3.11.2"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = [
    Requirement(line.partition("#")[0])
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line.partition("#")[0].strip()
]


def test_every_requirement_has_a_pin_that_it_allows() -> None:
    pins = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in PINS}
    extras = (each for extra in PROJECT["optional-dependencies"].values() for each in extra)
    wanted = [Requirement(each) for each in (*PROJECT["dependencies"], *extras)]
    assert not [str(each) for each in wanted if pins.get(canonicalize_name(each.name), "none") not in each.specifier]


def test_what_the_hooks_of_a_checkout_run_is_installed_for_its_developers() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"].split()[0] for repository in config["repos"] for hook in repository["hooks"]]
    needed = {"pre-commit", *(entry.removeprefix(".venv/bin/") for entry in entries)}
    assert needed <= {Requirement(each).name for each in PROJECT["optional-dependencies"]["dev"]}


@pytest.mark.parametrize("python", [DEBIAN_12, "3.12.0", "3.13.0"])
def test_no_pin_needs_a_later_python(python: str) -> None:
    """Read from what is installed here, so without the network; what is not installed is in no extra for tests."""
    refusing = []
    for pin in PINS:
        try:
            needs = str(metadata(pin.name).json.get("requires_python", ""))
        except PackageNotFoundError:
            continue
        if python not in SpecifierSet(needs):
            refusing.append(f"{pin} needs Python {needs}")
    assert not refusing


def test_no_expression_has_a_possessive_group() -> None:
    """Python before 3.11.5 matches ``(...)++`` wrongly; ``(?>(...)+)`` means the same."""
    possessive = re.compile(r"(?<!\\)\)[*+?]\+")
    code = (path for package in ("watcher", "storage") for path in (ROOT / package).rglob("*.py"))
    assert not [path.name for path in code if possessive.search(path.read_text(encoding="utf-8"))]

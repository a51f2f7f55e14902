"""DESIGN.md shows the layers of the code as import-linter enforces them."""

import tomllib

from conftest import ROOT


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

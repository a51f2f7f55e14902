"""What is shipped loads, says nothing odd, and its schemas are those of the loader."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from watcher.fetchers import KINDS
from watcher.rulebook import Rulebook, load, read_files
from watcher.rulebook.json_schema import as_file, claim_schema, sources_schema
from watcher.rulebook.starter import CLAIM, files

RULES = Path(__file__).parents[2] / "rules"
OPTIONS = {name: kind.options for name, kind in KINDS.items()}


@pytest.fixture(scope="module")
def shipped() -> Rulebook:
    return load(read_files(RULES), OPTIONS)


def test_the_shipped_rules_load_without_a_warning(shipped: Rulebook) -> None:
    assert [str(warning) for warning in shipped.warnings] == []


def test_every_shipped_rule_has_ten_items_to_hit_and_ten_to_leave_alone() -> None:
    text = (RULES / "claims" / "mpd-to-ice.yaml").read_text(encoding="utf-8")
    sections = text.split("tests:\n")[1].split("  # ----")[1:]
    assert len(sections) == 9
    for section in sections:
        items = section.split("\n  - ")[1:]
        assert len(items) >= 20, section[:120]
        assert sum("expect: []" in item for item in items) >= 10, section[:120]
        assert sum("expect: []" not in item for item in items) >= 10, section[:120]


def test_sources_that_nobody_confirmed_are_off_and_say_why(shipped: Rulebook) -> None:
    off = [source for source in shipped.sources if not source.enabled]
    assert {source.id for source in off} == {
        "bca-news",
        "civil-rights-division",
        "courtlistener-search",
        "fbi-minneapolis",
        "fox9",
        "hennepin-county-attorney",
        "ice-news",
        "minneapolis-agendas",
        "minneapolis-city-council",
        "minneapolis-civil-service",
        "minneapolis-news",
        "minneapolis-police-conduct-review",
        "minneapolis-public-safety-committee",
        "usajobs-ice",
        "wcco-site",
    }
    assert all(source.disabled_because for source in off)


def test_every_shipped_source_says_what_it_is(shipped: Rulebook) -> None:
    for source in shipped.sources:
        assert source.tags & {"official", "press", "aggregator"}, source.id


@pytest.mark.parametrize(
    ("name", "schema"), [("schema.json", claim_schema()), ("sources.schema.json", sources_schema(OPTIONS))]
)
def test_the_schema_is_the_one_of_the_loader(name: str, schema: dict[str, object]) -> None:
    assert (RULES / name).read_text(encoding="utf-8") == as_file(schema)


def test_the_schema_explains_every_mapping_and_allows_no_unknown_key() -> None:
    schema = json.loads((RULES / "schema.json").read_text(encoding="utf-8"))
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["watch", "id", "claim", "rules"]
    for shape in (schema, *(each for each in schema["$defs"].values() if "properties" in each)):
        assert shape["description"]
        assert shape["additionalProperties"] is False


def test_the_starter_is_six_lines_and_loads() -> None:
    written = {name: text for name, text in files(OPTIONS).items() if name.endswith(".yaml")}
    assert len(CLAIM.splitlines()) == 6
    book = load(written, OPTIONS)
    assert book.warnings == ()
    assert len(book.sources) == 2


@pytest.mark.shared_data
def test_the_shipped_rules_tell_news_from_noise(shipped: Rulebook) -> None:
    bench = runpy.run_path(str(RULES.parent / "bench" / "rules.py"))
    path = bench["labelled_items"]([])
    if not path.exists():
        pytest.skip(f"no labelled items at {path}")
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    scores = bench["measure"](shipped, items).values()
    right, missed, false = (sum(counts) for counts in zip(*map(_counts, scores), strict=True))
    assert right / (right + missed) >= 0.95
    assert right / (right + false) >= 0.85
    assert list(bench["urgent_noise"](shipped, items)) == []


def _counts(score: Any) -> tuple[int, int, int]:
    return score.right, len(score.missed), len(score.false)

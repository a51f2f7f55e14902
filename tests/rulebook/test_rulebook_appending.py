from __future__ import annotations

import pytest
import yaml

from watcher.fetchers import KINDS
from watcher.model import ConfigError
from watcher.rulebook import load
from watcher.rulebook.appending import appended, free_id, source_text

OPTIONS = {name: kind.options for name, kind in KINDS.items()}
NEW = {"id": "minutes", "kind": "page", "url": "https://city.example/minutes", "item": "tr.row", "tags": ["official"]}
FILE = """\
# ours
watch: 1
sources:
  - id: paper   # the one in town
    kind: feed
    url: https://paper.example/feed
"""


def test_a_source_is_added_and_nothing_else_is_touched() -> None:
    after = appended(FILE, NEW)
    assert after.startswith(FILE)
    assert [source.id for source in load({"sources.yaml": after}, OPTIONS).sources] == ["paper", "minutes"]


@pytest.mark.parametrize(
    "text",
    [
        FILE.rstrip("\n"),
        FILE.replace("  -", "-").replace("    ", "  "),
        FILE + "\n# the end\n",
        FILE.replace("- id: paper   # the one in town\n    kind", "-   id: paper\n      kind").replace(
            "\n    url", "\n      url"
        ),
    ],
    ids=["no last line end", "not indented", "a comment last", "wide dashes"],
)
def test_the_list_goes_on_as_it_was_written(text: str) -> None:
    assert len(load({"sources.yaml": appended(text, NEW)}, OPTIONS).sources) == 2


@pytest.mark.parametrize(
    "text",
    [
        "sources: [{id: paper, kind: feed, url: 'https://paper.example/feed'}]\n",
        "sources: []\n",
        "sources:\nwatch: 1\n",
        "watch: 1\n",
        "sources:\n  - id: paper\n    kind: feed\n    url: https://paper.example/feed\nwatch: 1\n",
        "- id: paper\n",
        "sources: [\n",
        "",
    ],
)
def test_a_file_that_takes_an_edit_by_hand_is_left_alone(text: str) -> None:
    with pytest.raises(ConfigError, match="list of sources"):
        appended(text, NEW)


@pytest.mark.parametrize(
    "selector",
    [
        "a[href*='/news/20']",
        "[id$=hypBody]",
        ".",
        "td:nth-of-type(2), th",
        "no",
        "1.10",
        "a: b",
        "a #b",
        '"Meeting Date"',
        "*",
        "ü",
    ],
)
def test_what_is_written_reads_as_the_same_text(selector: str) -> None:
    text = appended(FILE, NEW | {"item": selector})
    assert yaml.load(text, Loader=yaml.CBaseLoader)["sources"][1]["item"] == selector


def test_a_text_to_paste_begins_with_its_dash() -> None:
    assert source_text({"id": "x", "tags": ["a", "b"]}, "  ") == "  - id: x\n    tags: [a, b]\n"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.minnpost.com/feed/", "minnpost"),
        ("https://webapi.legistar.com/v1/hennepinmn/events?$top=100", "webapi-legistar-v1-hennepinmn-events"),
        ("https://city.example/a/" + "long-" * 40, "city-example-a-long-long-long-long-long"),
        ("http://127.0.0.1:8080/", "127-0-0-1"),
        ("https://www.com/", "source"),
    ],
)
def test_a_source_is_called_after_its_address(url: str, name: str) -> None:
    assert free_id(url, set()) == name
    assert free_id(url, {name, f"{name}-2"}) == f"{name}-3"

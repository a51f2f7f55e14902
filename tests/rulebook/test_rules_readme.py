"""Every YAML block of rules/README.md does what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from watcher.fetchers import KINDS
from watcher.fetchers.presets import INTERFACES, PAGES
from watcher.judging import Attention, attention
from watcher.matching import Document, Matcher, Query, QueryError, Standing, parse, parse_list
from watcher.model import Priority, TextFrom
from watcher.rulebook import load

PAGE = Path(__file__).parents[2] / "rules" / "README.md"
OPTIONS = {name: kind.options for name, kind in KINDS.items()}
SOURCES = """\
sources:
  - {id: city-notices, kind: feed, url: https://city.example/notices.xml, tags: [official]}
  - {id: justice-department, kind: feed, url: https://justice.example/feed, tags: [official]}
  - {id: daily, kind: feed, url: https://daily.example/feed, tags: [press]}
"""


def blocks() -> Iterator[Any]:
    text = PAGE.read_text(encoding="utf-8")
    for found in re.finditer(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield pytest.param(found[1], id=f"line-{text.count(chr(10), 0, found.start()) + 1}")


@pytest.mark.parametrize("block", list(blocks()))
def test_a_block_does_what_the_page_says(block: str) -> None:
    keys = set(yaml.load(block, Loader=yaml.CBaseLoader))
    if "when" in keys:
        check_condition(yaml.load(block, Loader=yaml.CBaseLoader))
    elif "sources" in keys:
        assert load({"sources.yaml": block}, OPTIONS).warnings == ()
    else:
        book = load({"sources.yaml": SOURCES, "claims/block.yaml": block}, OPTIONS, ["desk-mail", "newsroom-hook"])
        assert book.warnings == ()
        assert book.claims


def test_every_kind_of_source_and_every_preset_is_told_of() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"\n**{kind}**: " not in text] == []
    assert [name for name in (*INTERFACES, *PAGES) if f"`{name}`" not in text] == []
    assert [each.value for each in TextFrom if f"| `{each.value}` |" not in text] == []


def test_what_the_page_says_of_priorities_is_what_the_judge_does() -> None:
    text = PAGE.read_text(encoding="utf-8")
    at_once = lowest(Priority.NORMAL, Attention.NOW)
    in_digest = lowest(Priority.DIGEST, Attention.DIGEST)
    assert f"`normal` (the default): at once from an impact of {at_once} on, below that in the daily digest" in text
    assert f"`digest`: in the daily digest from an impact of {in_digest} on, below that in no message" in text
    assert lowest(Priority.URGENT, Attention.NOW) == lowest(Priority.NORMAL, Attention.DIGEST) == 0


def lowest(priority: Priority, wanted: Attention) -> int:
    """The lowest impact at which a hit of this priority gets that attention."""
    return next(score for score in range(101) if attention(score, priority) is wanted)


def check_condition(block: Mapping[str, Any]) -> None:
    """``when`` with ``terms``, the items it must ``hit`` and ``miss``, or the ``error`` or ``warning`` it gives."""
    if "error" in block:
        with pytest.raises(QueryError, match=re.escape(block["error"])):
            understood(block)
        return
    query = understood(block)
    if "warning" in block:
        assert any(block["warning"] in message for _, message in query.warnings)
    matcher = Matcher([Standing("rule", query)])
    for item in several(block.get("hit", [])):
        assert matcher.hits(document(item)), f"{block['when']} misses {item}"
    for item in several(block.get("miss", [])):
        assert not matcher.hits(document(item)), f"{block['when']} hits {item}"


def understood(block: Mapping[str, Any]) -> Query:
    lists = {name: parse_list(name, entries) for name, entries in block.get("terms", {}).items()}
    return parse(block["when"], lists)


def several(items: Any) -> Sequence[Any]:
    return items if isinstance(items, list) else [items]


def document(item: str | Mapping[str, Any]) -> Document:
    """A text alone is a title."""
    return Document.of(title=item) if isinstance(item, str) else Document.of(**{"title": "", **item})

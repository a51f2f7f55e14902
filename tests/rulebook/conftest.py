"""A small set of rule files that is in order, and loading of files that differ from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from watcher.rulebook import Rulebook, RulebookError, load
from watcher.source_options import SourceOptions

SOURCES = """\
watch: 1
sources:
  - {id: city-notices, kind: feed, url: https://city.example/notices.xml, tags: [official], every: 1h, keeps: all}
  - {id: daily, kind: feed, url: https://daily.example/feed, tags: [press], depth: 5}
"""

CLAIM = """\
watch: 1
id: officers-to-ice
claim: {claimReviewed: Minneapolis police officers quit to join ICE, rating: No evidence}
terms:
  mpd: [Minneapolis police, MPD]
rules:
  transfer:
    when: '@mpd and ICE'
    priority: urgent
    sources: [press]
  resigned:
    when: '@mpd and resign*'
unless:
  weather: '"ice storm" or "black ice"'
tests:
  - {title: MPD officers join ICE, expect: [transfer]}
  - {title: MPD officers resign, expect: [resigned]}
  - {title: Police notice, expect: []}
"""

CLAIM_FILE = "claims/ice.yaml"


class FeedOptions(SourceOptions):
    """A feed, as the tests know it."""

    depth: int = 1


class PageOptions(SourceOptions):
    """A page, as the tests know it."""

    item: str


KINDS: dict[str, type[SourceOptions]] = {"feed": FeedOptions, "page": PageOptions}

Loads = Callable[..., Rulebook]
Complains = Callable[..., list[str]]


@pytest.fixture
def kinds() -> dict[str, type[SourceOptions]]:
    """The kinds of source there are."""
    return KINDS


@pytest.fixture
def loads() -> Loads:
    """Loads the small set, or one that differs: ``loads(claim=..., sources=..., files={...})``."""

    def go(*, claim: str = CLAIM, sources: str = SOURCES, files: dict[str, str] | None = None) -> Rulebook:
        return load({"sources.yaml": sources, CLAIM_FILE: claim, **(files or {})}, KINDS, ["mail", "newsroom"])

    return go


@pytest.fixture
def complains(loads: Loads) -> Complains:
    """What is said about files that are not in order."""

    def go(**changed: object) -> list[str]:
        with pytest.raises(RulebookError) as error:
            loads(**changed)
        assert str(error.value).splitlines() == [str(problem) for problem in error.value.problems]
        return [str(problem) for problem in error.value.problems]

    return go


@pytest.fixture
def claim() -> str:
    """The small set's claim."""
    return CLAIM


@pytest.fixture
def sources() -> str:
    """The small set's sources."""
    return SOURCES

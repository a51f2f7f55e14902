from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from watcher.matching import Document, Matcher, Standing, parse, parse_list

Hits = Callable[..., bool]


@pytest.fixture(scope="session", params=[True, False], ids=["compiled", "python"])
def compiled(request: pytest.FixtureRequest) -> bool:
    """Runs a test over both implementations of the matcher."""
    if request.param and Matcher(compiled=True).core != "compiled":
        pytest.skip("the compiled core was not built: no C compiler when the package was installed")
    return bool(request.param)


@pytest.fixture
def matcher(compiled: bool) -> Callable[..., Matcher]:
    """Makes a matcher of rules given as text, known by their text."""

    def make(*rules: str, lists: dict[str, Sequence[str]] | None = None, unless: Iterable[str] = ()) -> Matcher:
        known = {name: parse_list(name, entries) for name, entries in (lists or {}).items()}
        conditions = tuple((text, parse(text, known)) for text in unless)
        standing = [Standing(rule, parse(rule, known), conditions) for rule in rules]
        return Matcher(standing, compiled=compiled)

    return make


@pytest.fixture
def hits(matcher: Callable[..., Matcher]) -> Hits:
    """Whether one rule hits a document given by its parts, the title first."""

    def hit(rule: str, title: str = "", /, lists: dict[str, Sequence[str]] | None = None, **parts: Any) -> bool:
        return bool(matcher(rule, lists=lists).hits(Document.of(title=title, **parts)))

    return hit


@pytest.fixture
def in_threads() -> Callable[..., list[object]]:
    """Calls a function with each of several values, each in a thread of its own."""

    def run(function: Callable[[int], object], values: Sequence[int]) -> list[object]:
        with ThreadPoolExecutor(len(values)) as pool:
            return list(pool.map(function, values))

    return run

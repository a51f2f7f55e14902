"""A desk, a newspaper on loopback, and a day of news behind them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import CLAIM, NEWS, OLD, SETTINGS, Desk, copied
from running import Newspaper, feed


@pytest.fixture(scope="session")
def newspaper() -> Iterator[Newspaper]:
    opened = Newspaper()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def written(newspaper: Newspaper) -> Iterator[Path]:
    """A desk that nobody worked at yet, to be copied. Its name is short: paths of sockets are limited to 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="desk-") as folder:
        desk = Desk(Path(folder))
        desk.write("watcher.toml", SETTINGS)
        paper = f"{{id: paper, kind: feed, url: '{newspaper.url}', tags: [press], text_from: feed}}"
        sources = f"watch: 1\nsources:\n  - {paper}\n"
        desk.write("rules/sources.yaml", sources)
        desk.write("rules/claims/ice.yaml", CLAIM)
        yield desk.folder


@pytest.fixture(scope="session")
def worked(written: Path, newspaper: Newspaper) -> Iterator[Path]:
    """A desk with a day of news behind it, to be copied."""
    with copied(written) as folder:
        desk = Desk(folder)
        for titles in (OLD, (*OLD, *NEWS)):
            newspaper.page = feed(*titles)
            done = desk.process("run", "--once")
            assert done.code == 0, done
        yield folder


@pytest.fixture(autouse=True)
def _shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("WATCHER_") and name != "WATCHER_SHARED":
            monkeypatch.delenv(name)
    for name in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CONFIGURATION_DIRECTORY", "NOTIFY_SOCKET"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def desk(written: Path, newspaper: Newspaper) -> Iterator[Desk]:
    """Settings and rules; nothing has run yet."""
    newspaper.page = feed(*OLD, *NEWS)
    with copied(written) as folder:
        yield Desk(folder)


@pytest.fixture
def day(worked: Path) -> Iterator[Desk]:
    """A desk that has read the paper twice: two alerts, one of them a bad match, and a near miss."""
    with copied(worked) as folder:
        yield Desk(folder)

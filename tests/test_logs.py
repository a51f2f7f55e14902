"""Log lines: one an event, whatever stands in it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog

from watcher import logs


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    yield
    structlog.reset_defaults()


HOSTILE = ["two\r\nlines", "\x1b[2Jwiped", "%s %d {x}", "a\u2028b\u2029c", "bidi \u202e", "\x00\x07", "\ud800 alone"]


@pytest.mark.scenario("Z5")
@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_no_text_forges_a_line_or_drives_a_terminal(title: str, stream: type[io.StringIO]) -> None:
    out = stream()
    logs.configure(out)
    structlog.get_logger().info("poll", title=title)
    (line,) = out.getvalue().splitlines()
    assert title not in line or title.isprintable()
    ours = line.replace("\x1b[", "") if stream is Terminal else line  # colours of our own
    assert "\x1b" not in ours
    assert "\x1b[2J" not in line


@pytest.mark.scenario("Z5")
def test_a_title_of_ten_megabytes_makes_no_line_of_ten_megabytes() -> None:
    out = io.StringIO()
    logs.configure(out)
    structlog.get_logger().info("poll", title="x" * 10_000_000)
    assert len(out.getvalue()) < 2_500
    assert json.loads(out.getvalue())["title"].endswith("(10000000 characters)")

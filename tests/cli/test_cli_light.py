"""What a command loads: help and mistakes nothing heavy, and a command that shows what is stored only the database."""

from __future__ import annotations

import pytest
from desks import Desk

LIBRARIES = (
    "alembic", "apscheduler", "apprise", "bs4", "feedparser", "httpx", "jmespath", "lxml", "psycopg",
    "pydantic_settings", "pypdfium2", "re2", "sqlalchemy", "sqlmodel", "structlog", "trafilatura", "yaml",
)  # fmt: skip
"""Without pydantic, by which typer itself converts what was typed."""
OURS = (
    "watcher.app", "watcher.daemon", "watcher.fetchers", "watcher.judging", "watcher.matching", "watcher.pipeline",
    "watcher.reading", "watcher.rulebook", "watcher.web",
)  # fmt: skip
OF_A_DATABASE = {"pydantic_settings", "sqlalchemy", "sqlmodel"}
"""What settings and tables are made of."""
TELL = """
import atexit, sys
atexit.register(lambda: print("loaded:", *sorted(sys.modules), file=sys.stderr))
"""


def heavy(desk: Desk, *words: str) -> set[str]:
    """What a command has loaded of the libraries and rooms that take long to load."""
    loaded = desk.process(*words, before=TELL).error.rpartition("loaded:")[2].split()
    assert "watcher.cli" in loaded
    return {name for name in (*LIBRARIES, *OURS) if name in loaded}


@pytest.mark.parametrize(
    "typed", ["--help", "--version", "fly", "alerts --help", "claim new --help", "run --once --sometimes"]
)
def test_help_the_version_and_a_typing_error_load_nothing_heavy(typed: str, desk: Desk) -> None:
    assert heavy(desk, *typed.split()) == set()


@pytest.mark.parametrize("typed", ["status", "sources", "alerts", "alerts show 1", "outbox"])
def test_what_only_looks_loads_the_database_and_no_more(typed: str, day: Desk) -> None:
    assert heavy(day, *typed.split()) - {"watcher.daemon"} == OF_A_DATABASE


@pytest.mark.parametrize("typed", ["alerts answer 1 checking", "outbox retry", "reload", "send-test paper"])
def test_a_command_to_a_running_service_loads_no_service(typed: str, day: Desk) -> None:
    with day.running():
        assert "watcher.app" not in heavy(day, *typed.split())

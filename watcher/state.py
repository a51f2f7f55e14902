"""The state folder: the lock that lets one process write, and the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from storage import migrations
from storage.database import Database, sqlite_url
from storage.lock import ProcessLock
from watcher.model import ConfigError
from watcher.settings import Settings

DATABASE = "watcher.sqlite"


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Make this the only process that writes. Raises `storage.lock.Locked` while another one does."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ProcessLock(settings.state / "lock"):
        yield


def open_database(settings: Settings, *, read_only: bool = False) -> Database:
    """Return the database that the settings name. Nothing is created or migrated yet."""
    url = settings.storage.url or sqlite_url(settings.state / DATABASE)
    return Database(url, read_only=read_only, witness=settings.state / "database-in-use")


@contextmanager
def existing_database(settings: Settings, *, read_only: bool = False) -> Iterator[Database]:
    """Open the database of an earlier run, and leave its schema as it is. Raises ConfigError if there is none yet, or
    if its schema is of another version of watcher.
    """
    require_database(settings)
    database = open_database(settings, read_only=read_only)
    try:
        require_tables(database)
        _require_this_version(database)
        yield database
    finally:
        database.close()


def require_database(settings: Settings) -> None:
    """Raise ConfigError when there is no database file yet; whether there is one on a server shows when it is read."""
    if not settings.storage.url and not (settings.state / DATABASE).exists():
        raise ConfigError(f"there is no database in {settings.state} yet: `watcher run` makes one")


def require_tables(database: Database) -> None:
    """Raise ConfigError if it has no tables yet, `StorageBroken` if it was used and is empty now."""
    with database.read() as connection:
        made = migrations.current(connection) is not None
    if not made:
        database.refuse_if_emptied()
        raise ConfigError(f"{database.describe()} has no tables of watcher yet: `watcher run` makes them")


def _require_this_version(database: Database) -> None:
    with database.read() as connection:
        if migrations.is_newer(connection):
            raise ConfigError(
                f"{database.describe()} was written by a newer version of watcher: install that version again"
            )
        if not migrations.is_current(connection):
            raise ConfigError(
                f"{database.describe()} was written by an older version of watcher: "
                f"the next start of `watcher run` adapts it"
            )

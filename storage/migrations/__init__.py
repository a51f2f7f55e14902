"""Schema migrations (alembic), run inside the caller's transaction: all of them or, on an error, none.

Which revision a database is at is read without alembic, which takes a quarter of a second to import: commands that only
look need no more than that.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config


def config(connection: Connection) -> Config:
    """Return the configuration with which alembic's commands use this connection."""
    from alembic.config import Config

    settings = Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings


def revisions() -> list[str]:
    """Return every revision this code knows, the oldest first: each file in `versions` begins with its own."""
    return sorted(path.name.partition("_")[0] for path in Path(__file__).parent.glob("versions/[0-9]*_*.py"))


def current(connection: Connection) -> str | None:
    """Return the revision the database is at; None when it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def is_newer(connection: Connection) -> bool:
    """Return whether the database is at a revision that this code does not know."""
    return current(connection) not in (None, *revisions())


def is_current(connection: Connection) -> bool:
    """Return whether the database is at this code's revision."""
    return current(connection) == revisions()[-1]


def upgrade(connection: Connection) -> None:
    """Bring the schema to this code's revision."""
    from alembic import command

    command.upgrade(config(connection), "head")

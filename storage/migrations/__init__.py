"""Schema migrations (alembic), run inside the caller's transaction: all of them or, on an error, none."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def config(connection: Connection) -> Config:
    """What alembic's commands need to work on this connection."""
    settings = Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings


def is_newer(connection: Connection) -> bool:
    """Whether the database is at a revision this code does not know."""
    current = MigrationContext.configure(connection).get_current_revision()
    known = {step.revision for step in ScriptDirectory.from_config(config(connection)).walk_revisions()}
    return current is not None and current not in known


def is_current(connection: Connection) -> bool:
    """Whether the database is at this code's revision."""
    newest = ScriptDirectory.from_config(config(connection)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == newest


def upgrade(connection: Connection) -> None:
    """Bring the schema to this code's revision."""
    command.upgrade(config(connection), "head")

"""Revisions as they are read without alembic."""

from __future__ import annotations

from alembic.script import ScriptDirectory

from storage import migrations
from storage.database import Database


def test_the_names_of_the_files_give_the_revisions_that_alembic_knows(database: Database) -> None:
    with database.read() as connection:
        script = ScriptDirectory.from_config(migrations.config(connection))
        assert migrations.revisions() == sorted(step.revision for step in script.walk_revisions())
        assert migrations.current(connection) == migrations.revisions()[-1] == script.get_current_head()

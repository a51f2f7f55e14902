"""What the service remembers between two runs."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from storage import notes
from storage.database import Database

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)


def test_what_earlier_versions_noted_is_read(database: Database) -> None:
    noted = {
        "last daily digest": "2026-01-20T12:00:00+00:00",
        "network down since": "2026-01-20T12:00:00+00:00",
        "failing destinations": '{"mail desk@example.org": "2026-01-20T12:00:00+00:00"}',
        "moved city": "https://city.example.org/new",
        "forgotten 7": "2026-01-20T12:00:00+00:00",
    }
    with database.write() as connection:
        rows = [{"name": name, "value": value} for name, value in noted.items()]
        connection.execute(text("INSERT INTO note (name, value) VALUES (:name, :value)"), rows)
        assert notes.last_daily_digest(connection) == NOON
        assert notes.network_down_since(connection) == NOON
        assert notes.failing_destinations(connection) == {("mail", "desk@example.org"): NOON}
        assert notes.announced_address(connection, "city") == "https://city.example.org/new"
        assert notes.is_forgotten(connection, 7)


def test_what_was_noted_last_counts_and_what_never_was_is_empty(database: Database) -> None:
    with database.write() as connection:
        assert notes.last_daily_digest(connection) is None
        assert notes.failing_destinations(connection) == {}
        assert not notes.is_forgotten(connection, 7)
        notes.set_failing_destinations(connection, {("shell", "a folder/with spaces"): NOON})
        assert notes.failing_destinations(connection) == {("shell", "a folder/with spaces"): NOON}
        notes.set_network_down_since(connection, NOON)
        notes.set_network_down_since(connection, None)
        assert notes.network_down_since(connection) is None

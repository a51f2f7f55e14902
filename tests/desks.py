"""A folder with settings and rules, and the command line as people use it in it."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from typer.testing import CliRunner

from watcher.cli.base import cli

SETTINGS = """\
[operator]
contact = "mailto:desk@example.org"
[fetch]
allow_private = ["127.0.0.1"]
deadline = 5
workers = 1
[channels.paper]
kind = "atom"
path = "alerts.atom"
"""

CLAIM = """\
watch: 1
id: officers-to-ice
claim: {claimReviewed: Police officers quit to join ICE, rating: No evidence}
rules:
  transfer:
    asks: Does this name officers who left for ICE?
    bearing: against-verdict
    priority: urgent
    when: 'officer* and ICE'
unless:
  weather: '"ICE storm"'
alert: {to: [paper], remind_after: 4h}
expect_per_week: 0-6
"""

OLD = ("Council meets", "Budget passed")
NEWS = ("Twenty officers left for ICE", "Officers play hockey at ICE arena", "Police quit and join the union")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    error: str


@dataclass
class Desk:
    """A folder, and commands typed in it."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def change(self, name: str, before: str, after: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert before in text
        self.write(name, text.replace(before, after))

    def type(self, *words: str, input: str = "") -> Ended:
        """Type a command; it runs in this process."""
        with _in_folder(self.folder):
            done = CliRunner().invoke(cli, words, input=input, catch_exceptions=False)
        return Ended(done.exit_code, done.stdout, done.stderr)

    def start(self, *words: str, before: str = "", **options: Any) -> subprocess.Popen[str]:
        """Begin a command as a process of its own; ``before`` is code that is run in it first."""
        code = f"{before}\nfrom watcher.cli import main\nmain()"
        usual: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment()}
        return subprocess.Popen([sys.executable, "-c", code, *words], text=True, cwd=self.folder, **usual | options)

    def process(self, *words: str, before: str = "", seconds: float = 60, **options: Any) -> Ended:
        """Run a command as a process of its own."""
        process = self.start(*words, before=before, **options)
        out, error = process.communicate(timeout=seconds)
        return Ended(process.returncode, out or "", error or "")

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """The service, from when it takes commands until it is told to stop."""
        process = self.start("run", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 30
            while not (self.folder / ".watcher/control.sock").exists():
                assert process.poll() is None, "it has ended"
                assert time.monotonic() < until, "it does not take commands"
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            assert process.wait(30) == 0


def environment(**more: str) -> dict[str, str]:
    """What a person's shell hands on."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "PYTHONPATH", "HOME", "LANG"}}
    return kept | more


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """As if a shell were there; what a command does to the process's logging is undone."""
    before, handlers, level = Path.cwd(), logging.root.handlers[:], logging.root.level
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
        structlog.reset_defaults()


@contextmanager
def copied(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="desk-") as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        yield Path(copy)

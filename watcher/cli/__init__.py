"""The command line: ``watcher --help``."""

from watcher.cli.commands import main

__all__ = ["main"]

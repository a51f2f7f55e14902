"""Every command, in the order of the help, and the entry point."""

from __future__ import annotations

from watcher.cli import alerts, database, evidence, files, measuring, probing, service
from watcher.cli.base import cli

MODULES = (files, probing, measuring, service, alerts, evidence, database)
"""Importing them is what adds their commands."""


def main() -> None:
    """Run the command line."""
    cli()

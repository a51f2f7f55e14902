"""Every command, in the order of the help, and the entry point."""

from __future__ import annotations

from watcher.cli import alerts, claims, database, evidence, files, measuring, probing, service
from watcher.cli.base import cli

MODULES = (files, probing, claims, measuring, service, alerts, evidence, database)
"""Importing them is what adds their commands."""


def main() -> None:
    """Run the command line."""
    cli()

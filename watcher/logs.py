"""Logs: one line per event, for people on a terminal and as JSON elsewhere, with foreign text made harmless."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

MAX_VALUE_CHARS = 2000
"""The most of one value that is logged: a title of ten megabytes must not make a log line of ten megabytes."""


def configure(stream: TextIO) -> None:
    """Log to a stream: coloured lines on a terminal, JSON otherwise. What libraries log as a warning goes there too."""
    people = stream.isatty()
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if people:
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if people else "iso", utc=not people),
        _harmless,
    ]
    if not people:
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    formatter = structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _harmless(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape control characters and cut long values, so that fetched text cannot forge a line or colour one."""
    for name, value in event.items():
        if isinstance(value, str):
            cut = value if len(value) <= MAX_VALUE_CHARS else f"{value[:MAX_VALUE_CHARS]}… ({len(value)} characters)"
            event[name] = "".join(char if char.isprintable() else repr(char)[1:-1] for char in cut)
    return event

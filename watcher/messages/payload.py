"""The envelope of every webhook payload, within the size that receivers are promised.

``{"type": ..., "timestamp": ..., "data": {...}}`` as Standard Webhooks 1.0 recommends. Types are
``alert.created``, ``alert.updated``, ``alert.withdrawn``, ``digest``, ``health`` and ``proof``. Field names are stable:
fields may be added, but not renamed or removed. If texts or lists were cut to fit, ``data.shortened`` is true.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watcher.text.humanize import rfc3339
from watcher.text.lines import one_line

MAX_BYTES = 20_000
"""Size of a payload as UTF-8 JSON (Standard Webhooks 1.0: "less than 20kb")."""

_WHOLE = (MAX_BYTES, MAX_BYTES)
"""No limit: longer texts and lists cannot fit anyway."""

_LIMITS = (_WHOLE, (1000, 100), (500, 40), (300, 15), (150, 6), (80, 3))
"""Characters of a text and entries of a list, tried in this order until the payload fits."""


def payload(type_: str, at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload, JSON-able and at most ``MAX_BYTES`` long.

    The value of ``url`` is never cut: it is a checked address and short already.
    """
    whole = _cut(data, *_WHOLE)
    for limits in _LIMITS:
        shown = _cut(whole, *limits)
        envelope = {"type": type_, "timestamp": rfc3339(at), "data": shown | {"shortened": shown != whole}}
        if encoded_size(envelope) <= MAX_BYTES:
            return envelope
    raise ValueError(f"a payload of type {type_} has too many fields to fit {MAX_BYTES} bytes")


def encoded_size(envelope: Mapping[str, Any]) -> int:
    """Return the bytes of the payload as it is sent."""
    return len(json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode())


def _cut(value: Any, texts: int, entries: int) -> Any:
    match value:
        case str():
            return one_line(value, texts)
        case Mapping():
            return {key: each if key == "url" else _cut(each, texts, entries) for key, each in value.items()}
        case list():
            return [_cut(each, texts, entries) for each in value[:entries]]
        case _:
            return value

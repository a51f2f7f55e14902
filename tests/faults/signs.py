"""By what a message is recognised at any destination: its kind and what it is about.

Mails are read as a person reads them, by subject and text; nothing here knows how messages are rendered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple


class Sign(NamedTuple):
    """A kind (alert, update, withdrawn, digest, health, proof) and what the message is about.

    For an alert that is the address of its item, for a digest why it is written, for health the event and its object;
    a proof of life is about nothing.
    """

    kind: str
    about: str

    def __str__(self) -> str:
        return f"{self.kind} ({self.about})"


def alert(link: str) -> Sign:
    """The first message about an item."""
    return Sign("alert", link)


def update(link: str) -> Sign:
    """A later one."""
    return Sign("update", link)


ALREADY_THERE = Sign("digest", "already there")


def failing(source: str) -> Sign:
    """That a source cannot be read."""
    return Sign("health", f"source.failing {source}")


def recovered(source: str) -> Sign:
    """That it can be read again."""
    return Sign("health", f"source.recovered {source}")


_WEBHOOK_KINDS = {"alert.created": "alert", "alert.updated": "update", "alert.withdrawn": "withdrawn"}
_HEADLINES = {
    "source is failing": "source.failing",
    "source has recovered": "source.recovered",
    "message could not be delivered": "delivery.dead",
    "messages do not arrive": "destination.failing",
    "messages arrive again": "destination.recovered",
    "rules were refused": "rules.refused",
}


def of_webhook(payload: Mapping[str, Any]) -> Sign:
    """The sign of a webhook's payload."""
    kind, data = payload["type"], payload["data"]
    if kind == "digest":
        return Sign(kind, data["reason"])
    if kind == "proof":
        return Sign(kind, "")
    if kind == "health":
        return Sign(kind, f"{data['event']} {data['about']}")
    return Sign(_WEBHOOK_KINDS[kind], data["item"]["url"])


def of_mail(subject: str, text: str) -> Sign:
    """The sign of a mail."""
    if health := re.match(r"\[watcher\] ([^:]+): (.*)", subject):
        return Sign("health", f"{_HEADLINES[health[1]]} {health[2]}")
    if subject.startswith("[proof of life]"):
        return Sign("proof", "")
    if digest := re.match(r"\[(already there|daily)(?: digest)?\]", subject):
        return Sign("digest", digest[1])
    kind = {"Update:": "update", "Withdrawn:": "withdrawn"}.get(subject.partition(" ")[0], "alert")
    link = re.search(r"^Link: (\S+)", text, re.MULTILINE)
    return Sign(kind, link[1] if link else "")

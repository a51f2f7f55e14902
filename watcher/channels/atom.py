"""An Atom file (RFC 4287) of the latest messages, for feed readers; it needs no configuration."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import structlog
from lxml import etree

from storage.durable import put_in_place
from watcher.channels.channel import RETRY_FOR_FIVE_DAYS, ChannelOptions, ChannelTools
from watcher.model import DeliveryError, Envelope, Reason
from watcher.text.humanize import rfc3339
from watcher.text.lines import one_line, plain
from watcher.text.links import web_link

_NAMESPACE = "http://www.w3.org/2005/Atom"
_MAX_ENTRIES = 200
"""Enough for a feed reader that was away for days; the whole file is written again with every message."""
Element = Any
"""An XML element; lxml has no types."""

_log = structlog.get_logger()


class AtomOptions(ChannelOptions):
    """The path of the file; its directory must exist."""

    path: Path
    title: str = "watcher"


class Atom:
    """Keeps the last 200 messages in a file that is always complete: readers see the old one or the new one."""

    schedule = RETRY_FOR_FIVE_DAYS

    def __init__(self, name: str, options: AtomOptions, tools: ChannelTools) -> None:  # noqa: ARG002  # as every kind
        self.name = name
        self.quiet = options.quiet
        self.spacing = options.spacing
        self._path = options.path
        self._title = options.title
        self._lock = Lock()

    def destinations(self) -> tuple[str, ...]:
        """Return the path of the file."""
        return (str(self._path),)

    def send(self, envelope: Envelope) -> None:
        """Put the message at the top, or replace the one with the same key. Raises DeliveryError."""
        entry = _entry(envelope)
        try:
            with self._lock:
                beside = self._path.with_name(f".{self._path.name}.new")
                beside.write_bytes(self._feed(_with(entry, self._entries())))
                put_in_place(beside, self._path)  # a crash or a full disk leaves the old one
        except OSError as error:
            raise DeliveryError(Reason.FILE, f"{self._path} cannot be written: {error.strerror}") from error

    def _entries(self) -> list[Element]:
        """Return the entries of the file. A file that cannot be read is renamed, not lost."""
        try:
            return list(etree.fromstring(self._path.read_bytes()).iterfind(_tag("entry")))
        except FileNotFoundError:
            return []
        except etree.XMLSyntaxError as error:
            aside = self._path.with_name(self._path.name + ".damaged")
            self._path.replace(aside)
            _log.warning("atom file was damaged and renamed", path=str(aside), error=str(error))
            return []

    def _feed(self, entries: list[Element]) -> bytes:
        feed = etree.Element(_tag("feed"), nsmap={None: _NAMESPACE})
        _add(feed, "id", f"urn:watcher:channel:{self.name}")
        _add(feed, "title", one_line(self._title))
        _add(feed, "updated", max(entry.findtext(_tag("updated"), "") for entry in entries))
        _add(_add(feed, "author"), "name", "watcher")
        feed.extend(entries)
        etree.indent(feed)
        return bytes(etree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _with(entry: Element, entries: list[Element]) -> list[Element]:
    """Return the entries with this one: in place of the one with the same id, or first."""
    id_ = entry.findtext(_tag("id"))
    if any(each.findtext(_tag("id")) == id_ for each in entries):
        return [entry if each.findtext(_tag("id")) == id_ else each for each in entries]
    return [entry, *entries][:_MAX_ENTRIES]


def _entry(envelope: Envelope) -> Element:
    message = envelope.message
    entry = etree.Element(_tag("entry"))
    _add(entry, "id", f"urn:watcher:message:{envelope.key}")
    _add(entry, "title", one_line(message.subject), type="text")
    _add(entry, "updated", rfc3339(envelope.created_at))
    _add(entry, "category", term=message.kind.value)
    # an alert has its item; no other message has one
    if link := web_link(message.data["data"].get("item", {}).get("url", "")):
        _add(entry, "link", rel="alternate", href=link)
    _add(entry, "content", plain(message.text), type="text")
    return entry


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    element = etree.SubElement(parent, _tag(name), attributes)
    element.text = text or None
    return element


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"

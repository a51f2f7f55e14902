from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest

from watcher.channels import ChannelTools, build
from watcher.model import DeliveryError, Envelope, Reason

Parcel = Callable[..., Envelope]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alerts.atom"


@pytest.fixture
def atom(path: Path, tools: ChannelTools) -> Any:
    return build("feed", "atom", {"path": str(path)}, tools)


def ids(path: Path) -> list[str]:
    return [entry.id for entry in feedparser.parse(path.read_bytes()).entries]


def test_the_file_is_a_feed_with_the_message_as_plain_text(atom: Any, path: Path, parcel: Parcel) -> None:
    atom.send(parcel())
    feed = feedparser.parse(path.read_bytes())
    assert not feed.bozo
    assert feed.version == "atom10"
    assert (feed.feed.title, feed.feed.id, feed.feed.author) == ("watcher", "urn:watcher:channel:feed", "watcher")
    assert feed.feed.updated == "2026-01-20T14:12:00Z"
    (entry,) = feed.entries
    assert entry.id == "urn:watcher:message:msg_0123456789abcdef"
    assert entry.title == parcel().message.subject
    assert entry.link == "https://news.example/1"
    assert entry.tags[0].term == "alert"
    assert entry.content[0].type == "text/plain"
    root = ET.fromstring(path.read_bytes())
    assert root.findtext(f"{ATOM}entry/{ATOM}content") == parcel().message.text


def test_the_newest_message_stands_first_and_a_repeat_in_its_own_place(atom: Any, path: Path, parcel: Parcel) -> None:
    for key in ("a", "b", "c", "a"):
        atom.send(parcel(key=key))
    assert ids(path) == [f"urn:watcher:message:{key}" for key in "cba"]


def test_the_last_two_hundred_are_kept(atom: Any, path: Path, parcel: Parcel) -> None:
    for number in range(203):
        atom.send(parcel(key=f"k{number}"))
    assert ids(path) == [f"urn:watcher:message:k{number}" for number in range(202, 2, -1)]


def test_the_feed_is_as_new_as_its_newest_message(atom: Any, path: Path, parcel: Parcel) -> None:
    newest = parcel().created_at + timedelta(hours=1)
    atom.send(parcel(key="new", created_at=newest))
    atom.send(parcel(key="old"))
    assert feedparser.parse(path.read_bytes()).feed.updated == "2026-01-20T15:12:00Z"


@pytest.mark.parametrize("text", ["\x00\x08\x1b[2J\x7f\x85", "\ud800\udfff", "\ufffe\uffff\ufdd0", "]]> <b>&amp;</b>"])
def test_no_text_breaks_the_file(text: str, atom: Any, path: Path, parcel: Parcel) -> None:
    atom.send(parcel(key="good"))
    atom.send(parcel(message=replace(parcel().message, subject=text + "end", text=text + "end", data={"data": {}})))
    atom.send(parcel(key="later"))
    assert len(ids(path)) == 3
    root = ET.fromstring(path.read_bytes())
    entry = root.findall(f"{ATOM}entry")[1]
    assert entry.findtext(f"{ATOM}title", "").endswith("end")
    assert entry.findtext(f"{ATOM}content", "").endswith("end")


def test_a_link_of_a_payload_that_is_not_safe_is_left_out(atom: Any, path: Path, parcel: Parcel) -> None:
    data = {"data": {"item": {"url": "javascript:alert(1)"}}}
    atom.send(parcel(message=replace(parcel().message, data=data)))
    assert b"javascript" not in path.read_bytes()


def test_a_damaged_file_is_put_aside_and_a_new_one_begun(atom: Any, path: Path, parcel: Parcel) -> None:
    path.write_bytes(b"<feed><entry>")
    atom.send(parcel())
    assert len(ids(path)) == 1
    assert path.with_name("alerts.atom.damaged").read_bytes() == b"<feed><entry>"


def test_a_directory_that_is_missing_is_a_failure_that_can_be_mended(
    atom: Any, path: Path, parcel: Parcel, tmp_path: Path, tools: ChannelTools
) -> None:
    channel: Any = build("feed", "atom", {"path": str(tmp_path / "later" / "x.atom")}, tools)
    with pytest.raises(DeliveryError) as caught:
        channel.send(parcel())
    assert (caught.value.reason, caught.value.permanent) == (Reason.FILE, False)
    assert "No such file or directory" in caught.value.detail
    (tmp_path / "later").mkdir()
    channel.send(parcel())


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_the_old_file_whole(
    step: str, atom: Any, path: Path, parcel: Parcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    atom.send(parcel(key="old"))
    before = path.read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(os, step, full)
        with pytest.raises(DeliveryError, match="No space left on device"):
            atom.send(parcel(key="new"))
    assert path.read_bytes() == before
    atom.send(parcel(key="new"))
    assert len(ids(path)) == 2


def test_readers_never_see_half_a_file(atom: Any, path: Path, parcel: Parcel) -> None:
    atom.send(parcel(key="first"))
    writer = Thread(target=lambda: [atom.send(parcel(key=f"k{number}")) for number in range(50)])
    writer.start()
    while writer.is_alive():
        ET.fromstring(path.read_bytes())
    writer.join()

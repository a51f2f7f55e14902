"""What a person types on the first day, and the tour of the README, word by word."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ

import pytest
from desks import Desk, environment
from running import Newspaper, feed

from watcher import app, settings
from watcher.clock import utc_now
from watcher.rulebook import load

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PRIVATE = '\n[fetch]\nallow_private = ["127.0.0.1"]\nworkers = 1\n'


@pytest.fixture
def empty() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="desk-") as folder:
        yield Desk(Path(folder))


def on_loopback(desk: Desk, newspaper: Newspaper) -> None:
    """What `init` wrote, with a source that can be reached from here."""
    settings_file = desk.folder / "watcher.toml"
    settings_file.write_text(settings_file.read_text() + PRIVATE)
    desk.write("rules/sources.yaml", f"sources: [{{id: paper, kind: feed, url: '{newspaper.url}', text_from: feed}}]\n")


def test_the_first_day(empty: Desk, newspaper: Newspaper) -> None:
    written = empty.type("init")
    assert written.code == 0
    assert written.out.splitlines()[-1] == "next: watcher check && watcher run"
    assert empty.type("check").out == "ok: 1 claim, 1 rule\n"
    on_loopback(empty, newspaper)
    newspaper.page = feed("Minneapolis police officers resigned and joined ICE")
    ran = empty.process("run", "--once")
    assert ran.code == 0
    assert "read 1 source, 1 item; these rules would have alerted" in ran.out
    assert "Traceback" not in ran.out + ran.error
    assert "Minneapolis police officers resigned" in ran.out, "without a channel, messages go to the terminal"


def test_init_leaves_what_is_there_alone(empty: Desk) -> None:
    empty.write("watcher.toml", "# mine\n")
    done = empty.type("init")
    assert "kept  watcher.toml" in done.out
    assert (empty.folder / "watcher.toml").read_text() == "# mine\n"


def test_init_elsewhere_says_where_to_go_on(empty: Desk) -> None:
    assert empty.type("init", "desk").out.splitlines()[-1] == "next: cd desk && watcher check && watcher run"


def test_the_rule_file_that_init_writes_is_six_lines_long(empty: Desk) -> None:
    empty.type("init")
    assert len((empty.folder / "rules/claims/first-claim.yaml").read_text().splitlines()) == 6


# ------------------------------------------------------------------------------------------------ looking


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("sources",),
        ("alerts",),
        ("alerts", "show", "1"),
        ("alerts", "answer", "1", "checking"),
        ("outbox",),
        ("outbox", "--state", "sent"),
        ("near-misses",),
        ("rules",),
        ("replay", "rules/claims/ice.yaml", "--against", "live"),
        ("try", "rules/claims/ice.yaml"),
        ("check",),
        ("explain", "rules/claims/ice.yaml"),
    ],
    ids=" ".join,
)
def test_what_prints_data_prints_json_too(words: tuple[str, ...], day: Desk) -> None:
    done = day.type(*words, "--json")
    assert done.code == 0
    assert json.loads(done.out)
    assert day.type(*words).code == 0


@pytest.mark.parametrize(("width", "folded"), [(90, False), (60, True)])
def test_a_table_fits_a_narrow_terminal_and_loses_nothing(width: int, folded: bool, day: Desk) -> None:
    lines = on_terminal(day, width, "outbox").splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    assert (len(lines) > 4) is folded
    assert all(word in lines[0] for word in ("message", "state", "when", "why"))


def on_terminal(desk: Desk, width: int, *words: str) -> str:
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, pack("HHHH", 24, width, 0, 0))
    process = desk.start(*words, stdout=theirs, stderr=subprocess.DEVNULL, env=environment(TERM="xterm"))
    os.close(theirs)
    shown = b""
    while block := read(ours):
        shown += block
    os.close(ours)
    assert process.wait(30) == 0
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode()).replace("\r", "")


def read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux says so when the other end is closed
        return b""


def test_times_are_told_as_people_tell_them(day: Desk) -> None:
    assert re.search(r"paper +ok +(now|\d+ (s|min) ago) +in 1\d min", day.type("sources").out)


def test_where_nobody_looks_a_row_is_one_line(day: Desk) -> None:
    lines = day.type("outbox").out.splitlines()
    assert len(lines) == 4
    assert lines[0].split() == ["id", "message", "to", "state", "when", "why"]


def test_status_says_what_is_failing_and_what_waits(day: Desk) -> None:
    figures, table, legend = day.type("status").out.split("\n\n")
    assert dict(line.split(maxsplit=1) for line in figures.splitlines()[1:]) == {
        "sources": "1; none failing",
        "blind": "no claim",
        "pages": "0 to be read",
        "proof": "officers-to-ice: none yet",
        "items": "5",
        "alerts": "2 open",
        "outbox": "3 sent",
    }
    assert re.search(r"^paper +ok +\++ ", table, re.MULTILINE), "each source with its state and its last polls"
    assert legend.startswith("polls: ")


def test_an_alert_is_shown_with_its_messages_and_deliveries(day: Desk) -> None:
    shown = day.type("alerts", "show", "1").out
    assert "Twenty **officers** left for **ICE**" in shown
    assert re.search(r"alert +paper .* sent", shown)
    assert "not answered yet" in shown


def test_reload_tells_what_is_live(day: Desk) -> None:
    before = day.type("reload").out
    day.change("rules/claims/ice.yaml", "officer* and ICE", "(police or officer*) and ICE")
    after = day.type("reload").out
    assert before.startswith("live: ")
    assert after.startswith("live: ")
    assert before != after


def test_a_test_message_is_sent(day: Desk) -> None:
    done = day.type("send-test", "paper")
    assert done.code == 0
    assert done.out.endswith("alerts.atom: sent\n")


def test_dead_deliveries_are_brought_back(day: Desk) -> None:
    assert day.type("outbox", "retry").out == "0 to be sent again\n"


# ------------------------------------------------------------------------------------------------ trying


def test_try_shows_the_marked_words_and_stores_nothing(desk: Desk) -> None:
    before = sorted(desk.folder.rglob("*"))
    done = desk.type("try", "rules/claims/ice.yaml")
    assert done.code == 0
    assert "Twenty **officers** left for **ICE**" in done.out
    assert done.error == "paper: 5 items\n"
    assert sorted(desk.folder.rglob("*")) == before


def test_try_takes_a_file_that_lies_elsewhere(desk: Desk) -> None:
    desk.write("draft.yaml", (desk.folder / "rules/claims/ice.yaml").read_text())
    assert "2 times" in desk.type("try", "draft.yaml").out


# ------------------------------------------------------------------------------------------------ help


def commands() -> list[tuple[str, ...]]:
    return [
        *((name,) for name in ("init", "check", "try", "explain", "replay")),
        *((name,) for name in ("run", "status", "sources", "send-test", "reload", "outbox")),
        *((name,) for name in ("near-misses", "ranked", "rules", "alerts")),
        *(("outbox", "retry"), ("alerts", "show"), ("alerts", "answer")),
    ]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_help_has_an_example_that_begins_with_the_command(words: tuple[str, ...], desk: Desk) -> None:
    shown = " ".join(desk.type(*words, "--help").out.split())
    assert re.search(rf"Examples?: watcher {' '.join(words)}", shown), shown


def test_help_names_every_command(desk: Desk) -> None:
    shown = desk.type("--help").out
    assert all(f" {words[0]} " in shown for words in commands())


def test_the_version_is_told(desk: Desk) -> None:
    assert re.fullmatch(r"watcher \d+\.\d+\.\d+\S*\n", desk.type("--version").out)


# ------------------------------------------------------------------------------------------------ README


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def tour() -> list[str]:
    """The commands of the tour, one a line, without their comments."""
    section = README.split("## A tour\n")[1].split("\n## ")[0]
    lines = [line.split("#")[0].strip() for line in section.splitlines() if line.startswith("    ")]
    return [command for line in lines if line for command in line.split(" && ")]


def test_the_commands_of_the_tour_do_what_they_say(empty: Desk, newspaper: Newspaper) -> None:
    newspaper.page = feed("Council meets")
    assert "watcher run" in tour()
    with ExitStack() as meanwhile:
        for command in tour():
            words = shlex.split(command)
            if words[0] == "cd":
                empty = Desk(empty.folder / words[1])
                on_loopback(empty, newspaper)
                desk_mail = '[channels.desk-mail]\nkind = "atom"\npath = "mail.atom"\n'
                empty.write("watcher.toml", (empty.folder / "watcher.toml").read_text() + desk_mail)
            elif words == ["watcher", "run"]:
                meanwhile.enter_context(empty.running())
            else:
                assert words[0] == "watcher"
                done = empty.type(*words[1:])
                assert done.code == 0, (command, done)


def test_the_settings_of_the_readme_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "smtp-password").write_text("secret")
    (tmp_path / "webhook-secret").write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    (tmp_path / "chat-room").write_text("slack://tokenA/tokenB/tokenC")
    assert blocks("toml")
    for block in blocks("toml"):
        found = settings.load(desk.write("watcher.toml", block))
        web = app.fetching_web(found, utc_now)
        try:
            assert app.build_channels(found, web, utc_now, sys.stdout).keys() == tomllib.loads(block)["channels"].keys()
        finally:
            web.close()


def test_the_rule_files_of_the_readme_are_in_order() -> None:
    assert blocks("yaml")
    for block in blocks("yaml"):
        sources = "sources: [{id: paper, kind: feed, url: 'https://paper.example/feed'}]"
        assert load({"sources.yaml": sources, "claims/block.yaml": block}, app.source_kinds()).warnings == ()

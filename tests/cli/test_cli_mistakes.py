"""Every bad input has an answer: one line that says what, where and what to do, exit code 1, and never a traceback."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from desks import CLAIM, SETTINGS, Desk
from running import Newspaper

from watcher.cli.base import cli

NOBODY = 65534


def told(desk: Desk, *words: str) -> str:
    """What a command says that ends with exit code 1."""
    done = desk.type(*words)
    assert done.code == 1, done
    assert "Traceback" not in done.out + done.error
    return done.out + done.error


# ------------------------------------------------------------------------------------------------ rule files


def test_check_tells_every_mistake_at_once_at_its_place(desk: Desk) -> None:
    desk.change("rules/claims/ice.yaml", "priority: urgent", "prioritty: urgent")
    desk.change("rules/claims/ice.yaml", "officer* and ICE", "officer* and and ICE")
    desk.write(
        "rules/claims/more.yaml", CLAIM.replace("id: officers-to-ice", "id: other").replace("[paper]", "[pigeon]")
    )
    desk.change("rules/sources.yaml", "kind: feed", "kind: fead")
    lines = told(desk, "check").splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "rules/claims/ice.yaml:8:5",
        "rules/claims/ice.yaml:9:25",
        "rules/claims/more.yaml:12:14",
        "rules/sources.yaml:3:23",
    ]
    assert "unknown key 'prioritty'; did you mean priority?" in lines[0]
    assert "no channel is called 'pigeon'" in lines[2]
    assert "unknown kind 'fead'; did you mean feed?" in lines[3]


@pytest.mark.parametrize("named", ["rules/claims/ice.yaml", "rules", "rules/claims", "."])
def test_a_mistake_is_placed_where_the_file_lies_however_it_was_named(named: str, desk: Desk) -> None:
    if named == ".":
        desk = Desk(desk.folder / "rules")
        prefix = ""
    else:
        prefix = "rules/"
    desk.change(f"{prefix}claims/ice.yaml", "when:", "wen:")
    told_lines = told(desk, "--config", str(desk.folder / f"{'' if prefix else '../'}watcher.toml"), "check", named)
    assert f"{prefix}claims/ice.yaml:9:5: unknown key 'wen'" in told_lines.splitlines()[0]


def test_a_mistake_in_a_file_outside_the_rules_is_placed_in_that_file(desk: Desk) -> None:
    desk.write("draft.yaml", CLAIM.replace("when:", "wen:"))
    assert "draft.yaml:9:5: unknown key 'wen'" in told(desk, "check", "draft.yaml")
    assert "draft.yaml:9:5: unknown key 'wen'" in told(desk, "try", "draft.yaml")


def test_a_test_that_fails_is_told_with_its_words(desk: Desk) -> None:
    desk.write("rules/claims/ice.yaml", f"{CLAIM}tests:\n  - {{title: Officers skate at ICE arena, expect: []}}\n")
    assert "this test does not expect transfer, but it hits: [[Officers]] skate at [[ICE]] arena" in told(desk, "check")


def test_what_is_not_there_is_said_of_each_file(desk: Desk) -> None:
    lines = told(desk, "check", "no.yaml", "nowhere").splitlines()
    assert [line.split(":")[0] for line in lines] == ["no.yaml", "nowhere"]
    assert all("cannot be read: no such file or directory" in line for line in lines)


def test_a_file_that_is_not_text_is_said(desk: Desk) -> None:
    (desk.folder / "rules/claims/ice.yaml").write_bytes(b"watch: 1\nid: \xff\n")
    assert "rules/claims/ice.yaml:2:1: not UTF-8 text: save it as UTF-8" in told(desk, "check")
    assert "not UTF-8 text: save it as UTF-8" in told(desk, "try", "rules/claims/ice.yaml")


def test_the_sources_file_is_not_a_claim(desk: Desk) -> None:
    assert "rules/sources.yaml is not a claim's file: name one from claims/" in told(desk, "try", "rules/sources.yaml")
    assert desk.type("check", "rules/sources.yaml").code == 0


def test_without_rule_files_the_next_command_is_said(desk: Desk) -> None:
    empty = Desk(desk.folder / "empty")
    empty.folder.mkdir()
    for words in (("check",), ("run",), ("run", "--once")):
        assert "`watcher init` writes some to begin with" in told(empty, *words)


@pytest.mark.scenario("R2")
def test_a_service_with_bad_rules_and_no_good_ones_does_not_start(desk: Desk) -> None:
    desk.change("rules/claims/ice.yaml", "when:", "wen:")
    assert "claims/ice.yaml:9:5: unknown key 'wen'" in told(desk, "run", "--once")


@pytest.mark.scenario("R8")
def test_rules_that_lost_most_are_not_taken_over_unasked(day: Desk) -> None:
    day.change("rules/claims/ice.yaml", "  transfer:", "  another:")
    assert "if that is meant, `watcher reload --confirm`" in told(day, "reload")
    assert day.type("reload", "--confirm").code == 0


# ------------------------------------------------------------------------------------------------ sources


def test_an_address_that_does_not_answer_is_one_line(desk: Desk) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as closed:
        port = closed.getsockname()[1]
    desk.write("rules/sources.yaml", f"sources: [{{id: paper, kind: feed, url: 'http://127.0.0.1:{port}/'}}]\n")
    said = told(desk, "try", "rules/claims/ice.yaml")
    assert "paper: connection: " in said
    assert said.splitlines()[-1].startswith("no source could be read")


def test_an_address_that_is_none_is_an_error_of_its_line(desk: Desk, newspaper: Newspaper) -> None:
    desk.change("rules/sources.yaml", newspaper.url, "news.example/feed")
    said = told(desk, "check")
    assert said.startswith("rules/sources.yaml:3:")
    assert "write a whole web address, like https://example.org/feed.xml" in said


def test_a_page_instead_of_a_feed_is_one_line(desk: Desk, newspaper: Newspaper) -> None:
    newspaper.page = b"<!doctype html><html><head><title>News</title></head><body><p>Hello</p></body></html>"
    said = told(desk, "try", "rules/claims/ice.yaml")
    assert "paper: not a feed: " in said


def test_a_private_address_is_refused_with_the_setting_that_allows_it(desk: Desk) -> None:
    desk.change("watcher.toml", 'allow_private = ["127.0.0.1"]', "")
    said = told(desk, "try", "rules/claims/ice.yaml")
    assert "paper: address refused" in said
    assert "allow_private" in said


def test_a_run_survives_what_cannot_be_read(desk: Desk, newspaper: Newspaper) -> None:
    newspaper.page = b"<html><body>Hello</body></html>"
    done = desk.process("run", "--once")
    assert done.code == 0
    assert "not a feed" in done.error
    assert "Traceback" not in done.error
    assert "not a feed" in desk.type("sources").out


# ------------------------------------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("settings", "words", "said"),
    [
        ("[operator\n", ("status",), "watcher.toml: not valid TOML: "),
        ('[operator]\ntimezone = "Mars/Base"\n', ("check",), "unknown time zone 'Mars/Base'"),
        (
            '[oprator]\ncontact = ""\n',
            ("check",),
            "watcher.toml: oprator: unknown key 'oprator'; did you mean operator?",
        ),
        (
            "[fetch]\nthredas = 1\n",
            ("check",),
            "watcher.toml: fetch.thredas: unknown key 'thredas'; did you mean threads?",
        ),
        (
            "[fetch]\nthreads = 1000\n",
            ("check",),
            "watcher.toml: fetch.threads: input should be less than or equal to 64",
        ),
        ('[storage]\nurl = "nonsense"\n', ("run", "--once"), "storage.url is not the address of a database: write "),
        ('[storage]\nurl = "nonsense"\n', ("status",), "storage.url is not the address of a database: write "),
        (
            '[storage]\nurl = "oracle://u:pw@h/db"\n',
            ("run", "--once"),
            "storage.url: watcher does not work with oracle",
        ),
        ('[storage]\nurl = "postgresql://u:pw@127.0.0.1:1/db"\n', ("run", "--once"), "postgresql+psycopg://u:***@"),
        ('[channels.desk]\nkind = "pigeon"\n', ("run", "--once"), "channels.desk: unknown kind 'pigeon'"),
        ('[channels.desk]\nkind = "mail"\n', ("run", "--once"), "channels.desk: host is missing: write it here"),
        ('[operator]\nalert_to = ["desk"]\n', ("run", "--once"), "operator.alert_to names 'desk'"),
        (
            '[channels.a]\nkind = "webhook"\nsecret = "env:NOT_SET"\n',
            ("run", "--once"),
            "channels.a.secret: the environment",
        ),
        (
            '[channels.a]\nkind = "webhook"\nsecret = "file:no"\n',
            ("run", "--once"),
            "channels.a.secret: cannot read no",
        ),
        (
            '[channels.a]\nkind = "apprise"\nrooms = {desk = "env:NOT_SET"}\n',
            ("run", "--once"),
            "channels.a.rooms.desk: the environment has no NOT_SET",
        ),
    ],
    ids=lambda value: value.replace("\n", " ")[:40] if isinstance(value, str) else " ".join(value),
)
def test_settings_that_cannot_be_used_are_said(settings: str, words: tuple[str, ...], said: str, desk: Desk) -> None:
    desk.change("rules/claims/ice.yaml", "alert: {to: [paper], remind_after: 4h}\n", "")
    desk.write("watcher.toml", settings)
    answer = told(desk, *words)
    assert said in answer
    assert ":pw@" not in answer


def test_a_setting_from_the_environment_is_said_to_be_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHER_FETCH__THREADS", "none")
    assert "WATCHER_FETCH__THREADS in the environment: input should be a valid integer" in told(desk, "check")


def test_settings_that_are_not_there_are_said(desk: Desk) -> None:
    assert "file not found; `watcher init` writes one" in told(desk, "--config", "no.toml", "status")


def test_a_channel_nobody_configured_is_said_with_those_that_are(desk: Desk) -> None:
    assert "there is no channel 'pigeon'; there are: paper" in told(desk, "send-test", "pigeon")
    desk.change("rules/claims/ice.yaml", "[paper]", "[pigeon]")
    assert "no channel is called 'pigeon'" in told(desk, "check")


def test_without_channels_rule_files_may_name_only_those_there_are_then(desk: Desk) -> None:
    desk.write("watcher.toml", SETTINGS.split("[channels")[0])
    assert "(known: atom, terminal)" in told(desk, "check")
    assert "(known: atom, terminal)" in told(desk, "run", "--once")


def test_a_test_message_that_fails_is_said_with_the_reason(desk: Desk) -> None:
    desk.change("watcher.toml", 'path = "alerts.atom"', 'path = "no/such/folder/alerts.atom"')
    assert ": failed: " in told(desk, "send-test", "paper")


# ------------------------------------------------------------------------------------------------ what is not there


CLAIM_FILE = "rules/claims/ice.yaml"
NEEDS_A_DATABASE = [
    "status", "sources", "alerts", "alerts show 1", "alerts answer 1 checking", "rules", "near-misses", "evidence 1",
    "ranked ferry", "outbox", "outbox retry", "forget 1", f"replay {CLAIM_FILE}",
    "db check", "db backup", "db catch-up",
]  # fmt: skip
NEEDS_NONE = ["--help", "--version", "check", f"explain {CLAIM_FILE}", f"try {CLAIM_FILE}", "probe URL"]
BEGINS_SOMETHING = {"init", "add", "claim new", "second-reader test", "run", "reload", "send-test", "db restore"}


@pytest.mark.parametrize("typed", NEEDS_A_DATABASE)
def test_before_the_first_run_the_next_command_is_said_and_nothing_is_made(typed: str, desk: Desk) -> None:
    before = sorted(desk.folder.rglob("*"))
    said = told(desk, *typed.split())
    assert said.endswith(f"there is no database in {desk.folder}/.watcher yet: `watcher run` makes one\n")
    assert sorted(desk.folder.rglob("*")) == before


@pytest.mark.postgres
@pytest.mark.parametrize("typed", NEEDS_A_DATABASE)
def test_on_a_server_without_tables_the_next_command_is_said(typed: str, desk: Desk, empty_postgres: str) -> None:
    desk.write("watcher.toml", f'{SETTINGS}[storage]\nurl = "{empty_postgres}"\n')
    assert told(desk, *typed.split()).endswith("has no tables of watcher yet: `watcher run` makes them\n")


@pytest.mark.parametrize("typed", ["status", "alerts answer 1 checking", "db check"])
def test_an_empty_file_is_said_to_be_a_loss(typed: str, day: Desk) -> None:
    for left in (day.folder / ".watcher").glob("watcher.sqlite-*"):
        left.unlink()
    (day.folder / ".watcher/watcher.sqlite").write_bytes(b"")
    assert "is empty, though it was a database: restore the last backup" in told(day, *typed.split())


@pytest.mark.parametrize("typed", NEEDS_NONE)
def test_commands_that_need_no_database_make_none(typed: str, desk: Desk, newspaper: Newspaper) -> None:
    before = sorted(desk.folder.rglob("*"))
    done = desk.type(*typed.replace("URL", newspaper.url).split())
    assert done.code == 0, done
    assert sorted(desk.folder.rglob("*")) == before


def test_of_every_command_it_is_known_what_it_makes_on_a_fresh_desk() -> None:
    def names(group: Any, before: str = "") -> set[str]:
        found = {f"{before}{name}" for name in group.commands if not hasattr(group.commands[name], "commands")}
        for name, each in group.commands.items():
            if hasattr(each, "commands"):
                found |= names(each, f"{before}{name} ") | ({name} if each.invoke_without_command else set())
        return found

    tried = {typed for typed in (*NEEDS_A_DATABASE, *NEEDS_NONE) if not typed.startswith("-")}
    every = names(typer.main.get_command(cli))
    assert {
        name for name in every if not any(f"{typed} ".startswith(f"{name} ") for typed in tried)
    } == BEGINS_SOMETHING


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("alerts", "show", "99"), "there is no alert 99: `watcher alerts` lists them"),
        (("alerts", "answer", "99", "checking"), "there is no alert 99: `watcher alerts` lists them"),
        (("alerts", "answer", "1", "checking", "--note", "x" * 2001), "the note has 2001 characters"),
        (("outbox", "retry", "99"), "there is no dead delivery 99: `watcher outbox --state dead` lists them"),
        (("near-misses", "no-claim"), "no claim is called 'no-claim' (claims: officers-to-ice)"),
        (("replay", "rules/claims/ice.yaml", "--since", "soon"), "--since soon: write a number and a unit, like 90d"),
        (("replay", "rules/claims/ice.yaml", "--against", "no.yaml"), "no.yaml: cannot be read"),
        (("replay", "no.yaml"), "no.yaml: cannot be read"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
def test_what_was_never_there_is_said_with_where_to_look(words: tuple[str, ...], said: str, day: Desk) -> None:
    assert said in told(day, *words)


@pytest.mark.parametrize("words", [("alerts", "show", "one"), ("alerts", "answer", "1", "perhaps"), ("fly",)])
def test_what_is_no_command_shows_how_it_is_used(words: tuple[str, ...], day: Desk) -> None:
    done = day.type(*words)
    assert done.code == 2
    assert done.error.startswith("Usage: watcher")


# ------------------------------------------------------------------------------------------------ the machine


def test_a_database_of_a_newer_watcher_is_left_alone(day: Desk) -> None:
    with closing(sqlite3.connect(day.folder / ".watcher/watcher.sqlite")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    for words in (("run", "--once"), ("status",), ("alerts",), ("alerts", "answer", "1", "checking"), ("reload",)):
        said = told(day, *words)
        assert "watcher.sqlite was written by a newer version of watcher: install that version again" in said


def test_a_database_of_an_older_watcher_is_adapted_by_the_next_start(day: Desk) -> None:
    with closing(sqlite3.connect(day.folder / ".watcher/watcher.sqlite")) as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
        database.commit()
    for words in (("status",), ("alerts",), ("replay", "rules/claims/ice.yaml")):
        assert "was written by an older version of watcher: the next start of `watcher run` adapts it" in told(
            day, *words
        )


def test_a_database_that_is_none_is_said(day: Desk) -> None:
    for left in (day.folder / ".watcher").glob("watcher.sqlite-*"):
        left.unlink()
    (day.folder / ".watcher/watcher.sqlite").write_text("hello " * 1000)
    for words in (("run", "--once"), ("status",)):
        assert "is damaged" in told(day, *words)


def test_a_second_service_is_told_of_the_first(day: Desk) -> None:
    with day.running() as process:
        said = told(day, "run", "--once")
        assert said == f"process {process.pid} is already at work in {day.folder}/.watcher\n"
        assert day.type("status").out.startswith("running\n")


def test_commands_are_done_by_the_service_that_runs(day: Desk) -> None:
    with day.running():
        assert day.type("alerts", "answer", "1", "checking").out == "alert 1: checking (was open)\n"
        assert day.type("reload").code == 0
        assert day.type("send-test", "paper").code == 0
        day.change("rules/claims/ice.yaml", "when:", "wen:")
        assert "claims/ice.yaml:9:5: unknown key 'wen'" in told(day, "reload")


def test_a_socket_that_cannot_be_made_is_said(day: Desk) -> None:
    (day.folder / ".watcher/control.sock").mkdir()
    said = day.process("run")
    assert said.code == 1
    assert f"cannot listen at {day.folder}/.watcher/control.sock" in said.error
    assert "Traceback" not in said.error


def test_a_folder_that_may_not_be_written_is_said(desk: Desk) -> None:
    desk.folder.chmod(0o555)
    with nobody(desk):
        said = told(desk, "run", "--once")
    assert said == f"{desk.folder}/.watcher: no permission (Permission denied): " + (
        "check the owner and mode, or run as another user\n"
    )


def test_a_file_that_may_not_be_read_is_said(desk: Desk) -> None:
    (desk.folder / "rules/claims/ice.yaml").chmod(0)
    with nobody(desk):
        assert told(desk, "check") == "rules/claims/ice.yaml: cannot be read: permission denied\n"
        assert (
            told(desk, "try", "rules/claims/ice.yaml") == "rules/claims/ice.yaml: cannot be read: permission denied\n"
        )


def test_settings_that_may_not_be_read_are_said(desk: Desk) -> None:
    (desk.folder / "watcher.toml").chmod(0)
    with nobody(desk):
        assert "watcher.toml: cannot be read (Permission denied); check its owner and mode" in told(desk, "check")


@contextmanager
def nobody(desk: Desk) -> Iterator[None]:
    """As somebody who is bound by permissions, which root is not."""
    if os.geteuid() != 0:
        yield
        return
    for path in (desk.folder, *desk.folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def test_a_full_disk_is_said(desk: Desk) -> None:
    with tempfile.TemporaryDirectory(prefix="small-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", folder]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("no small disk can be mounted here")
        try:
            desk.write("watcher.toml", f'state = "{folder}/state"\n{SETTINGS}')
            said = told(desk, "run", "--once")
            assert f"no room left to write {folder}/state/watcher.sqlite" in said
            assert "free some space" in said
        finally:
            subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", [("check",), ("--help",)])
def test_what_cannot_be_printed_is_said(words: tuple[str, ...], desk: Desk) -> None:
    with Path("/dev/full").open("w") as full:
        done = desk.process(*words, stdout=full)
    assert (done.code, done.error) == (1, "cannot print: No space left on device\n")


def test_a_reader_that_has_seen_enough_is_no_error(day: Desk) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = day.process("alerts", stdout=theirs)
    os.close(theirs)
    assert done.error == ""


@pytest.mark.scenario("Z6")
def test_a_fault_of_ours_shows_no_values(desk: Desk) -> None:
    fault = (
        "from watcher.rulebook import loading\n"
        "def broken(*_):\n    password = 'hunter2'\n    raise ZeroDivisionError\n"
        "loading._compose = broken"
    )
    done = desk.process("check", before=fault)
    assert done.code == 1
    assert "ZeroDivisionError" in done.error
    assert "hunter2" not in done.error.replace("password = 'hunter2'", "")
    assert "╭" not in done.error

"""Commands to the service: by its socket while it runs, by opening it where it does not."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from running import CLAIM
from sqlalchemy import text
from structlog.testing import capture_logs

from storage.database import StorageFull
from storage.lock import Locked
from watcher import app, known_faults, settings
from watcher.app import App
from watcher.daemon import commands, control
from watcher.daemon.live_status import LiveStatus
from watcher.messages import HealthEvent, HealthView
from watcher.model import ConfigError
from watcher.pipeline.live import RuleFolder
from watcher.rulebook import Rulebook
from watcher.settings import Settings

BROKEN = CLAIM.replace("officer*", "officer* and and")
OTHER = CLAIM.replace("officer*", "(police or officer*)")
EMPTY = CLAIM.replace("transfer", "another")

Doing = Callable[..., Any]


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings and rules in a folder of a short name: the paths of sockets are limited to 107 bytes."""
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    with tempfile.TemporaryDirectory(prefix="watcher-") as name:
        home = Path(name)
        (home / "rules/claims").mkdir(parents=True)
        (home / "watcher.toml").write_text(
            'state = "state"\n[fetch]\nworkers = 1\n[channels.paper]\nkind = "atom"\n'
            '[channels.gone]\nkind = "atom"\npath = "no/such/folder/alerts.atom"\n'
        )
        (home / "rules/sources.yaml").write_text(
            "watch: 1\nsources: [{id: paper, kind: feed, url: 'http://127.0.0.1:9/feed'}]\n"
        )
        (home / "rules/claims/ice.yaml").write_text(CLAIM)
        yield home


@pytest.fixture
def found(folder: Path) -> Settings:
    return settings.load(folder / "watcher.toml")


@pytest.fixture
def service(found: Settings) -> Iterator[App]:
    """A service that answers at its socket."""
    with app.opened(found) as opened, closing(control.Server(found.state / control.SOCKET, commands.of(opened))):
        yield opened


@pytest.fixture(params=["asked", "alone"])
def doing(request: pytest.FixtureRequest, found: Settings) -> Doing:
    """A way to run commands, with and without a running service."""
    if request.param == "asked":
        request.getfixturevalue("service")
    else:
        with app.opened(found):
            pass  # an earlier run: it has made the database
    return partial(control.do, found)


def claim(folder: Path, written: str) -> None:
    (folder / "rules/claims/ice.yaml").write_text(written)


# ------------------------------------------------------------------------------------------------ each command


def test_live_tells_what_only_the_service_knows(service: App, found: Settings) -> None:
    told = control.ask(found, "live")
    assert told["polls in hand"] == told["deliveries in hand"] == 0
    assert told["workers"]
    assert told["version"]
    assert {"feedparser", "httpx"} <= {each["library"] for each in told["known faults"]}
    assert json.loads(json.dumps(LiveStatus.from_json(told).as_json())) == told


@pytest.mark.parametrize("told", [{}, {"version": "0.0.1", "known faults": []}, {"known faults": [{"name": "x"}]}])
def test_what_a_service_of_another_version_tells_is_not_taken(told: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="restart it after an update"):
        LiveStatus.from_json(told)


@pytest.mark.scenario("Z13")
def test_a_library_with_a_fault_that_nothing_guards_against_is_said_at_the_start(
    found: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_faults, "installed", lambda: {"python": "3.11.2", "idna": "3.6"})
    with capture_logs() as said, app.opened(found):
        pass
    (warning,) = (line for line in said if line["event"] == "a library has a known fault")
    assert "bring idna up to date" in warning["about"]


def test_rules_that_are_good_go_live(doing: Doing, folder: Path) -> None:
    before = doing("reload")["digest"]
    claim(folder, OTHER)
    told = doing("reload")
    assert (told["live"], told["problems"], told["suspicion"]) == (True, [], "")
    assert told["digest"] == doing("reload")["digest"] != before


@pytest.mark.scenario("R1")
def test_rules_that_are_bad_are_refused_with_their_places(doing: Doing, folder: Path) -> None:
    before = doing("reload")["digest"]
    claim(folder, BROKEN)
    told = doing("reload")
    assert told["live"] is False
    assert [(problem["file"], problem["line"]) for problem in told["problems"]] == [("claims/ice.yaml", 5)]
    assert told["digest"] == before


@pytest.mark.scenario("R8")
def test_rules_that_were_lost_wait_for_a_word(doing: Doing, folder: Path) -> None:
    claim(folder, EMPTY)
    told = doing("reload")
    assert told["live"] is False
    assert told["suspicion"]
    assert doing("reload", confirmed=True)["live"] is True


def test_sources_are_made_due(doing: Doing) -> None:
    assert doing("poll_now") == 1
    assert doing("poll_now", names=["another"]) == 0


def test_a_test_message_tells_how_it_went(doing: Doing, found: Settings) -> None:
    paper = found.state / "alerts.atom"
    sent = {"channel": "paper", "destination": str(paper), "ok": True, "detail": ""}
    assert doing("send_test", name="paper") == [sent]
    assert paper.exists()
    (failed,) = doing("send_test", name="gone")
    assert (failed["channel"], failed["ok"]) == ("gone", False)
    assert failed["detail"].startswith("file: ")


@dataclass
class Traces:
    """What a command leaves behind or starts."""

    processes: list[object] = field(default_factory=list)
    adopted: list[Rulebook] = field(default_factory=list)


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> Traces:
    """Notes the processes that are started and the rules that are taken live."""
    seen, adopt = Traces(), RuleFolder.adopt
    start: Any = subprocess.Popen.__init__

    def started(self: object, *words: Any, **options: Any) -> None:
        seen.processes.append(words)
        start(self, *words, **options)

    def adopted(self: RuleFolder, book: Rulebook) -> None:
        seen.adopted.append(book)
        adopt(self, book)

    monkeypatch.setattr(subprocess.Popen, "__init__", started)
    monkeypatch.setattr(RuleFolder, "adopt", adopted)
    return seen


ON_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("answer", {"alert_id": 99, "state": "checking"}),
    ("forget", {"item": "99"}),
    ("retry", {}),
    ("retry", {"delivery_id": 99}),
    ("poll_now", {}),
    ("catch_up", {}),
]


@pytest.mark.parametrize(("command", "arguments"), ON_ROWS)
def test_without_a_service_and_a_database_a_command_about_rows_makes_none(
    command: str, arguments: dict[str, Any], found: Settings, traces: Traces
) -> None:
    with pytest.raises(ConfigError, match=r"there is no database in .* yet: `watcher run` makes one"):
        control.do(found, command, **arguments)
    assert not found.state.exists()
    assert traces == Traces()


@pytest.mark.parametrize(("command", "arguments"), ON_ROWS)
def test_without_a_service_a_command_about_rows_opens_the_database_and_no_more(
    command: str, arguments: dict[str, Any], found: Settings, folder: Path, request: pytest.FixtureRequest
) -> None:
    with app.opened(found):
        pass
    claim(folder, OTHER)
    traces: Traces = request.getfixturevalue("traces")
    with suppress(ConfigError):  # there is no alert or item 99
        control.do(found, command, **arguments)
    assert traces == Traces()


def test_without_a_service_a_test_message_needs_no_database(found: Settings, traces: Traces) -> None:
    (sent,) = control.do(found, "send_test", name="paper")
    assert sent["ok"]
    assert {path.name for path in found.state.iterdir()} == {"alerts.atom", "lock"}
    assert traces == Traces()


@pytest.mark.parametrize(("written", "confirmed"), [(OTHER, False), (EMPTY, True)])
def test_without_a_service_a_reload_takes_the_rules_live_once(
    written: str, confirmed: bool, found: Settings, folder: Path, request: pytest.FixtureRequest
) -> None:
    with app.opened(found):
        pass
    claim(folder, written)
    traces: Traces = request.getfixturevalue("traces")
    told = control.do(found, "reload", confirmed=confirmed)
    assert told["live"] is True
    assert [book.digest for book in traces.adopted] == [told["digest"]]


def test_a_command_that_a_service_may_have_received_is_not_done_twice(found: Settings) -> None:
    found.state.mkdir()
    with socket.socket(socket.AF_UNIX) as dying:
        dying.bind(str(found.state / control.SOCKET))
        dying.listen()

        def hang_up() -> None:
            dying.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(ConfigError, match="the service ended without an answer"):
            control.do(found, "catch_up")


def test_a_mistake_is_told_as_one(doing: Doing) -> None:
    with pytest.raises(ConfigError, match="there is no channel 'nobody'; there are: gone, paper"):
        doing("send_test", name="nobody")


def test_dead_deliveries_come_back(service: App, found: Settings) -> None:
    service.health.tell(HealthView(event=HealthEvent.SEND_TEST, at=service.clock(), about="paper"))
    with service.database.write() as connection:
        connection.execute(text("UPDATE delivery SET state = 'dead'"))
    assert control.ask(found, "retry", delivery_id=1) == 1
    assert control.ask(found, "retry") == 1
    assert control.ask(found, "retry") == 0


# ------------------------------------------------------------------------------------------------ who is there


def test_without_a_service_nobody_answers(found: Settings) -> None:
    with pytest.raises(ConnectionError):
        control.ask(found, "live")


def test_beside_a_service_that_does_not_listen_yet_nothing_is_opened(found: Settings) -> None:
    with app.opened(found), pytest.raises(Locked, match=f"process {os.getpid()} is already at work"):
        control.do(found, "retry")


def test_what_a_killed_service_left_is_taken_over(found: Settings) -> None:
    found.state.mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(found.state / control.SOCKET))
    with pytest.raises(ConnectionError):
        control.ask(found, "live")
    with closing(control.Server(found.state / control.SOCKET, {"live": lambda: "here"})):
        assert control.ask(found, "live") == "here"
    assert not (found.state / control.SOCKET).exists()


def test_a_path_that_is_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="set a shorter path"):
        control.Server(tmp_path / ("x" * 108), {})


@pytest.mark.scenario("Z9")
def test_the_socket_is_for_its_owner_and_its_group(service: App, found: Settings) -> None:
    assert (found.state / control.SOCKET).stat().st_mode & 0o777 == 0o660


@pytest.mark.scenario("Z9")
def test_secrets_that_others_may_read_are_named_at_the_start(folder: Path) -> None:
    toml, token, key = folder / "watcher.toml", folder / "token", f"whsec_{'A' * 32}"
    token.write_text(key)
    channel = (
        f"""[channels.hook]\nkind = "webhook"\nurl = "env:HOOK"\nsecret = "{key}"\nold_secret = "file:{token}"\n"""
    )
    toml.write_text(f"{toml.read_text()}{channel}[secrets]\nlogin = 'abc'\nother = 'env:HOOK'\n")
    shown = {"channels.hook.secret", "channels.hook.old_secret", "secrets.login"}
    assert exposed_at_start(toml, 0o644, token, 0o644) == shown
    assert exposed_at_start(toml, 0o640, token, 0o600) == set()


def exposed_at_start(toml: Path, mode: int, token: Path, token_mode: int) -> set[str]:
    toml.chmod(mode)
    token.chmod(token_mode)
    with pytest.MonkeyPatch.context() as patched, capture_logs() as said:
        patched.setenv("HOOK", "https://hooks.example.org/")
        with app.opened(settings.load(toml)):
            pass
    return {line["option"] for line in said if line["event"] == "others may read a secret"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_who_may_not_ask_is_told_so(service: App, found: Settings, folder: Path) -> None:
    folder.chmod(0o755)
    found.state.chmod(0o755)
    os.setegid(65534)
    os.seteuid(65534)
    try:
        with pytest.raises(ConfigError, match="permission denied: use sudo, or join the group of the service"):
            control.ask(found, "live")
    finally:
        os.seteuid(0)
        os.setegid(0)


# ------------------------------------------------------------------------------------------------ what can go wrong


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"live\n",
        b"[]\n",
        b"{}\n",
        b'{"command": "fall"}\n',
        b'{"command": []}\n',
        b'{"command": "live", "arguments": 5}\n',
        b"\xff\xfe\n",
        b"[" * 60_000 + b"\n",
        b"x" * 100_000 + b"\n",
    ],
)
def test_what_is_no_command_is_answered_and_the_next_one_too(line: bytes, found: Settings) -> None:
    found.state.mkdir()
    with closing(control.Server(found.state / control.SOCKET, {"live": lambda: "here"})):
        assert "unknown command" in said(found, line)["error"]
        assert control.ask(found, "live") == "here"


def said(found: Settings, line: bytes) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as own:
        own.connect(str(found.state / control.SOCKET))
        own.sendall(line)
        own.shutdown(socket.SHUT_WR)
        answer: dict[str, Any] = json.loads(own.makefile("rb").readline())
        return answer


def full() -> None:
    raise StorageFull("no room left to write")


def broken() -> None:
    raise ZeroDivisionError("a fault of ours")


@pytest.mark.parametrize(
    ("command", "arguments", "answer"),
    [
        (full, {}, "^no room left to write$"),
        (broken, {}, "^ZeroDivisionError: a fault of ours; see the log$"),
        (full, {"more": 1}, "^TypeError: .*; see the log$"),
    ],
)
def test_a_command_that_fails_says_why(
    command: Callable[[], None], arguments: dict[str, Any], answer: str, found: Settings
) -> None:
    found.state.mkdir()
    with (
        closing(control.Server(found.state / control.SOCKET, {"do": command})),
        pytest.raises(ConfigError, match=answer),
    ):
        control.ask(found, "do", **arguments)


def test_who_says_nothing_or_goes_away_holds_up_nobody(found: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    found.state.mkdir()
    with (
        closing(control.Server(found.state / control.SOCKET, {"live": lambda: "here"}, request_seconds=0.1)),
        socket.socket(socket.AF_UNIX) as silent,
        socket.socket(socket.AF_UNIX) as gone,
    ):
        silent.connect(str(found.state / control.SOCKET))
        gone.connect(str(found.state / control.SOCKET))
        gone.close()
        assert control.ask(found, "live") == "here"
        silent.settimeout(5)
        assert silent.recv(1) == b"", "whoever says nothing is sent away"
    assert capfd.readouterr().err == ""


def test_a_command_that_takes_long_holds_up_no_other_and_not_the_end(found: Settings) -> None:
    found.state.mkdir()
    asked, goes_on = threading.Event(), threading.Event()

    def slow() -> None:
        asked.set()
        goes_on.wait(60)

    server = control.Server(found.state / control.SOCKET, {"slow": slow, "live": lambda: "here"})
    with closing(socket.socket(socket.AF_UNIX)) as own:
        own.connect(str(found.state / control.SOCKET))
        own.sendall(b'{"command": "slow"}\n')
        assert asked.wait(5)
        assert control.ask(found, "live", 5) == "here"
        ending = threading.Thread(target=server.close, daemon=True)
        ending.start()
        ending.join(5)
        assert not ending.is_alive()
        goes_on.set()


def test_who_gets_no_answer_is_told_so(found: Settings) -> None:
    found.state.mkdir()
    done = threading.Event()
    with (
        closing(control.Server(found.state / control.SOCKET, {"live": lambda: done.wait(5)})),
        pytest.raises(ConfigError, match="no answer within 0 s"),
    ):
        control.ask(found, "live", 0.1)
    done.set()

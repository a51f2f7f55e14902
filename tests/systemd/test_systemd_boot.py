"""The real unit under a real systemd. One machine for all tests; each finds the service running, and leaves it so."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from running import CLAIM, feed

pytestmark = [pytest.mark.systemd, pytest.mark.xdist_group("machine")]

BROKEN = CLAIM.replace("officer*", "officer* and and")
RULES = "/etc/watcher/rules/claims/ice.yaml"
SECRET = "/run/credentials/watcher.service/webhook-secret"
DESK = 4321
ASK = """
import socket
line = socket.socket(socket.AF_UNIX)
line.connect('/run/watcher/control.sock')
line.sendall(b'{"command": "live"}\\n')
print(line.makefile().readline())
"""


@pytest.fixture(autouse=True)
def running(machine: Any) -> Iterator[None]:
    machine.run("systemctl", "start", "watcher")
    yield
    machine.run("systemctl", "reset-failed")


def titles(machine: Any) -> list[str]:
    """Of the items that alerts were received about."""
    return [message["data"]["item"]["title"] for message in machine.received() if "item" in message["data"]]


@pytest.mark.scenario("X4")
def test_it_is_ready_and_an_alert_arrives_signed_with_the_credential(machine: Any) -> None:
    shown = machine.show()
    assert (shown["ActiveState"], shown["SubState"], shown["Type"]) == ("active", "running", "notify")
    assert shown["StatusText"].startswith("1 claim, 1 source, 0 failing")
    machine.wait(machine.received, "the first digest has arrived")
    machine.write("/srv/feed.xml", feed("Council meets", "Two officers joined ICE").decode())
    machine.wait(lambda: "Two officers joined ICE" in titles(machine), "the alert has arrived")
    assert titles(machine).count("Two officers joined ICE") == 1


def test_root_asks_by_the_command_that_is_shipped(machine: Any) -> None:
    machine.wait(lambda: machine.status()["items"], "something was read")
    status = machine.status()
    assert status["running"] is True
    assert status["failing"] == []


def test_the_reading_processes_are_shut_in(machine: Any) -> None:
    assert machine.status()["live"]["workers"].startswith("landlock ABI ")
    main = machine.show()["MainPID"]
    readers = machine.run("pgrep", "-P", main).split()
    filters = {pid: int(machine.run("sed", "-n", "s/^Seccomp_filters:\t//p", f"/proc/{pid}/status")) for pid in readers}
    outside = int(machine.run("sed", "-n", "s/^Seccomp_filters:\t//p", f"/proc/{main}/status"))
    assert len(filters) == 2
    assert set(filters.values()) == {outside + 1}


@pytest.mark.scenario("Z7", "Z8")
def test_nothing_but_its_own_folder_is_open_to_it(machine: Any) -> None:
    machine.run("systemctl", "start", "probe")
    told = json.loads(machine.run("cat", "/var/lib/probe/told.json"))
    assert {name: outcome for name, outcome in told["service"].items() if not outcome.startswith("denied")} == {}
    assert len(told["reading"]) == 18
    assert [outcome for outcome in told["reading"] if outcome.endswith("done")] == []


@pytest.mark.scenario("Z9")
def test_its_state_is_its_own(machine: Any) -> None:
    assert machine.run("stat", "-c", "%a", "/var/lib/private/watcher").strip() == "700"
    written = machine.run("find", "/var/lib/private/watcher", "-type", "f", "-perm", "/077")
    assert written == ""


@pytest.mark.scenario("Z8")
def test_credentials_are_for_the_service_alone(machine: Any) -> None:
    shown = machine.show()
    mode, owner = machine.run("stat", "-c", "%a %u", SECRET).split()
    assert mode == "400"
    assert owner in {"0", shown["UID"]}
    assert "Permission denied" in machine.python(f"open({SECRET!r})", group=DESK, check=False)
    secret = machine.run("cat", SECRET).strip()
    assert secret not in machine.run("cat", f"/proc/{shown['MainPID']}/environ")
    assert secret not in machine.run("journalctl", "-u", "watcher", "--no-pager", "-o", "cat")


def test_people_of_its_group_may_ask_it_and_nobody_else(machine: Any) -> None:
    assert '"result"' in machine.python(ASK, group=DESK)
    assert "Permission denied" in machine.python(ASK, group=65534, check=False)


@pytest.mark.scenario("R1", "X4")
def test_a_reload_reads_the_rules_and_refused_ones_leave_it_running(machine: Any) -> None:
    pid = machine.show()["MainPID"]
    machine.write(RULES, BROKEN)
    machine.run("systemctl", "reload", "watcher")
    machine.wait(lambda: "refused" in machine.show()["StatusText"], "the status says so")
    assert "claims/ice.yaml:5:" in machine.show()["StatusText"]
    machine.write(RULES, CLAIM)
    machine.run("systemctl", "reload", "watcher")
    machine.wait(lambda: "refused" not in machine.show()["StatusText"], "the status is good again")
    assert (machine.show()["ActiveState"], machine.show()["MainPID"]) == ("active", pid)


@pytest.mark.scenario("X3")
def test_a_process_that_hangs_is_killed_and_started_again(machine: Any, watchdog: int) -> None:
    before = machine.show()
    received = len(machine.received())
    machine.run("kill", "-STOP", before["MainPID"])
    took = machine.wait(
        lambda: (now := machine.show())["ActiveState"] == "active" and now["MainPID"] != before["MainPID"],
        "it runs again",
        seconds=4 * watchdog,
    )
    assert took <= 2 * watchdog
    assert int(machine.show()["NRestarts"]) > int(before["NRestarts"])
    journal = machine.run("journalctl", "-u", "watcher", "--no-pager", "-o", "cat")
    assert "Watchdog timeout" in journal
    assert "Fatal Python error: Aborted" in journal
    machine.write("/srv/feed.xml", feed("Council meets", "Three officers joined ICE").decode())
    machine.wait(lambda: len(machine.received()) > received, "it alerts again")


@pytest.mark.scenario("X2")
def test_it_stops_in_time(machine: Any) -> None:
    began = time.monotonic()
    machine.run("systemctl", "stop", "watcher")
    assert time.monotonic() - began < 30
    shown = machine.show()
    assert (shown["ActiveState"], shown["Result"]) == ("inactive", "success")
    assert machine.run("ls", "/run/watcher", check=False).startswith("2")

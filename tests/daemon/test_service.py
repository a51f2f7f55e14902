"""The daemon as it is run: a process of its own, signals, systemd's socket, a feed and a mail server on loopback."""

from __future__ import annotations

import itertools
import signal
import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from running import CLAIM, Service, feed, service

BROKEN = CLAIM.replace("officer*", "officer* and and")

IMPATIENT = """
from datetime import timedelta
from watcher.daemon import service as life
from storage import database
life.DRAIN_TIMEOUT = timedelta(seconds=1)
life.JOB_HANGS_AFTER = life.WORK_HANGS_AFTER = timedelta(seconds=1.5)
database.BUSY_TIMEOUT_MS = 100
"""

TICKS_THAT_WAIT = """
import pathlib, time
from watcher.pipeline.pipeline import Pipeline
tick = Pipeline.tick
def waiting(self):
    while pathlib.Path('wait').exists():
        time.sleep(0.01)
    tick(self)
Pipeline.tick = waiting
"""

READERS_THAT_SLEEP = """
from watcher.reading import process
process.COMMAND = ('/bin/sleep', '100')
"""

A_CLOCK_TO_SET = """
import datetime, signal
import apscheduler.schedulers.base, watcher.clock
offset = datetime.timedelta()
class Clock(datetime.datetime):
    @classmethod
    def now(cls, zone=None):
        return datetime.datetime.now(zone) + offset
def set_clock(number, _):
    global offset
    offset = datetime.timedelta(hours=-5) if number == signal.SIGUSR1 else datetime.timedelta(days=50 * 365)
signal.signal(signal.SIGUSR1, set_clock)
signal.signal(signal.SIGUSR2, set_clock)
apscheduler.schedulers.base.datetime = Clock
watcher.clock.datetime = Clock
"""


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with tempfile.TemporaryDirectory(prefix="watcher-") as folder, service(Path(folder)) as made:
        monkeypatch.setenv("RUNTIME_DIRECTORY", folder)
        yield made.write()


class SlowMail:
    """A mail server that takes a message, and answers for it only when it is told to."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.took = threading.Event()
        self.answers = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def channel(self) -> str:
        return (
            f'[channels.desk]\nkind = "mail"\nhost = "127.0.0.1"\nport = {self.port}\ntls = "none"\n'
            'sender = "watcher@example.org"\nto = ["desk@example.org"]\n'
        )

    def ids(self) -> set[bytes]:
        return {line for letter in self.letters for line in letter.splitlines() if line.startswith(b"Message-ID")}

    def close(self) -> None:
        self.answers.set()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _attend(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb", buffering=0) as line:
            line.write(b"220 slow\r\n")
            while word := line.readline()[:4].upper():
                line.write(b"354 go on\r\n" if word == b"DATA" else b"250 ok\r\n")
                if word == b"DATA":
                    self.letters.append(b"".join(itertools.takewhile(b".\r\n".__ne__, line)))
                    self.took.set()
                    self.answers.wait(60)
                    line.write(b"250 taken\r\n")


@pytest.fixture
def mail() -> Iterator[SlowMail]:
    with closing(SlowMail()) as server:
        yield server


# ------------------------------------------------------------------------------------------------ words to systemd


@pytest.mark.scenario("X4")
def test_systemd_hears_ready_then_life_then_reloading_then_ready_then_stopping(running: Service) -> None:
    running.start(watchdog=0.6).ready()
    assert running.systemd.listen()[0] == {"READY": "1", "STATUS": "1 claim, 1 source, 0 failing, 0 waiting, 0 dead"}
    running.systemd.wait_for("WATCHDOG")
    running.signal(signal.SIGHUP)
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    reloading = running.systemd.wait_for("RELOADING")
    assert abs(int(reloading["MONOTONIC_USEC"]) - before) < 5_000_000
    running.systemd.wait_for("READY", since=running.systemd.heard.index(reloading))
    ended = running.stop()
    assert ended.code == 0
    order = running.systemd.order()
    assert order[:2] == ["READY", "WATCHDOG"]
    assert order[order.index("RELOADING") + 1] == "READY"
    assert order[-1] == "STOPPING"
    assert order.count("READY") == 2


@pytest.mark.scenario("X4")
def test_it_is_not_ready_before_the_first_tick_is_done(running: Service) -> None:
    (running.folder / "wait").touch()
    running.start(before=TICKS_THAT_WAIT)
    running.wait((running.folder / "control.sock").exists, "it listens")
    assert running.systemd.listen(0.7) == []
    (running.folder / "wait").unlink()
    running.ready()


@pytest.mark.scenario("X6")
def test_it_is_ready_where_there_is_no_network(running: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/feed"
    running.write(url=address).start().ready()
    running.write(url=running.newspaper.url)  # the network comes
    running.signal(signal.SIGHUP)
    running.wait(lambda: running.newspaper.visits, "the source was read")
    assert running.stop().code == 0


@pytest.mark.scenario("R1")
def test_a_refused_rule_file_is_told_and_the_last_good_set_stays_live(running: Service) -> None:
    running.start().ready()
    running.wait(running.alerts_file, "the first digest is there")
    running.write_claim(BROKEN)
    running.signal(signal.SIGHUP)
    reloading = running.systemd.wait_for("RELOADING")
    ready = running.systemd.wait_for("READY", since=running.systemd.heard.index(reloading))
    assert "rule files refused, the last good set is live: claims/ice.yaml:5:" in ready["STATUS"]
    running.newspaper.page = feed("Council meets", "Two officers joined ICE")
    running.wait(lambda: "Two officers joined ICE" in running.alerts_file(), "it alerts")
    assert "rule files refused; the last good set stays live" in running.stop().out


@pytest.mark.scenario("R3")
def test_a_rule_file_that_was_saved_is_taken_over_by_itself(running: Service) -> None:
    running.start().ready()
    running.write_claim(CLAIM.replace("officer*", "(police or officer*)"))
    since = running.systemd.heard.index(running.systemd.wait_for("RELOADING"))
    running.systemd.wait_for("READY", since=since)
    assert "rules are live" in running.stop().out


# ------------------------------------------------------------------------------------------------ its end


@pytest.mark.scenario("X2")
def test_what_is_in_hand_may_end(running: Service) -> None:
    running.start().ready()
    running.wait(running.alerts_file, "the source was read")
    running.newspaper.open.clear()
    running.newspaper.page = feed("Council meets", "Two officers joined ICE")
    visits = running.newspaper.visits
    running.wait(lambda: running.newspaper.visits > visits, "it is fetching")
    running.signal(signal.SIGTERM)
    running.systemd.wait_for("STOPPING")
    running.systemd.listen(0.5)
    running.newspaper.open.set()
    assert running.end().code == 0
    assert [row.item.title for row in running.alerts()] == ["Two officers joined ICE"]


@pytest.mark.scenario("X2")
def test_a_fetch_that_takes_too_long_is_abandoned(running: Service) -> None:
    running.newspaper.open.clear()
    running.start(before=IMPATIENT)
    running.wait(lambda: running.newspaper.visits, "it is fetching")
    ended = running.stop()
    assert ended.code == 0
    assert "Traceback" not in ended.error
    assert 0.9 < ended.seconds < 8


@pytest.mark.scenario("X2")
def test_a_message_whose_answer_is_out_is_unknown_and_is_sent_again_with_its_key(
    running: Service, mail: SlowMail
) -> None:
    running.write(channels=mail.channel).start(before=IMPATIENT)
    assert mail.took.wait(20)
    ended = running.stop()
    assert ended.code == 0
    assert ended.seconds < 8
    assert [delivery.state for delivery in running.deliveries()] == ["unknown"]
    mail.answers.set()
    running.start()
    running.wait(lambda: len(mail.letters) == 2, "it was sent again")
    running.stop()
    assert [delivery.state for delivery in running.deliveries()] == ["sent"]
    assert len(mail.ids()) == 1


@pytest.mark.scenario("X2")
def test_a_second_signal_cuts_the_wait_short(running: Service, mail: SlowMail) -> None:
    running.write(channels=mail.channel).start()
    assert mail.took.wait(20)
    running.signal(signal.SIGTERM)
    running.systemd.wait_for("STOPPING")
    with pytest.raises(AssertionError, match="after 1 s"):
        running.wait(lambda: running.process.poll() is not None, "it ended", seconds=1)
    assert running.stop().seconds < 8
    assert [delivery.state for delivery in running.deliveries()] == ["unknown"]


def test_an_interrupt_at_the_terminal_ends_it_without_a_traceback(running: Service) -> None:
    running.start().ready()
    running.signal(signal.SIGINT)
    ended = running.end()
    assert ended.code == 0
    assert "Traceback" not in ended.error


def test_one_visit_ends_by_itself(running: Service) -> None:
    ended = running.start("run", "--once").end()
    assert ended.code == 0
    assert running.newspaper.visits == 1
    assert "read 1 source, 1 item; these rules would have alerted 0 times in the last 30 days" in ended.out


def test_one_visit_can_be_interrupted(running: Service) -> None:
    running.newspaper.open.clear()
    running.start("run", "--once", before=IMPATIENT)
    running.wait(lambda: running.newspaper.visits, "it is fetching")
    running.signal(signal.SIGINT)
    ended = running.end()
    assert ended.code == 0
    assert "Traceback" not in ended.error


# ------------------------------------------------------------------------------------------------ its beginning


def test_a_second_start_names_the_first_in_one_line(running: Service) -> None:
    running.start().ready()
    second = running.command("run")
    assert second.code == 1
    assert second.error == f"process {running.process.pid} is already at work in {running.state}\n"
    assert running.ask("live")["version"]


def test_what_a_killed_process_left_is_taken_over(running: Service) -> None:
    running.start().ready()
    running.signal(signal.SIGKILL)
    running.end()
    assert (running.folder / "control.sock").exists()
    visits, heard = running.newspaper.visits, len(running.systemd.listen())
    running.start()
    running.systemd.wait_for("READY", since=heard)
    running.wait(lambda: running.newspaper.visits > visits, "it polls again")
    assert running.ask("live")["version"]


# ------------------------------------------------------------------------------------------------ signs of life


def lock_database(running: Service, _mail: SlowMail) -> Callable[[], None]:
    holder = sqlite3.connect(running.state / "watcher.sqlite", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    return holder.close


def hang_ticks(running: Service, _mail: SlowMail) -> Callable[[], None]:
    (running.folder / "wait").touch()
    return (running.folder / "wait").unlink


def hang_polls(running: Service, _mail: SlowMail) -> Callable[[], None]:
    running.newspaper.open.clear()
    visits = running.newspaper.visits
    running.wait(lambda: running.newspaper.visits > visits, "it is fetching")
    return running.newspaper.open.set


def hang_deliveries(_running: Service, mail: SlowMail) -> Callable[[], None]:
    assert mail.took.wait(20)
    return mail.answers.set


@pytest.mark.scenario("X3")
@pytest.mark.parametrize(
    ("hang", "because"),
    [
        (hang_ticks, "tick: hangs"),
        (lock_database, "database is locked"),
        (hang_polls, "a poll hangs"),
        (hang_deliveries, "a delivery hangs"),
    ],
)
def test_no_sign_of_life_is_given_while_something_hangs(
    hang: Callable[[Service, SlowMail], Callable[[], None]], because: str, running: Service, mail: SlowMail
) -> None:
    if hang is not hang_deliveries:
        mail.answers.set()
    running.write(channels=mail.channel).start(before=IMPATIENT + TICKS_THAT_WAIT, watchdog=0.6).ready()
    running.systemd.wait_for("WATCHDOG")
    let_go = hang(running, mail)
    running.systemd.listen(2)
    heard = len(running.systemd.listen())
    assert running.systemd.listen(0.6)[heard:] == []
    let_go()
    running.systemd.wait_for("WATCHDOG", since=heard)
    mail.answers.set()
    assert because in running.stop().error


@pytest.mark.scenario("X3")
def test_no_sign_of_life_is_given_while_nothing_can_be_read(running: Service) -> None:
    running.start(before=READERS_THAT_SLEEP + IMPATIENT, watchdog=0.6).ready()
    running.systemd.listen(2)
    heard = len(running.systemd.listen())
    assert running.systemd.listen(0.6)[heard:] == []
    assert "readers: hangs" in running.stop().error


@pytest.mark.scenario("X3")
def test_a_tick_that_hangs_does_not_keep_the_service_from_ending(running: Service) -> None:
    running.start(before=IMPATIENT + TICKS_THAT_WAIT).ready()
    (running.folder / "wait").touch()
    running.systemd.listen(1.5)
    ended = running.stop()
    assert ended.code == 0
    assert ended.seconds < 8


# ------------------------------------------------------------------------------------------------ clocks


@pytest.mark.scenario("X5")
def test_a_clock_that_is_set_back_by_hours_silences_nothing(running: Service) -> None:
    running.write(every="2s").start(before=A_CLOCK_TO_SET, watchdog=0.6).ready()
    running.wait(running.alerts_file, "the source was read")
    running.signal(signal.SIGUSR1)
    seen = running.newspaper.visits
    running.wait(lambda: running.newspaper.visits >= seen + 3, "the source is read as before", seconds=40)
    running.systemd.wait_for("WATCHDOG", since=len(running.systemd.listen()))
    assert "the clock was set back" in running.stop().error


@pytest.mark.scenario("X5")
def test_a_clock_that_is_set_half_a_century_ahead_is_followed(running: Service) -> None:
    running.write(every="10m").start(before=A_CLOCK_TO_SET, watchdog=0.6).ready()
    running.wait(running.alerts_file, "the source was read")
    running.signal(signal.SIGUSR2)
    running.wait(lambda: running.newspaper.visits == 2, "the source is read again", seconds=5)
    running.systemd.wait_for("WATCHDOG", since=len(running.systemd.listen()))
    peak = Path(f"/proc/{running.process.pid}/status").read_text().split("VmHWM:")[1].split()[0]
    assert int(peak) < 300_000
    assert running.stop().code == 0

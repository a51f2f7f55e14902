"""Run the service from the first tick to the last: jobs, signals, the watchdog of systemd, and an orderly end."""

from __future__ import annotations

import faulthandler
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto
from types import FrameType
from typing import TextIO

import structlog

from storage import leases, outbox, reschedule, sources
from storage.database import StorageError
from watcher.app import App
from watcher.daemon import commands, control
from watcher.daemon.scheduler import Jobs, Trouble
from watcher.daemon.systemd import Notifier
from watcher.jobs import housekeeping, reminders
from watcher.messages import would_have_alerted
from watcher.rulebook import fingerprint
from watcher.rulebook.debounce import Debouncer
from watcher.settings import notify_socket, runtime_directory, watchdog_interval
from watcher.source_condition import outlook
from watcher.text.humanize import pluralize

log = structlog.get_logger()

STATUS_EVERY = timedelta(seconds=10)
"""How often the status is sent to systemd, unless its watchdog wants a sign of life more often."""
JOB_HANGS_AFTER = timedelta(seconds=30)
"""A job that was not done for so long hangs: a tick, or the check of the reading processes, which run every second."""
WORK_HANGS_AFTER = timedelta(minutes=20)
"""Work that is older counts as hanging: the slowest work allowed, a mail server's last reply, takes eleven minutes."""
DRAIN_TIMEOUT = timedelta(seconds=25)
"""How long work in progress may take to end when the service stops; systemd kills it later (TimeoutStopSec)."""
MAX_CLOCK_STEP_BACK = timedelta(minutes=1)
"""If the clock is set back farther, polls are noticeably late."""


class Signal(Enum):
    """What the running service is asked to do, by a signal or by changed files."""

    RELOAD = auto()
    STOP = auto()


class Daemon:
    """Runs an App until it is asked to stop."""

    def __init__(self, service: App, out: TextIO) -> None:
        self._app = service
        self._out = out
        self.work_hangs_after = WORK_HANGS_AFTER
        # a queue that a signal handler may write to while the same thread reads it; an Event would deadlock there
        self._signals: queue.SimpleQueue[Signal] = queue.SimpleQueue()
        self._notifier = Notifier(notify_socket())
        self._jobs = Jobs(service.clock)
        self._watch = Debouncer(known=fingerprint(service.rule_files.directory))
        self._commands = commands.of(service)
        self._ticking = threading.Lock()
        self._ending = False
        self._ready = False
        self._doubt = ""

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; SIGHUP reads the rule files again."""
        faulthandler.enable()  # so that the watchdog's SIGABRT logs what each thread was doing
        self._install_signal_handlers()
        self._say_what_is_watched()
        self._plan()
        server = control.Server(
            runtime_directory(self._app.settings) / control.SOCKET, self._commands | {"reload": self._read_rules}
        )
        try:
            self._jobs.start()
            self._live()
        finally:
            self._notifier.stopping()
            self._jobs.stop()
            server.close()
            drained = self._drain()
        if not drained:
            self._leave()

    def run_once(self) -> None:
        """Visit every source once, do each round once, deliver what is due, and return."""
        self._install_signal_handlers()
        self._say_what_is_watched()
        commands.poll_now(self._app.database, self._app.clock)
        if self._work_off():
            for _, job in self._rounds().values():
                job()
            self._work_off()
        if not self._drain():
            self._leave()

    def _work_off(self) -> bool:
        """Tick until nothing is left to do. Return False if a signal came first."""
        while True:
            was_busy = self._is_busy()
            self._tick()  # once more after the last work: a tick also reports what it brought
            if not was_busy and not self._is_busy():
                return True
            if self._next_signal(0.1) is Signal.STOP:
                return False

    # ------------------------------------------------------------------------------------------ the jobs

    def _plan(self) -> None:
        self._jobs.every(1, "tick", self._tick)
        self._jobs.every(1, "rule files", self._look_at_files)
        self._jobs.every(1, "readers", self._look_at_readers)
        self._jobs.every(5, "room", self._app.database.look_at_room)
        for name, (seconds, job) in self._rounds().items():
            self._jobs.every(seconds, name, job)

    def _rounds(self) -> dict[str, tuple[float, Callable[[], object]]]:
        """The periodic jobs beside polls and deliveries."""
        app = self._app
        return {
            "health": (5, lambda: app.health.check(app.rulebook)),
            "daily": (60, lambda: app.digests.daily(app.pipeline.live)),
            "reminders": (60, self._remind),
            "learning": (3_600, app.learn),
            "second reader": (300, app.ask_second_reader),
            "housekeeping": (86_400, self._tidy),
        }

    def _tick(self) -> None:
        with self._ticking:
            if self._ending:
                return
            self._app.pipeline.tick()
        self._app.digests.tell_floods(self._app.rulebook)
        self._app.proofs.tell(self._app.rulebook)
        for view in self._app.digests.announce(self._app.rulebook):
            self._print(
                f"read {pluralize(view.sources, 'source')}, {pluralize(view.items, 'item')}; these rules would have "
                f"alerted {pluralize(would_have_alerted(view), 'time')} in the last {view.window.days} days"
            )

    def _remind(self) -> None:
        app = self._app
        reminders.remind(app.database, app.clock, app.pipeline.live.recipients, app.rulebook)

    def _tidy(self) -> None:
        app = self._app
        housekeeping.tidy(app.database, app.clock, app.settings.storage.keep)

    def _look_at_files(self) -> None:
        seen = fingerprint(self._app.rule_files.directory)
        if self._watch.settled(seen, self._app.clock()):
            self._signals.put(Signal.RELOAD)

    def _look_at_readers(self) -> None:
        if not self._app.reader.alive():
            raise Trouble("the reading processes do not answer, and new ones do not either")

    # ------------------------------------------------------------------------------------------ life

    def _install_signal_handlers(self) -> None:
        def put(number: int, _frame: FrameType | None) -> None:
            self._signals.put(Signal.RELOAD if number == signal.SIGHUP else Signal.STOP)

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, put)

    def _next_signal(self, seconds: float) -> Signal | None:
        try:
            return self._signals.get(timeout=seconds)
        except queue.Empty:
            return None

    def _live(self) -> None:
        wanted = watchdog_interval()
        pause = min(STATUS_EVERY, wanted / 3) if wanted else STATUS_EVERY
        due = 0.0
        while (received := self._next_signal(0.2)) is not Signal.STOP:
            if received is Signal.RELOAD:
                threading.Thread(target=self._reload_rules, name="reload", daemon=True).start()
            if self._jobs.broken:
                raise self._jobs.broken  # a restart reads the disk again; without one, we would guess what is on it
            self._handle_clock_step()
            if not self._ready and self._jobs.was_done("tick"):
                self._ready = True
                self._say_ready()
            elif self._ready and time.monotonic() >= due:
                self._beat()
                due = time.monotonic() + pause.total_seconds()

    def _beat(self) -> None:
        """Send a sign of life, unless a restart would help."""
        try:
            status = self._status()
            doubt = self._watchdog_failure()
        except StorageError as error:
            status, doubt = "", str(error)
        if not doubt:
            self._notifier.alive(status)
        elif doubt != self._doubt:
            log.error("no sign of life is given", because=doubt)
        self._doubt = doubt

    def _watchdog_failure(self) -> str:
        """Return what hangs, in words; empty if nothing does."""
        for job in ("tick", "readers"):
            if self._jobs.age(job) > JOB_HANGS_AFTER:
                return f"{job}: {self._jobs.trouble() or 'hangs'}"
        pipeline = self._app.pipeline
        for name, pool in zip(("poll", "page", "delivery"), pipeline.pools, strict=True):
            if pool.longest() > self.work_hangs_after:
                return f"a {name} hangs"
        return ""

    def _handle_clock_step(self) -> None:
        """Rows have planned times, too: pull them forward, or they would wait until the clock has caught up."""
        back = self._jobs.pull_forward()
        if back < MAX_CLOCK_STEP_BACK:
            return
        log.warning("the clock was set back", by=str(back))
        try:
            with self._app.database.write() as connection:
                reschedule.pull_forward(connection, now=self._app.clock(), by=back)
        except StorageError as error:
            log.warning("what was planned keeps its old times", problem=str(error))

    def _reload_rules(self) -> None:
        """Reload in a thread of its own: new rules run over all stored items, and the service goes on meanwhile."""
        if self._ready:
            self._notifier.reloading()
        try:
            rules = self._read_rules()
            self._print("rules are live" if rules.live else "rule files refused; the last good set stays live")
        except StorageError as error:
            log.warning("rules could not be taken over", problem=str(error))
        finally:
            if self._ready:
                self._say_ready()

    def _read_rules(self, *, confirmed: bool = False) -> commands.RulesRead:
        self._watch.known = fingerprint(self._app.rule_files.directory)
        return commands.reload(self._app, confirmed=confirmed)

    def _say_ready(self) -> None:
        try:
            status = self._status()
        except StorageError as error:
            status = str(error)
        self._notifier.ready(status)

    def _status(self) -> str:
        with self._app.database.read() as connection:
            rows = sources.polled(connection)
            counts = outbox.counts(connection)
        failing = len(outlook(rows, self._app.clock()).blinding)
        waiting = counts.get("pending", 0) + counts.get("unknown", 0)
        figures = (
            f"{pluralize(len(self._app.rulebook.claims), 'claim')}, {pluralize(len(rows), 'source')}, "
            f"{failing} failing, {waiting} waiting, {counts.get('dead', 0)} dead"
        )
        return "; ".join(part for part in (figures, self._refused(), self._jobs.trouble()) if part)

    def _refused(self) -> str:
        loaded = self._app.loaded
        if loaded.book is not None:
            return ""
        return f"rule files refused, the last good set is live: {loaded.suspicion or loaded.problems[0]}"

    # ------------------------------------------------------------------------------------------ the end

    def _is_busy(self) -> bool:
        pipeline = self._app.pipeline
        if any(pool.in_hand() for pool in pipeline.pools):
            return True
        now, queues = self._app.clock(), (leases.SOURCES, leases.PAGES, leases.DELIVERIES)
        with self._app.database.read() as connection:
            return any(leases.waiting(connection, queue, now=now) for queue in queues)

    def _drain(self) -> bool:
        """Wait for work in progress to end; record what does not end as interrupted.

        A second signal ends the wait. Return whether everything has ended.
        """
        until = time.monotonic() + DRAIN_TIMEOUT.total_seconds()
        if not self._end_ticks():
            return False
        pipeline = self._app.pipeline
        pools = pipeline.pools
        for pool in pools:
            pool.close()
        try:
            while any(pool.in_hand() for pool in pools) and time.monotonic() < until:
                if self._next_signal(0.05) is Signal.STOP:
                    break
                pipeline.renew_leases()
            pipeline.release()
        except StorageError as error:
            log.warning("what is in hand is recorded at the next start", problem=str(error))
        return not any(pool.in_hand() for pool in pools)

    def _end_ticks(self) -> bool:
        """Hand out no more work. Return False if a tick hangs, which cannot be stopped."""
        if not self._ticking.acquire(timeout=DRAIN_TIMEOUT.total_seconds() / 5):
            return False
        self._ending = True
        self._ticking.release()
        return True

    def _leave(self) -> None:
        """End now: Python would wait for every thread, and one that hangs may never end."""
        self._out.flush()
        sys.stderr.flush()
        os._exit(0)

    def _say_what_is_watched(self) -> None:
        book = self._app.rulebook
        reading = [source for source in book.sources if source.enabled]
        self._print(
            f"watching {pluralize(len(book.claims), 'claim')} with {pluralize(len(book.rules), 'rule')} "
            f"in {pluralize(len(reading), 'source')}; messages go to {', '.join(self._app.channels)}"
        )
        for claim in book.claims:
            self._print(f"  {claim.claim_reviewed} (verdict: {claim.rating})")

    def _print(self, line: str) -> None:
        self._out.write(f"{line}\n")
        self._out.flush()

"""Jobs that run every so many seconds, even if the wall clock is changed.

APScheduler plans by the wall clock: set back, it is silent until the clock has caught up (its issue 351); set far
ahead, it lists every run that was missed (1066). So each run is planned from the time of the last one, and a run that
is planned farther ahead than the job's period is pulled forward.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from storage.database import StorageBroken, StorageError, StorageFull
from watcher.model import Clock

log = structlog.get_logger()

SLACK = timedelta(seconds=1)
"""How far the clock may be set back before runs are planned again: corrections by NTP are smaller."""
_THREADS = 8
"""More threads than jobs: one that hangs delays no other."""


class Trouble(Exception):
    """A job failed; the text tells why."""


class Jobs:
    """Runs jobs, and knows when each was last done."""

    def __init__(self, clock: Clock) -> None:
        # it logs every second that a slow job is still running, which `Jobs.age` shows
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        self._clock = clock
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(_THREADS)},
            # without a grace time APScheduler drops runs that are a second late, and only logs it
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._started = time.monotonic()
        self._done: dict[str, float] = {}
        self._troubles: dict[str, str] = {}
        self.broken: StorageBroken | None = None
        """The error after which nothing can be written, so that the service has to end."""

    def every(self, seconds: float, name: str, job: Callable[[], object]) -> None:
        """Add a job; its first run is at once."""
        trigger = _Every(timedelta(seconds=seconds))
        self._scheduler.add_job(self._run, trigger, args=(name, job), id=name, next_run_time=self._clock())

    def start(self) -> None:
        """Start."""
        self._started = time.monotonic()
        self._scheduler.start()

    def stop(self) -> None:
        """Start no more jobs; a running one continues."""
        self._scheduler.shutdown(wait=False)

    def was_done(self, name: str) -> bool:
        """Return whether the job has been completed at least once."""
        return name in self._done

    def age(self, name: str) -> timedelta:
        """Return the time since the job was last done, or since the start."""
        return timedelta(seconds=time.monotonic() - self._done.get(name, self._started))

    def trouble(self) -> str:
        """Return the errors of failing jobs, in words; empty if there are none."""
        return next(iter(tuple(self._troubles.values())), "")

    def pull_forward(self) -> timedelta:
        """Run at once what a clock that was set back has delayed; return how far it was set back."""
        now, back = self._clock(), timedelta(0)
        for job in self._scheduler.get_jobs():
            beyond = job.next_run_time - now - job.trigger.period
            if beyond > SLACK:
                job.modify(next_run_time=now)
                back = max(back, beyond)
        return back

    def _run(self, name: str, job: Callable[[], object]) -> None:
        try:
            job()
        except StorageFull as error:
            self._tell(name, str(error))  # no reason to restart: the problem ends when there is space again
        except (StorageError, Trouble) as error:
            self._tell(name, str(error))
            if isinstance(error, StorageBroken):
                self.broken = error
            return
        else:
            self._troubles.pop(name, None)
        self._done[name] = time.monotonic()

    def _tell(self, name: str, problem: str) -> None:
        if self._troubles.get(name) != problem:  # logged once, not every second
            log.warning("job", name=name, problem=problem)
        self._troubles[name] = problem


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Return the time one period after the last run, even if that was late."""

    def __init__(self, period: timedelta) -> None:
        self.period = period

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> Any:
        """The name is APScheduler's."""
        return now + self.period

"""Jobs that are done every so many seconds, whatever the wall clock does meanwhile.

APScheduler plans by the wall clock: set back, it is silent until the clock has caught up (its issue 351); set far
ahead, it lists every run that was missed (1066). So each run is planned from the moment of the last one, and a plan
that lies farther ahead than the job's own period pulled forward.
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
"""More than there are jobs: one that hangs holds up no other."""


class Trouble(Exception):
    """A job could not do what it is for; the text says why."""


class Jobs:
    """Runs jobs, and knows when each was done last."""

    def __init__(self, clock: Clock) -> None:
        # it logs every second that a slow job is still running; `Jobs.age` shows that already
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        self._clock = clock
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(_THREADS)},
            # without a grace time APScheduler drops runs that are a second late, and says so only in a log
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._started = time.monotonic()
        self._done: dict[str, float] = {}
        self._troubles: dict[str, str] = {}
        self.broken: StorageBroken | None = None
        """Why nothing can be written any more, and the service has to end."""

    def every(self, seconds: float, name: str, job: Callable[[], object]) -> None:
        """Plan a job, for the first time at once."""
        trigger = _Every(timedelta(seconds=seconds))
        self._scheduler.add_job(self._run, trigger, args=(name, job), id=name, next_run_time=self._clock())

    def start(self) -> None:
        """Begin."""
        self._started = time.monotonic()
        self._scheduler.start()

    def stop(self) -> None:
        """Begin no job any more; one that is being done goes on."""
        self._scheduler.shutdown(wait=False)

    def was_done(self, name: str) -> bool:
        """Whether the job has come to its end at least once."""
        return name in self._done

    def age(self, name: str) -> timedelta:
        """How long it is since the job was done, or since the start."""
        return timedelta(seconds=time.monotonic() - self._done.get(name, self._started))

    def trouble(self) -> str:
        """What keeps jobs from being done; empty when nothing does."""
        return next(iter(tuple(self._troubles.values())), "")

    def pull_forward(self) -> timedelta:
        """Do at once what a clock that was set back has put off; gives how far it was set back."""
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
            self._tell(name, str(error))  # done as far as it can be: what goes on by itself is no reason to restart
        except (StorageError, Trouble) as error:
            self._tell(name, str(error))
            if isinstance(error, StorageBroken):
                self.broken = error
            return
        else:
            self._troubles.pop(name, None)
        self._done[name] = time.monotonic()

    def _tell(self, name: str, problem: str) -> None:
        if self._troubles.get(name) != problem:  # said once, not every second
            log.warning("job", name=name, problem=problem)
        self._troubles[name] = problem


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """A period after the last run, however late that was."""

    def __init__(self, period: timedelta) -> None:
        self.period = period

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> Any:
        """The name is APScheduler's."""
        return now + self.period

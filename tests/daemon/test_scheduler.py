from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from storage.database import StorageBroken, StorageError, StorageFull
from watcher.daemon.scheduler import Jobs, Trouble

FULL = StorageFull("no room left to write")


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(lambda: datetime.now(UTC))
    yield made
    made.stop()


class Job:
    """Fails as it is told to, and knows how often it was run."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.ended = threading.Event()

    def __call__(self) -> None:
        outcome = self.outcomes.pop(0)
        if not self.outcomes:
            self.outcomes.append(outcome)
            self.ended.set()
        if outcome is not None:
            raise outcome


def run(jobs: Jobs, job: Job) -> None:
    """Until it has come to its last outcome twice, so that what follows from the first is known."""
    jobs.every(0.01, "work", job)
    jobs.start()
    assert job.ended.wait(10)
    job.ended.clear()
    assert job.ended.wait(10)


def test_a_job_is_done_when_it_has_come_to_its_end(jobs: Jobs) -> None:
    assert not jobs.was_done("work")
    run(jobs, Job(None))
    assert jobs.was_done("work")
    assert jobs.age("work") < timedelta(seconds=10)
    assert jobs.trouble() == ""


@pytest.mark.scenario("X3")
@pytest.mark.parametrize("error", [StorageError("the disk reports an error"), Trouble("nothing answers")])
def test_a_job_that_could_not_do_its_work_was_not_done(jobs: Jobs, error: Exception) -> None:
    run(jobs, Job(error))
    assert not jobs.was_done("work")
    assert jobs.trouble() == str(error)
    assert jobs.broken is None


@pytest.mark.scenario("S5")
def test_a_disk_that_fails_is_a_reason_to_end(jobs: Jobs) -> None:
    error = StorageBroken("the disk reports an error")
    run(jobs, Job(error))
    assert jobs.broken is error


@pytest.mark.scenario("S3")
def test_a_full_disk_is_told_and_is_no_reason_to_start_again(jobs: Jobs) -> None:
    run(jobs, Job(FULL))
    assert jobs.was_done("work")
    assert jobs.trouble() == "no room left to write"


def test_trouble_is_said_once_and_forgotten_when_it_is_over(jobs: Jobs) -> None:
    with capture_logs() as said:
        run(jobs, Job(FULL, FULL, FULL, None))
    assert [line["problem"] for line in said] == ["no room left to write"]
    assert jobs.trouble() == ""


def test_trouble_of_one_job_is_not_forgotten_because_another_has_none(jobs: Jobs) -> None:
    jobs.every(0.01, "other", Job(FULL))
    with capture_logs() as said:
        run(jobs, Job(*[None] * 20))
    assert len(said) == 1
    assert jobs.trouble() == "no room left to write"


@pytest.mark.scenario("X9")
def test_a_job_that_hangs_is_not_begun_again_and_holds_up_no_other(jobs: Jobs) -> None:
    begun, goes_on = threading.Semaphore(0), threading.Event()

    def hang() -> None:
        begun.release()
        goes_on.wait(10)

    jobs.every(0.01, "hanging", hang)
    run(jobs, Job(*[None] * 20))
    assert begun.acquire(blocking=False)
    assert not begun.acquire(blocking=False)
    goes_on.set()


@pytest.mark.scenario("X9")
def test_a_job_that_had_to_wait_for_a_thread_is_done_however_late(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    class TenMinutesLater(datetime):
        @classmethod
        def now(cls, zone: object = None) -> datetime:  # type: ignore[override]  # as the executor calls it
            return datetime.now(UTC) + timedelta(minutes=10)

    monkeypatch.setattr("apscheduler.executors.base.datetime", TenMinutesLater)
    done = threading.Event()
    jobs.every(3600, "work", done.set)
    jobs.start()
    assert done.wait(10)


@pytest.mark.scenario("X5")
@pytest.mark.parametrize("jump", [timedelta(hours=-5), timedelta(days=-3 * 365), timedelta(hours=5)])
def test_a_clock_that_jumps_silences_nothing(monkeypatch: pytest.MonkeyPatch, jump: timedelta) -> None:
    offset = timedelta()

    class Clock(datetime):
        @classmethod
        def now(cls, zone: object = None) -> datetime:  # type: ignore[override]  # as the scheduler calls it
            return datetime.now(UTC) + offset

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Clock)
    jobs, done = Jobs(Clock.now), threading.Event()
    jobs.every(0.01, "work", done.set)
    jobs.start()
    assert done.wait(10)
    offset = jump
    back = until_drawn_near(jobs.pull_forward, jump)
    done.clear()
    assert done.wait(10)
    jobs.stop()
    assert abs(back + min(jump, timedelta())) < timedelta(seconds=10)


def until_drawn_near(pull_forward: Callable[[], timedelta], jump: timedelta) -> timedelta:
    """Whether the clock was set back shows when the job was next planned, at the latest."""
    back = timedelta()
    for _ in range(100):
        back = max(back, pull_forward())
        if back or jump > timedelta():
            break
        threading.Event().wait(0.01)
    return back

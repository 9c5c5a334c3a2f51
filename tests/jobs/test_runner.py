"""The runner: jobs in the background, their states, and stopping them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from sealscope.errors import AccessDenied
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import EncryptRequest, Kind, Request, SealOptions
from sealscope.jobs.runner import JobRunner, JobState, JobView
from sealscope.jobs.work import Progress
from sealscope.kms.facade import KmsGate

LONG = 10  # seconds after which a test gives up waiting: far more than anything here takes


def an_outcome(request: Request) -> Outcome:
    return Outcome(
        kind=Kind.ENCRYPT,
        source=str(request.source),
        destination=str(request.destination),
        suite="0578",
        recipients=("arn",),
        encryption_context={},
        opened_by=None,
        key_material_id=None,
        signature_verified=None,
        plaintext_bytes=100,
        message_bytes=150,
        seconds=1.0,
    )


class Held:
    """Work that goes on only when the test says so."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.step = threading.Semaphore(0)
        self.failure: Exception | None = None

    def __call__(
        self, request: Request, gate: KmsGate, *, progress: Progress | None = None
    ) -> Outcome:
        assert progress is not None
        self.started.release()
        assert self.step.acquire(timeout=LONG)
        progress(50)
        if self.failure:
            raise self.failure
        return an_outcome(request)


class Watched:
    """Notes every change of state, and lets a test wait for one."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, JobState]] = []
        self._changed = threading.Condition()

    def __call__(self, view: JobView) -> None:
        with self._changed:
            self.seen.append((view.id, view.state))
            self._changed.notify_all()

    def wait_for(self, job: int, state: JobState) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: (job, state) in self.seen, timeout=LONG)


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def clock() -> list[float]:
    return [100.0]


@pytest.fixture
def runner(held: Held, watched: Watched, clock: list[float]) -> Iterator[JobRunner]:
    runner = JobRunner(
        cast("KmsGate", None), workers=1, on_change=watched, clock=lambda: clock[0], work=held
    )
    yield runner
    held.step.release(100)
    runner.close(cancel=True)


def a_request(tmp_path: Path) -> EncryptRequest:
    source = tmp_path / "source"
    source.write_bytes(bytes(100))
    return EncryptRequest(source, tmp_path / "out", SealOptions(keys=("alias/a",)))


def test_a_job_runs_and_ends_with_its_outcome(
    runner: JobRunner, held: Held, watched: Watched, tmp_path: Path
) -> None:
    job = runner.submit(a_request(tmp_path))
    watched.wait_for(job, JobState.RUNNING)
    busy_while_running = runner.busy
    held.step.release()
    watched.wait_for(job, JobState.DONE)
    view = runner.view(job)
    assert (busy_while_running, runner.busy) == (True, False)
    assert view.outcome == an_outcome(view.request)
    assert (view.done, view.total) == (100, 100)
    assert [state for _, state in watched.seen] == [JobState.RUNNING, JobState.DONE]


def test_rate_and_time_left_come_from_what_is_done(
    runner: JobRunner, held: Held, watched: Watched, clock: list[float], tmp_path: Path
) -> None:
    job = runner.submit(a_request(tmp_path))
    watched.wait_for(job, JobState.RUNNING)
    assert runner.view(job).seconds_left is None
    held.failure = None
    runner._jobs[job].done = 25
    clock[0] += 5
    view = runner.view(job)
    assert (view.seconds, view.rate, view.seconds_left) == (5.0, 5.0, 15.0)


def test_a_failed_job_keeps_its_error(
    runner: JobRunner, held: Held, watched: Watched, tmp_path: Path
) -> None:
    held.failure = AccessDenied("KMS denied access", "where", "what next")
    job = runner.submit(a_request(tmp_path))
    held.step.release()
    watched.wait_for(job, JobState.FAILED)
    assert runner.view(job).error is held.failure


def test_a_fault_of_our_own_is_a_failed_job_that_shows_no_values(
    runner: JobRunner, held: Held, watched: Watched, tmp_path: Path
) -> None:
    held.failure = ValueError("a plaintext data key")
    job = runner.submit(a_request(tmp_path))
    held.step.release()
    watched.wait_for(job, JobState.FAILED)
    error = runner.view(job).error
    assert error is not None
    assert "plaintext" not in str(error)
    assert "ValueError" in error.detail


def test_a_running_job_stops_at_its_next_step(
    runner: JobRunner, held: Held, watched: Watched, tmp_path: Path
) -> None:
    job = runner.submit(a_request(tmp_path))
    watched.wait_for(job, JobState.RUNNING)
    runner.cancel(job)
    held.step.release()
    watched.wait_for(job, JobState.CANCELLED)
    assert runner.view(job).outcome is None


def test_a_waiting_job_never_starts(
    runner: JobRunner, held: Held, watched: Watched, tmp_path: Path
) -> None:
    first = runner.submit(a_request(tmp_path))
    watched.wait_for(first, JobState.RUNNING)
    second = runner.submit(a_request(tmp_path))
    assert runner.view(second).state is JobState.WAITING
    runner.cancel(second)
    watched.wait_for(second, JobState.CANCELLED)
    held.step.release()
    watched.wait_for(first, JobState.DONE)
    assert (second, JobState.RUNNING) not in watched.seen


def test_a_job_that_is_cancelled_twice_is_told_once(
    runner: JobRunner, held: Held, watched: Watched, clock: list[float], tmp_path: Path
) -> None:
    first = runner.submit(a_request(tmp_path))
    watched.wait_for(first, JobState.RUNNING)
    second = runner.submit(a_request(tmp_path))
    runner.cancel(second)
    before = runner.view(second)
    clock[0] += 5
    runner.cancel(second)
    assert runner.view(second) == before
    assert watched.seen.count((second, JobState.CANCELLED)) == 1


def test_a_job_that_comes_after_the_end_is_cancelled_and_keeps_nobody_waiting(
    held: Held, watched: Watched, tmp_path: Path
) -> None:
    """Quitting and submitting can meet: the form that submits must not fall over."""
    runner = JobRunner(cast("KmsGate", None), on_change=watched, work=held)
    runner.close(cancel=True)
    job = runner.submit(a_request(tmp_path))
    assert runner.view(job).state is JobState.CANCELLED
    assert not runner.busy


def test_cancelling_what_is_over_changes_nothing(
    runner: JobRunner, held: Held, watched: Watched, tmp_path: Path
) -> None:
    job = runner.submit(a_request(tmp_path))
    held.step.release()
    watched.wait_for(job, JobState.DONE)
    runner.cancel(job)
    assert runner.view(job).state is JobState.DONE


def test_closing_waits_for_what_runs(held: Held, watched: Watched, tmp_path: Path) -> None:
    runner = JobRunner(cast("KmsGate", None), on_change=watched, work=held)
    job = runner.submit(a_request(tmp_path))
    watched.wait_for(job, JobState.RUNNING)
    held.step.release()
    runner.close(cancel=False)
    assert runner.view(job).state is JobState.DONE


def test_closing_with_cancel_stops_what_runs(held: Held, watched: Watched, tmp_path: Path) -> None:
    runner = JobRunner(cast("KmsGate", None), on_change=watched, work=held)
    job = runner.submit(a_request(tmp_path))
    watched.wait_for(job, JobState.RUNNING)
    closing = threading.Thread(target=runner.close, kwargs={"cancel": True})
    closing.start()
    held.step.release()
    closing.join(LONG)
    assert runner.view(job).state is JobState.CANCELLED


def test_a_source_that_vanished_is_left_to_the_job_to_explain(
    runner: JobRunner, held: Held, watched: Watched, tmp_path: Path
) -> None:
    request = a_request(tmp_path)
    request.source.unlink()
    job = runner.submit(request)
    assert runner.view(job).total == 0

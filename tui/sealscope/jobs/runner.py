"""Runs jobs in the background, in threads of its own, and says how far they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Final, Protocol

from sealscope.errors import Cancelled, SealscopeError
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import Kind, Request
from sealscope.jobs.shared_materials import SharedMaterials
from sealscope.jobs.work import Progress
from sealscope.kms.facade import KmsGate


class Work(Protocol):
    """How one job is done."""

    def __call__(
        self, request: Request, gate: KmsGate, *, progress: Progress | None = None
    ) -> Outcome:
        """Do it, or raise a `SealscopeError`."""


WORKERS: Final = 2
"""Jobs at a time: each already fills a core and the disk."""


class JobState(Enum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen any more."""
        return self not in {JobState.WAITING, JobState.RUNNING}


@dataclass(frozen=True)
class JobView:
    """A job at one moment.

    Attributes:
        done, total: bytes of the source read so far, and in all.
        seconds: since it started to run.
        rate: bytes a second, over the whole run so far.
        seconds_left: None until it can be guessed, and when it is over.
    """

    id: int
    kind: Kind
    source: Path
    destination: Path
    request: Request
    state: JobState
    done: int
    total: int
    seconds: float
    rate: float
    seconds_left: float | None
    outcome: Outcome | None
    error: SealscopeError | None


class _Job:
    def __init__(self, number: int, request: Request, total: int) -> None:
        self.number = number
        self.request = request
        self.total = total
        self.done = 0
        self.state = JobState.WAITING
        self.started = 0.0
        self.ended = 0.0
        self.outcome: Outcome | None = None
        self.error: SealscopeError | None = None
        self.cancel = threading.Event()
        self.future: Future[None] | None = None


class JobRunner:
    """Runs requests, a few at a time.

    Args:
        gate: where the jobs' KMS calls go.
        workers: jobs at a time.
        on_change: called from a worker thread whenever a job's state changes (not for
            progress: look at `views` for that, as often as the screen is drawn).
        clock: seconds, monotonic.
        work: does one job; None for jobs that share data keys where their options ask for it.
    """

    def __init__(
        self,
        gate: KmsGate,
        *,
        workers: int = WORKERS,
        on_change: Callable[[JobView], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        work: Work | None = None,
    ) -> None:
        self._work = work or SharedMaterials()
        self._gate = gate
        self._clock = clock
        self._on_change = on_change
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._jobs: dict[int, _Job] = {}

    def submit(self, request: Request) -> int:
        """Queue a job; its number. After `close` it is cancelled at once."""
        try:
            total = request.source.stat().st_size
        except OSError:
            total = 0  # the job itself will say what is wrong with its source
        job = _Job(next(self._numbers), request, total)
        with self._lock:
            self._jobs[job.number] = job
        try:
            job.future = self._pool.submit(self._run, job)
        except RuntimeError:  # closed, perhaps just now
            self._never_start(job)
        return job.number

    def cancel(self, number: int) -> None:
        """Ask a job to stop; it leaves nothing behind. A finished job stays as it is."""
        job = self._jobs[number]
        job.cancel.set()
        with self._lock:
            # A future says yes each time that it is asked.
            waited = job.future and not job.future.cancelled() and job.future.cancel()
        if waited:
            self._never_start(job)

    def view(self, number: int) -> JobView:
        """One job now."""
        return self._view(self._jobs[number])

    def views(self) -> tuple[JobView, ...]:
        """All jobs now, oldest first."""
        with self._lock:
            jobs = list(self._jobs.values())
        return tuple(self._view(job) for job in jobs)

    @property
    def busy(self) -> bool:
        """Whether a job is waiting or running."""
        return any(not view.state.is_over for view in self.views())

    def close(self, *, cancel: bool) -> None:
        """Stop taking jobs and wait for the running ones; with `cancel`, stop them too."""
        if cancel:
            for view in self.views():
                if not view.state.is_over:
                    self.cancel(view.id)
        self._pool.shutdown(wait=True)

    def _never_start(self, job: _Job) -> None:
        self._finish(job, JobState.CANCELLED, error=Cancelled("Cancelled before it started"))

    def _run(self, job: _Job) -> None:
        job.started = self._clock()
        job.state = JobState.RUNNING
        self._tell(job)

        def progress(done: int) -> None:
            job.done = done
            if job.cancel.is_set():
                raise Cancelled

        try:
            progress(0)
            outcome = self._work(job.request, self._gate, progress=progress)
        except Cancelled as stop:
            self._finish(job, JobState.CANCELLED, error=stop)
        except SealscopeError as problem:
            self._finish(job, JobState.FAILED, error=problem)
        except Exception as problem:  # noqa: BLE001 - shown as a failed job, with its class
            fault = SealscopeError(
                "Sealscope failed inside", type(problem).__name__, "Please report this."
            )
            self._finish(job, JobState.FAILED, error=fault)
        else:
            job.done = job.total
            self._finish(job, JobState.DONE, outcome=outcome)

    def _finish(
        self,
        job: _Job,
        state: JobState,
        *,
        outcome: Outcome | None = None,
        error: SealscopeError | None = None,
    ) -> None:
        job.ended = self._clock()
        job.outcome, job.error = outcome, error
        job.state = state
        self._tell(job)

    def _tell(self, job: _Job) -> None:
        if self._on_change is not None:
            self._on_change(self._view(job))

    def _view(self, job: _Job) -> JobView:
        state, done, total = job.state, job.done, job.total
        end = job.ended if state.is_over else self._clock()
        seconds = max(0.0, end - job.started) if job.started else 0.0
        rate = done / seconds if seconds > 0 else 0.0
        left = (total - done) / rate if state is JobState.RUNNING and rate > 0 else None
        return JobView(
            id=job.number,
            kind=job.request.kind,
            source=job.request.source,
            destination=job.request.destination,
            request=job.request,
            state=state,
            done=done,
            total=total,
            seconds=seconds,
            rate=rate,
            seconds_left=left,
            outcome=job.outcome,
            error=job.error,
        )

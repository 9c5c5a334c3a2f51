"""A few threads that work on items side by side and are stopped when the command is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from sealscope.errors import Cancelled
from sealscope.jobs.plan import Planned
from sealscope.kms.threads import DaemonThreads

if TYPE_CHECKING:
    from sealscope.jobs.outcome import Outcome

Progress = Callable[[int], None]
Work = Callable[[Planned, Progress], "Outcome"]

THREADS: Final = 8


@dataclass(eq=False, slots=True)
class Task:
    """An item on its way.

    Attributes:
        size: bytes of its source.
        started: whether work on it has begun.
        over: whether there is nothing more to wait for: it has an outcome or a problem, or it
            was never begun.
    """

    item: Planned
    size: int
    started: bool = False
    over: bool = False
    outcome: Outcome | None = None
    problem: BaseException | None = None


class SideBySide:
    """Does the work of several items at a time.

    A worker that hangs, in a call to KMS perhaps, does not hold up the end of the process.

    Args:
        work: for one item, in any thread.
        check: raises `Cancelled` when the user wants it to stop.
    """

    def __init__(self, work: Work, check: Callable[[], None]) -> None:
        self._work = work
        self._check_user = check
        self._threads = DaemonThreads(THREADS, "item")
        self._finished: SimpleQueue[Task] = SimpleQueue()
        self._stopped = False

    def submit(self, item: Planned, size: int) -> Task:
        """Begin an item of `size` bytes as soon as a thread is free."""
        task = Task(item, size)
        try:
            self._threads.submit(lambda: self._do(task))
        except RuntimeError:  # no threads for this user
            self._do(task)
        return task

    def wait(self, patience: float | None = None) -> bool:
        """Until one more task is over, open to signals; whether one is.

        Args:
            patience: seconds at most; None for as long as it takes.
        """
        try:
            self._finished.get(timeout=patience)
        except Empty:
            return False
        return True

    def stop(self) -> None:
        """Begin nothing more, and cancel what has begun at its next progress."""
        self._stopped = True

    def close(self, patience: float) -> None:
        """Stop, and wait for what has begun to clean up, `patience` seconds at most."""
        self.stop()
        self._threads.close()
        self._threads.ended(patience)

    def _do(self, task: Task) -> None:
        try:
            self._check(0)
            task.started = True
            task.outcome = self._work(task.item, self._check)
        except BaseException as problem:  # noqa: BLE001 - raised again where the task is reported
            task.problem = problem
        task.over = True
        self._finished.put(task)

    def _check(self, done: int) -> None:  # noqa: ARG002 - the bytes done are of no interest
        if self._stopped:
            raise Cancelled
        self._check_user()

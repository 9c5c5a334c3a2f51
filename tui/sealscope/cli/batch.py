"""Working through a plan, told in order: small files that wait are worked on side by side.

A file that fails does not stop the rest.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sealscope.cli.exit_status import INTERRUPTED
from sealscope.cli.interrupt import PATIENCE, Interruption
from sealscope.cli.pace import Pace
from sealscope.cli.progress import FileBar, RunBar
from sealscope.cli.report import Report
from sealscope.cli.side_by_side import Progress, SideBySide, Task, Work
from sealscope.errors import Cancelled, SealscopeError, UsageError
from sealscope.files import abandon_unfinished
from sealscope.jobs.plan import Item, Planned
from sealscope.jobs.walk import Refused, Skipped

if TYPE_CHECKING:
    from sealscope.jobs.outcome import Outcome

__all__ = ["Progress", "Work", "run_batch", "watched"]

SMALL: Final = 3 << 20
"""Bytes up to which a file may be worked on beside others: as many as there are threads fit into
the memory of a run, whatever their frames. A larger one has the machine to itself, as threads work
on its frames (`crew.WORTHWHILE_BYTES`)."""
WAITING: Final = 64
"""Items that may wait for an earlier one to be told."""

Untold = Task | Skipped | Refused


def run_batch(items: Sequence[Item], work: Work, *, as_json: bool) -> int:
    """Do the work for every planned item; the exit status.

    Args:
        items: of the plan.
        work: for one item; called in any thread.
        as_json: tell it as JSON Lines.

    Raises:
        UsageError: from the first item that is worked on: the command itself is wrong.
        OutputFailed: what became of an item cannot be told.
    """
    report = Report(as_json=as_json)
    with Interruption() as interruption:
        batch = _Batch(items, work, report, interruption)
        patience = PATIENCE
        try:
            batch.run()
        except Cancelled:
            batch.break_off(PATIENCE)
            patience = 0
        except KeyboardInterrupt:  # somebody has lost patience before
            batch.break_off(0)
            patience = 0
        finally:
            batch.close(patience)
    status = report.close()
    return INTERRUPTED if interruption.asked else status


class _Batch:
    def __init__(
        self, items: Sequence[Item], work: Work, report: Report, interruption: Interruption
    ) -> None:
        self._items = items
        self._work = work
        self._report = report
        self._interruption = interruption
        self._side_by_side = SideBySide(work, interruption.check)
        self._untold: deque[Untold] = deque()
        """What is to be told, in the plan's order."""
        self._sizes = [_size(item) if isinstance(item, Planned) else 0 for item in items]
        self._bar = RunBar(sum(size for size in self._sizes if size <= SMALL))
        self._files = sum(isinstance(item, Planned) for item in items)
        self._pace = Pace()
        self._begun = 0
        self._told = 0
        self._alone: Planned | None = None
        """The one that is worked on in this thread, or would be next."""

    def run(self) -> None:
        """Work through the plan.

        Raises:
            Cancelled, KeyboardInterrupt: it was interrupted.
        """
        for item, size in zip(self._items, self._sizes, strict=True):
            if isinstance(item, Planned):
                self._begin(item, size)
            else:
                self._untold.append(item)
            self._tell(WAITING)
        self._tell(0)

    def break_off(self, patience: float) -> None:
        """Tell what is done, and what was interrupted.

        Args:
            patience: seconds that what has begun may take to its next progress.
        """
        self._side_by_side.stop()
        deadline = time.monotonic() + patience
        with contextlib.suppress(KeyboardInterrupt):
            while any(isinstance(one, Task) and not one.over for one in self._untold):
                if not self._side_by_side.wait(max(0.0, deadline - time.monotonic())):
                    break
        self._interruption.settle()
        abandon_unfinished()
        self._bar.pause()
        interrupted = [] if self._alone is None else [self._alone]
        for one in self._untold:
            if not isinstance(one, Task) or (one.over and not isinstance(one.problem, Cancelled)):
                self._tell_one(one)
            elif one.started:
                interrupted.append(one.item)
        for item in interrupted:
            self._report.failed(item.source, Cancelled("Interrupted; nothing unfinished is left"))

    def close(self, patience: float) -> None:
        """Let the threads end."""
        self._bar.pause()
        self._side_by_side.close(patience)

    def _begin(self, item: Planned, size: int) -> None:
        self._begun += 1
        # The first one alone: it shows whether the command itself is wrong.
        if self._begun > 1 and size <= SMALL and self._pace.is_waiting:
            self._untold.append(self._side_by_side.submit(item, size))
            return
        self._tell(0)
        self._alone = item
        self._interruption.check()
        task = Task(item, size, started=True)
        try:
            task.outcome = self._do_alone(item, size)
        except Cancelled:
            raise
        except SealscopeError as problem:
            if isinstance(problem, UsageError) and self._begun == 1:
                raise
            task.problem = problem
        self._alone = None
        self._tell_one(task)

    def _do_alone(self, item: Planned, size: int) -> Outcome:
        if size <= SMALL and self._begun > 1:
            with self._pace.measured():
                return self._work(item, lambda _: self._interruption.check())
        self._bar.pause()
        return watched(item, self._work, self._interruption, self._position(self._begun))

    def _tell(self, untold: int) -> None:
        """Tell in order what is over, and wait until no more than `untold` are left to tell."""
        while self._untold:
            first = self._untold[0]
            if isinstance(first, Task) and not first.over:
                if len(self._untold) <= untold:
                    return
                self._side_by_side.wait()
                continue
            if isinstance(first, Task) and isinstance(first.problem, Cancelled):
                raise first.problem
            self._untold.popleft()
            self._tell_one(first)

    def _tell_one(self, one: Untold) -> None:
        if isinstance(one, Task):
            self._told += 1
            self._bar.done(one.size if one.size <= SMALL else 0, self._position(self._told))
        if isinstance(one, Task) and one.outcome is not None:
            self._report.done(one.outcome)
            return
        self._bar.pause()
        if isinstance(one, Skipped):
            self._report.skipped(one.source, one.reason)
        elif isinstance(one, Refused):
            self._report.failed(one.source, one.error)
        elif isinstance(one.problem, SealscopeError):
            self._report.failed(one.item.source, one.problem)
        elif one.problem is not None:
            raise one.problem

    def _position(self, number: int) -> str:
        return f"{number}/{self._files}" if self._files > 1 else ""


def watched(item: Planned, work: Work, interruption: Interruption, position: str = "") -> Outcome:
    """Do one item's work with a progress bar, open to interruption.

    Raises:
        Cancelled: it was interrupted; nothing is left of it.
        SealscopeError: it failed.
    """
    with FileBar(str(item.source), _size(item) or None, position) as bar:

        def progress(done: int) -> None:
            interruption.check()
            bar.update(done)

        return work(item, progress)


def _size(item: Planned) -> int:
    try:
        return os.stat(item.source).st_size
    except (OSError, ValueError):
        return 0  # the work itself will say what is wrong with it

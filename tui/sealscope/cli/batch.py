"""Working through a plan, file after file: one that fails does not stop the rest."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sealscope import units
from sealscope.cli import output
from sealscope.cli.errors_view import tell_error
from sealscope.cli.exit_status import DONE, FAILED, INTERRUPTED
from sealscope.cli.interrupt import Interruption
from sealscope.cli.progress import FileBar
from sealscope.errors import Cancelled, SealscopeError, UsageError
from sealscope.jobs.plan import Item, Planned
from sealscope.jobs.request import Kind
from sealscope.jobs.walk import Refused, Skipped

if TYPE_CHECKING:
    from pathlib import Path

    from sealscope.jobs.outcome import Outcome

Progress = Callable[[int], None]
Work = Callable[[Planned, Progress], "Outcome"]


class Report:
    """Tells what became of each item, in words or as JSON Lines, and counts."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._counts: Counter[str] = Counter()

    def done(self, outcome: Outcome) -> None:
        """An item succeeded."""
        self._counts["done"] += 1
        if self._as_json:
            output.json_line(outcome.as_json())
        else:
            output.line("{} -> {}  ({})", outcome.source, outcome.destination, _summary(outcome))

    def failed(self, path: Path, error: SealscopeError) -> None:
        """An item failed."""
        self._counts["failed"] += 1
        if self._as_json:
            output.json_line({"path": str(path), "error": error.as_json()})
        else:
            tell_error(error, str(path))

    def skipped(self, path: Path, reason: str) -> None:
        """An item was passed over, as it should be."""
        self._counts["skipped"] += 1
        if self._as_json:
            output.json_line({"path": str(path), "skipped": reason})
        else:
            output.note("sealscope: {}: skipped: {}", str(path), reason)

    def close(self) -> int:
        """Sum up; the exit status."""
        if self._counts.total() > 1 and not self._as_json:
            words = [f"{count} {what}" for what, count in self._counts.items()]
            output.note("sealscope: {}", ", ".join(words))
        return FAILED if self._counts["failed"] else DONE


def run_batch(items: Sequence[Item], work: Work, *, as_json: bool) -> int:
    """Do the work for every planned item; the exit status.

    Raises:
        UsageError: from the first item that is worked on: the command itself is wrong.
        OutputFailed: what became of an item cannot be told.
    """
    report = Report(as_json=as_json)
    files = sum(isinstance(item, Planned) for item in items)
    number = 0
    with Interruption() as interruption:
        for item in items:
            if isinstance(item, Skipped):
                report.skipped(item.source, item.reason)
                continue
            if isinstance(item, Refused):
                report.failed(item.source, item.error)
                continue
            number += 1
            position = f"{number}/{files}" if files > 1 else ""
            try:
                interruption.check()
                outcome = watched(item, work, interruption, position)
            except (Cancelled, KeyboardInterrupt):
                report.failed(item.source, Cancelled("Interrupted; nothing unfinished is left"))
                report.close()
                return INTERRUPTED
            except SealscopeError as problem:
                if isinstance(problem, UsageError) and number == 1:
                    raise
                report.failed(item.source, problem)
            else:
                report.done(outcome)
    return INTERRUPTED if interruption.asked else report.close()


def watched(item: Planned, work: Work, interruption: Interruption, position: str = "") -> Outcome:
    """Do one item's work with a progress bar, open to interruption.

    Raises:
        Cancelled: it was interrupted; nothing is left of it.
        SealscopeError: it failed.
    """
    with FileBar(str(item.source), _size(item), position) as bar:

        def progress(done: int) -> None:
            interruption.check()
            bar.update(done)

        return work(item, progress)


def _size(item: Planned) -> int | None:
    try:
        return os.stat(item.source).st_size or None
    except (OSError, ValueError):
        return None  # the work itself will say what is wrong with it


def _summary(outcome: Outcome) -> str:
    parts = [units.size(outcome.plaintext_bytes), f"suite {outcome.suite}"]
    if outcome.kind is Kind.ENCRYPT:
        count = len(outcome.recipients)
        parts.append("1 recipient" if count == 1 else f"{count} recipients")
    else:
        parts.append(f"opened by {outcome.opened_by}")
        if outcome.signature_verified is not None:
            parts.append("signature verified" if outcome.signature_verified else "not signed")
    return ", ".join(parts)

"""Progress bars for one file and for many, on standard error when that is a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from sealscope.text import shorten, show

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

DELAY: Final = 0.3
"""Seconds before the bar appears: most files are done by then, and nothing flickers."""
INTERVAL: Final = 0.05
NAME_WIDTH: Final = 32


class FileBar:
    """The bar of one file.

    Args:
        name: of the file; any text.
        total: bytes, or None when they are not known.
        position: which file of how many, "3/10"; empty for a single one.
    """

    def __init__(self, name: str, total: int | None, position: str = "") -> None:
        self._bar = _Bar(total, wanted=sys.stderr.isatty())
        shown = shorten(show(name), NAME_WIDTH)
        self._words = f"{position} {shown}" if position else shown

    def update(self, done: int) -> None:
        """Show that `done` bytes have been read."""
        self._bar.update(done, self._words)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # It is wiped, and the line that tells the result takes its place.
        self._bar.wipe()


class RunBar:
    """The bar of files that are worked on side by side.

    Where the line of each finished file goes to the terminal, those lines are the progress.

    Args:
        total: bytes of all files.
    """

    def __init__(self, total: int) -> None:
        self._bar = _Bar(total, wanted=sys.stderr.isatty() and not sys.stdout.isatty())
        self._done = 0

    def done(self, count: int, position: str) -> None:
        """Show that a file of `count` bytes is finished, and which of how many it is."""
        self._done += count
        self._bar.update(self._done, position)

    def pause(self) -> None:
        """Make room for a line; the bar comes back with the next file."""
        self._bar.wipe()


class _Bar:
    def __init__(self, total: int | None, *, wanted: bool) -> None:
        self._total = total
        self._wanted = wanted
        self._next = time.monotonic() + DELAY
        self._bar: tuple[Progress, TaskID] | None = None

    def update(self, done: int, words: str) -> None:
        if not self._wanted or time.monotonic() < self._next:
            return
        if self._bar is None:
            self._bar = self._start()
        progress, task = self._bar
        progress.update(task, completed=done, description=words)
        self._next = time.monotonic() + INTERVAL

    def wipe(self) -> None:
        if self._bar is not None:
            self._bar[0].stop()
            self._bar = None

    def _start(self) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        progress = Progress(
            # A file name is text, never markup.
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr, markup=False, highlight=False, emoji=False),
            transient=True,
            # What is printed meanwhile goes where it was to go, not through the bar's console.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        task = progress.add_task("", total=self._total)
        progress.start()
        return progress, task

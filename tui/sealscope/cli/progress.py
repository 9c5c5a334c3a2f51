"""A progress bar for one file, on standard error when that is a terminal; none elsewhere."""

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
        self._name = name
        self._total = total
        self._position = position
        self._wanted = sys.stderr.isatty()
        self._next = time.monotonic() + DELAY
        self._bar: tuple[Progress, TaskID] | None = None

    def update(self, done: int) -> None:
        """Show that `done` bytes have been read."""
        if not self._wanted or time.monotonic() < self._next:
            return
        if self._bar is None:
            self._bar = self._start()
        progress, task = self._bar
        progress.update(task, completed=done)
        self._next = time.monotonic() + INTERVAL

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            # Transient: it is wiped, and the line that tells the result takes its place.
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
        )
        name = shorten(show(self._name), NAME_WIDTH)
        words = f"{self._position} {name}" if self._position else name
        task = progress.add_task(words, total=self._total)
        progress.start()
        return progress, task

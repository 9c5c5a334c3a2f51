"""Whether files are worth being worked on side by side: when the work is mostly waiting.

Python runs one thread at a time. Files whose data key is at hand keep it busy, and were measured
to take half as long again in several threads as in one, all of them fighting for it. Files that
wait, for KMS or for the disk, take as many times less as there are threads.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SLOW: Final = 0.002
"""Seconds that a file takes when it is worth a thread of its own."""
LOOKED_AT: Final = 4
"""Files that decide. One slow file among them is the one that asked for a new data key."""


class Pace:
    """How long files take, and whether they do so by waiting."""

    def __init__(self) -> None:
        self._slow: deque[bool] = deque(maxlen=LOOKED_AT)

    @property
    def is_waiting(self) -> bool:
        """Whether nearly all files waited for most of their time; it remains so for a run."""
        return sum(self._slow) >= LOOKED_AT - 1

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure the work on one file in this thread, unless it fails."""
        wall, busy = time.perf_counter(), time.thread_time()
        yield
        wall = time.perf_counter() - wall
        busy = time.thread_time() - busy
        self._slow.append(wall >= SLOW and busy < wall / 2)

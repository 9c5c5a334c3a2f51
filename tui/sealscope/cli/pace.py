"""Whether files are worth being worked on side by side: when the work is mostly waiting.

Python runs one thread at a time. Files whose data key is at hand keep it busy, and were measured
to take half as long again in several threads as in one, all of them fighting for it. Files that
wait, for KMS or for the disk, take as many times less as there are threads.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

SLOW: Final = 0.002
"""Seconds that a file takes when it is worth a thread of its own."""
LOOKED_AT: Final = 4
"""Files that decide. One slow file among them is the one that asked for a new data key."""


class Pace:
    """How long files take, and whether they do so by waiting.

    Args:
        clock: seconds that pass.
        busy_clock: seconds that this thread computes.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        busy_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock = clock
        self._busy_clock = busy_clock
        self._slow: deque[bool] = deque(maxlen=LOOKED_AT)

    @property
    def is_waiting(self) -> bool:
        """Whether nearly all files waited for most of their time; it remains so for a run."""
        return sum(self._slow) >= LOOKED_AT - 1

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure the work on one file in this thread, unless it fails."""
        wall, busy = self._clock(), self._busy_clock()
        yield
        wall = self._clock() - wall
        busy = self._busy_clock() - busy
        self._slow.append(wall >= SLOW and busy < wall / 2)

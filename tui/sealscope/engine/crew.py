"""How many threads and how much memory a message is worth."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

WORTHWHILE_BYTES: Final = 16 << 20
"""Coded one batch after the other before threads are started; a file must have as much again.

It takes 4 to 10 milliseconds; starting and ending threads takes one, and ten on a busy machine.
"""
MEMORY_BYTES: Final = 32 << 20
"""Most memory of all batches under way."""
BATCHES: Final = 8
THREADS: Final = 2
"""That code frames, beside one that hashes.

Two, because a file takes writes from one thread at a time: while one writes, the other opens
what it will write next, and each further one only waits (4 cores, 1 GiB in memory, seconds to
seal / open with 0478: one batch after the other 0.50 / 0.57, two threads 0.39 / 0.36, three
0.42 / 0.43, four 0.44 / 0.44; `cp` 0.44).
"""
SHORT_FRAME_BYTES: Final = 32 << 10
"""Below it a frame costs about as much Python as AES, and threads only wait for each other."""


@dataclass(frozen=True)
class Crew:
    """What works on one message.

    Attributes:
        threads: that code frames.
        batches: under way at a time.
        takes_turns: whether frames are coded by one thread at a time, while others read and
            write.
    """

    threads: int
    batches: int
    takes_turns: bool


def crew_for(batch_bytes: int, frame_length: int) -> Crew | None:
    """The crew for a long message; None if one thread does better, or there is but one.

    Args:
        batch_bytes: memory of a batch, input and output.
        frame_length: bytes of content in a frame.
    """
    batches = min(BATCHES, MEMORY_BYTES // batch_bytes)
    if batches < 2 or _cores() < 2:
        return None
    return Crew(THREADS, batches, takes_turns=frame_length < SHORT_FRAME_BYTES)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1

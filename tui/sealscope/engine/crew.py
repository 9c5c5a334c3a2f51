"""How many threads and how much memory a message is worth."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

WORTHWHILE_BYTES: Final = 4 << 20
"""Read one batch after the other before threads are started at all."""
MEMORY_BYTES: Final = 32 << 20
"""Most memory of all batches under way."""
MOST_THREADS: Final = 4
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


def crew_for(batch_bytes: int, frame_length: int, *, signed: bool) -> Crew | None:
    """The crew for a long message; None if one thread does better, or there is but one.

    Args:
        batch_bytes: memory of a batch, input and output.
        frame_length: bytes of content in a frame.
        signed: whether a further thread hashes.
    """
    cores = _cores()
    batches = min(2 * MOST_THREADS, MEMORY_BYTES // batch_bytes)
    if cores < 2 or batches < 2:
        return None
    threads = min(MOST_THREADS - 1 if signed else MOST_THREADS, cores, batches)
    return Crew(threads, batches, takes_turns=frame_length < SHORT_FRAME_BYTES)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
